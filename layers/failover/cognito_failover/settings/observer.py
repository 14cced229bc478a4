"""What an observer in a further Region is told by the person who deploys it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cognito_failover.common.environment import declare_env_field, read_environment
from cognito_failover.common.errors import SettingsError
from cognito_failover.common.region import PerRole
from cognito_failover.settings.validation import OBSERVER_CHECKS, find_invalid_region_name, find_number_out_of_range

_NUMBERS = (
    "round_interval_seconds",
    "suspect_interval_seconds",
    "connect_timeout_seconds",
    "read_timeout_seconds",
    "probe_deadline_seconds",
    "suspect_rounds",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ObserverSettings:
    """Everything an observer is told, each field from one environment variable; the same as the controller's.

    Raises
    ------
    SettingsError
        At construction, if a value is out of range or the values contradict each other.

    """

    observer_region: str = declare_env_field("OBSERVER_REGION")
    primary_region: str = declare_env_field("PRIMARY_REGION")
    standby_region: str = declare_env_field("STANDBY_REGION")
    user_pool_id: str = declare_env_field("USER_POOL_ID")
    client_id: str = declare_env_field("CLIENT_ID")
    canary_secret_arn: str = declare_env_field("CANARY_SECRET_ARN")
    issuer: str = declare_env_field("ISSUER", default="")

    domain_name: str = declare_env_field("DOMAIN_NAME", default="")
    primary_target: str = declare_env_field("PRIMARY_TARGET", default="")
    standby_target: str = declare_env_field("STANDBY_TARGET", default="")
    target_probe_path: str = declare_env_field("TARGET_PROBE_PATH", default="")

    named_witness_regions: tuple[str, ...] = declare_env_field("WITNESS_REGIONS")
    round_interval_seconds: int = declare_env_field("ROUND_INTERVAL_SECONDS", default=10)
    suspect_interval_seconds: int = declare_env_field("SUSPECT_INTERVAL_SECONDS", default=5)
    connect_timeout_seconds: float = declare_env_field("CONNECT_TIMEOUT_SECONDS", default=2.0)
    read_timeout_seconds: float = declare_env_field("READ_TIMEOUT_SECONDS", default=3.0)
    probe_deadline_seconds: float = declare_env_field("PROBE_DEADLINE_SECONDS", default=5.0)
    suspect_rounds: int = declare_env_field("SUSPECT_ROUNDS", default=3)

    table_name: str = declare_env_field("TABLE_NAME")

    def __post_init__(self) -> None:
        if problem := next((problem for check in _CHECKS if (problem := check(self))), None):
            raise SettingsError(problem)

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "ObserverSettings":
        """Read the settings from environment variables; an empty one counts as not given.

        Raises
        ------
        SettingsError
            If one is missing, can't be read as its type, or the settings contradict each other.

        """
        return cls(**read_environment(cls, env))

    @property
    def regions(self) -> PerRole[str]:
        """The Region on each side."""
        return PerRole(primary=self.primary_region, standby=self.standby_region)

    @property
    def has_managed_records(self) -> bool:
        """Whether there is a domain with a target in each Region."""
        return bool(self.domain_name)

    @property
    def witness_regions(self) -> tuple[str, ...]:
        """The third Regions but this one, which the observer would reach however cut off it is."""
        return tuple(region for region in self.named_witness_regions if region != self.observer_region)

    @property
    def expected_issuer(self) -> str:
        """The ``iss`` of every token, whichever Region issued it (issuer type UPDATED unless one is given)."""
        return self.issuer or f"https://issuer-cognito-idp.{self.primary_region}.amazonaws.com/{self.user_pool_id}"

    @property
    def observation_interval_seconds(self) -> int:
        """From the start of one look to the next: a second less than the controller's rounds are apart.

        So what it saw is written before a round that begins a whole interval later reads it, and the first round that
        a majority can agree on comes at most one interval after the first that the controller alone could.
        """
        return self.round_interval_seconds - 1

    @property
    def observation_ttl_seconds(self) -> float:
        """How old an observation may be and still count: two intervals."""
        return 2.0 * self.round_interval_seconds


def _check_numbers_in_range(settings: ObserverSettings) -> str | None:
    return find_number_out_of_range(settings, _NUMBERS)


def _check_region_names(settings: ObserverSettings) -> str | None:
    return find_invalid_region_name(
        (
            ("PRIMARY_REGION", settings.primary_region),
            ("STANDBY_REGION", settings.standby_region),
            *(("WITNESS_REGIONS", region) for region in settings.named_witness_regions),
        )
    )


def _check_observer_in_third_region(settings: ObserverSettings) -> str | None:
    for region, whose in ((settings.primary_region, "primary"), (settings.standby_region, "standby")):
        if settings.observer_region == region:
            return f"This is {region}, the {whose} Region; an observer stands in a third one. Deploy it elsewhere."
    return None


def _check_secret_is_local(settings: ObserverSettings) -> str | None:
    secret_region = [*settings.canary_secret_arn.split(":"), "", "", "", ""][3]
    if secret_region == settings.observer_region:
        return None
    return (
        f"CANARY_SECRET_ARN names a secret in {secret_region or 'no Region'}, but an observer must not need any Region "
        f"but its own to look; replicate the secret to {settings.observer_region} and give the replica's ARN."
    )


_CHECKS: tuple[Callable[[ObserverSettings], str | None], ...] = (
    _check_numbers_in_range,
    _check_region_names,
    _check_observer_in_third_region,
    _check_secret_is_local,
    *OBSERVER_CHECKS,
)
