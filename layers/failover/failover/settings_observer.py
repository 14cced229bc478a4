"""What an observer in a further Region is told by the person who deploys it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from failover.environment import read, variable
from failover.errors import SettingsError
from failover.region import PerSide
from failover.settings_checks import OBSERVING, misnamed_region, number_out_of_range

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

    observer_region: str = variable("OBSERVER_REGION")
    primary_region: str = variable("PRIMARY_REGION")
    standby_region: str = variable("STANDBY_REGION")
    user_pool_id: str = variable("USER_POOL_ID")
    client_id: str = variable("CLIENT_ID")
    canary_secret_arn: str = variable("CANARY_SECRET_ARN")
    issuer: str = variable("ISSUER", default="")

    domain_name: str = variable("DOMAIN_NAME", default="")
    primary_target: str = variable("PRIMARY_TARGET", default="")
    standby_target: str = variable("STANDBY_TARGET", default="")
    target_probe_path: str = variable("TARGET_PROBE_PATH", default="")

    named_witness_regions: tuple[str, ...] = variable("WITNESS_REGIONS")
    round_interval_seconds: int = variable("ROUND_INTERVAL_SECONDS", default=10)
    suspect_interval_seconds: int = variable("SUSPECT_INTERVAL_SECONDS", default=5)
    connect_timeout_seconds: float = variable("CONNECT_TIMEOUT_SECONDS", default=2.0)
    read_timeout_seconds: float = variable("READ_TIMEOUT_SECONDS", default=3.0)
    probe_deadline_seconds: float = variable("PROBE_DEADLINE_SECONDS", default=5.0)
    suspect_rounds: int = variable("SUSPECT_ROUNDS", default=3)

    table_name: str = variable("TABLE_NAME")

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
        return cls(**read(cls, env))

    @property
    def regions(self) -> PerSide[str]:
        """The Region on each side."""
        return PerSide(primary=self.primary_region, standby=self.standby_region)

    @property
    def moves_records(self) -> bool:
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
    def look_interval_seconds(self) -> int:
        """From the start of one look to the next: a second less than the controller's rounds are apart.

        So what it saw is written before a round that begins a whole interval later reads it, and the first round that
        a majority can agree on comes at most one interval after the first that the controller alone could.
        """
        return self.round_interval_seconds - 1

    @property
    def fresh_seconds(self) -> float:
        """How old an observation may be and still count: two intervals."""
        return 2.0 * self.round_interval_seconds


def _numbers_are_in_range(settings: ObserverSettings) -> str | None:
    return number_out_of_range(settings, _NUMBERS)


def _regions_are_named_as_regions(settings: ObserverSettings) -> str | None:
    return misnamed_region(
        (
            ("PRIMARY_REGION", settings.primary_region),
            ("STANDBY_REGION", settings.standby_region),
            *(("WITNESS_REGIONS", region) for region in settings.named_witness_regions),
        )
    )


def _observer_is_in_a_third_region(settings: ObserverSettings) -> str | None:
    for region, whose in ((settings.primary_region, "primary"), (settings.standby_region, "standby")):
        if settings.observer_region == region:
            return f"This is {region}, the {whose} Region; an observer stands in a third one. Deploy it elsewhere."
    return None


def _secret_is_at_hand(settings: ObserverSettings) -> str | None:
    secret_region = [*settings.canary_secret_arn.split(":"), "", "", "", ""][3]
    if secret_region == settings.observer_region:
        return None
    return (
        f"CANARY_SECRET_ARN names a secret in {secret_region or 'no Region'}, but an observer must not need any Region "
        f"but its own to look; replicate the secret to {settings.observer_region} and give the replica's ARN."
    )


_CHECKS: tuple[Callable[[ObserverSettings], str | None], ...] = (
    _numbers_are_in_range,
    _regions_are_named_as_regions,
    _observer_is_in_a_third_region,
    _secret_is_at_hand,
    *OBSERVING,
)
