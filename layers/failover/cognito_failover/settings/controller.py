"""What the person who deploys decides, read from the function's environment and checked as a whole."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from cognito_failover.common.environment import declare_env_field as _setting
from cognito_failover.common.environment import read_environment
from cognito_failover.common.errors import SettingsError
from cognito_failover.common.latch_name import LatchName
from cognito_failover.common.region import PerRole
from cognito_failover.common.time_budget import HANDOVER_SECONDS, LEVER_BUDGET_SECONDS
from cognito_failover.settings.validation import NO_RESOLVERS, find_settings_problem


class FailbackPolicy(StrEnum):
    """Who brings users back to a primary that has recovered, and how."""

    MANUAL = "manual"
    STEPPED = "stepped"
    ALL_AT_ONCE = "all-at-once"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be set, each field from one environment variable.

    Raises
    ------
    SettingsError
        At construction, if a value is out of range or the values together can't keep the promise.

    """

    primary_region: str = _setting("PRIMARY_REGION")
    standby_region: str = _setting("STANDBY_REGION")
    user_pool_id: str = _setting("USER_POOL_ID")
    client_id: str = _setting("CLIENT_ID")
    canary_secret_arn: str = _setting("CANARY_SECRET_ARN")
    issuer: str = _setting("ISSUER", default="")

    hosted_zone_id: str = _setting("HOSTED_ZONE_ID")
    hosted_zone_role_arn: str = _setting("HOSTED_ZONE_ROLE_ARN", default="")
    domain_name: str = _setting("DOMAIN_NAME", default="")
    primary_target: str = _setting("PRIMARY_TARGET", default="")
    standby_target: str = _setting("STANDBY_TARGET", default="")
    primary_target_zone_id: str = _setting("PRIMARY_TARGET_ZONE_ID", default="")
    standby_target_zone_id: str = _setting("STANDBY_TARGET_ZONE_ID", default="")
    managed_login_domain: str = _setting("MANAGED_LOGIN_DOMAIN", default="")
    latch_bucket: str = _setting("LATCH_BUCKET", default="")
    latch_metric_namespace: str = _setting("LATCH_METRIC_NAMESPACE", default="")
    records_latch_check_id: str = _setting("RECORDS_LATCH_CHECK_ID", default="")
    domain_latch_check_id: str = _setting("DOMAIN_LATCH_CHECK_ID", default="")
    standby_check_id: str = _setting("STANDBY_CHECK_ID", default="")
    record_ttl_seconds: int = _setting("RECORD_TTL_SECONDS", default=60)
    target_probe_path: str = _setting("TARGET_PROBE_PATH", default="")

    witness_regions: tuple[str, ...] = _setting("WITNESS_REGIONS", default=("eu-west-1", "us-west-2"))
    remote_observers: tuple[str, ...] = _setting("OBSERVERS", default=())
    public_resolvers: tuple[str, ...] = _setting("PUBLIC_RESOLVERS", default=("1.1.1.1", "8.8.8.8", "9.9.9.9"))
    round_interval_seconds: int = _setting("ROUND_INTERVAL_SECONDS", default=10)
    suspect_interval_seconds: int = _setting("SUSPECT_INTERVAL_SECONDS", default=5)
    connect_timeout_seconds: float = _setting("CONNECT_TIMEOUT_SECONDS", default=2.0)
    read_timeout_seconds: float = _setting("READ_TIMEOUT_SECONDS", default=3.0)
    probe_deadline_seconds: float = _setting("PROBE_DEADLINE_SECONDS", default=5.0)

    suspect_rounds: int = _setting("SUSPECT_ROUNDS", default=3)
    recovery_rounds: int = _setting("RECOVERY_ROUNDS", default=30)
    replication_lag_alarm_seconds: int = _setting("REPLICATION_LAG_ALARM_SECONDS", default=60)
    max_replication_lag_seconds: int = _setting("MAX_REPLICATION_LAG_SECONDS", default=0)
    cool_down_seconds: int = _setting("COOL_DOWN_SECONDS", default=900)
    max_automatic_moves_per_day: int = _setting("MAX_AUTOMATIC_MOVES_PER_DAY", default=2)
    failback_policy: FailbackPolicy = _setting("FAILBACK_POLICY", default=FailbackPolicy.MANUAL)
    count_trigger_as_sick: bool = _setting("COUNT_TRIGGER_AS_SICK", default=False)
    observe_only: bool = _setting("OBSERVE_ONLY", default=False)
    drill_window: str = _setting("DRILL_WINDOW", default="")

    table_name: str = _setting("TABLE_NAME")
    topic_arn: str = _setting("TOPIC_ARN")
    event_bus_name: str = _setting("EVENT_BUS_NAME", default="default")
    report_bucket: str = _setting("REPORT_BUCKET", default="")
    runbook_url: str = _setting("RUNBOOK_URL", default="docs/runbooks")
    decided_region_parameter: str = _setting("DECIDED_REGION_PARAMETER", default="")
    stack_id: str = _setting("STACK_ID", default="")

    def __post_init__(self) -> None:
        if problem := find_settings_problem(self):
            raise SettingsError(problem)

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Settings":
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
        """Whether users sign in through a domain whose records are moved, rather than only through Cognito's own."""
        return bool(self.domain_name)

    @property
    def latch_check_ids(self) -> dict[LatchName, str]:
        """The inverted health check of every latch there is."""
        all_ids = {LatchName.RECORDS: self.records_latch_check_id, LatchName.DOMAIN: self.domain_latch_check_id}
        return {name: check_id for name, check_id in all_ids.items() if check_id}

    @property
    def traffic_source_name(self) -> str:
        """What decides where users go, as messages call it."""
        return "records" if self.has_managed_records else "latch"

    @property
    def sign_in_name(self) -> str:
        """The name to call it all by: the domain whose records move, or else Cognito's own."""
        return self.domain_name or self.managed_login_domain

    @property
    def observers(self) -> tuple[str, ...]:
        """Who observes, by Region, the controller itself first: a majority of them decides what is known."""
        return (self.standby_region, *self.remote_observers)

    @property
    def resolvers(self) -> tuple[str, ...]:
        """The addresses of the public resolvers that are asked during a move."""
        return () if self.public_resolvers == (NO_RESOLVERS,) else self.public_resolvers

    @property
    def targets(self) -> PerRole[str]:
        """What the domain's record of each side points at: a host name or an address."""
        return PerRole(primary=self.primary_target, standby=self.standby_target)

    @property
    def target_zone_ids(self) -> PerRole[str]:
        """The hosted zone of each alias target; empty where the record isn't an alias."""
        return PerRole(primary=self.primary_target_zone_id, standby=self.standby_target_zone_id)

    @property
    def expected_issuer(self) -> str:
        """The ``iss`` of every token, whichever Region issued it (issuer type UPDATED unless one is given)."""
        return self.issuer or f"https://issuer-cognito-idp.{self.primary_region}.amazonaws.com/{self.user_pool_id}"

    @property
    def observation_ttl_seconds(self) -> float:
        """How old an observation may be and still count: two intervals."""
        return 2.0 * self.round_interval_seconds

    @property
    def round_seconds(self) -> float:
        """How long a round usually takes at most: its probes up to their deadline, and the levers."""
        return self.probe_deadline_seconds + LEVER_BUDGET_SECONDS

    @property
    def lease_seconds(self) -> int:
        """How long a round keeps others from acting, and so the longest it may last: two intervals."""
        return 2 * self.round_interval_seconds

    @property
    def max_detection_seconds(self) -> float:
        """The longest time from a hard outage of the active Region to the decision, with a healthy other one."""
        to_next_round = HANDOVER_SECONDS + self.round_interval_seconds
        further_rounds = (self.suspect_rounds - 1) * max(self.suspect_interval_seconds, self.probe_deadline_seconds)
        return to_next_round + further_rounds + self.probe_deadline_seconds
