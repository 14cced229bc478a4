"""Settings of an observer."""

from collections.abc import Callable
from dataclasses import dataclass

from cognito_failover.common.environment import declare_env_field
from cognito_failover.common.errors import SettingsError
from cognito_failover.settings.probe import ProbeSettings
from cognito_failover.settings.validation import (
    PROBE_CHECKS,
    find_invalid_region_name,
    find_number_out_of_range,
    find_remote_secret,
)

_NUMBERS = (
    "round_interval_seconds",
    "suspect_interval_seconds",
    "connect_timeout_seconds",
    "read_timeout_seconds",
    "probe_deadline_seconds",
    "suspect_rounds",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ObserverSettings(ProbeSettings):
    """Settings of an observer. The shared ones must equal the controller's.

    Raises
    ------
    SettingsError
        At construction, if a value is out of range or contradicts another.

    """

    observer_region: str = declare_env_field("OBSERVER_REGION")
    witness_regions: tuple[str, ...] = declare_env_field("WITNESS_REGIONS")

    def __post_init__(self) -> None:
        if problem := next((problem for check in _CHECKS if (problem := check(self))), None):
            raise SettingsError(problem)

    @property
    def probed_witness_regions(self) -> tuple[str, ...]:
        """All witness Regions except the observer's own, which an isolated observer still reaches."""
        return tuple(region for region in self.witness_regions if region != self.observer_region)

    @property
    def observation_interval_seconds(self) -> int:
        """Time from the start of one observation to the next: one second less than the round interval.

        A round that starts one interval later then always reads this observation. The first round in which a quorum can
        agree starts at most one interval after the first round in which the controller alone could decide.
        """
        return self.round_interval_seconds - 1


def _check_numbers_in_range(settings: ObserverSettings) -> str | None:
    return find_number_out_of_range(settings, _NUMBERS)


def _check_region_names(settings: ObserverSettings) -> str | None:
    return find_invalid_region_name(
        (
            ("PRIMARY_REGION", settings.primary_region),
            ("STANDBY_REGION", settings.standby_region),
            *(("WITNESS_REGIONS", region) for region in settings.witness_regions),
        )
    )


def _check_observer_in_third_region(settings: ObserverSettings) -> str | None:
    for role, region in settings.regions:
        if settings.observer_region == region:
            return f"This is {region}, the {role} Region. Deploy the observer in a third Region."
    return None


def _check_secret_is_local(settings: ObserverSettings) -> str | None:
    return find_remote_secret(settings.canary_secret_arn, settings.observer_region, reader="an observer")


_CHECKS: tuple[Callable[[ObserverSettings], str | None], ...] = (
    _check_numbers_in_range,
    _check_region_names,
    _check_observer_in_third_region,
    _check_secret_is_local,
    *PROBE_CHECKS,
)
