"""Settings of the controller, and of the functions that are deployed with it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address

from cognito_failover.common.environment import declare_env_field as _setting
from cognito_failover.common.errors import SettingsError
from cognito_failover.common.region import PerRole
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.common.time_budget import (
    CONFIRMATION_TIMEOUT_SECONDS,
    HANDOVER_SECONDS,
    LEVER_BUDGET_SECONDS,
)
from cognito_failover.common.time_window import TimeWindow, TimeWindowError
from cognito_failover.settings.probe import ProbeSettings
from cognito_failover.settings.validation import (
    PROBE_CHECKS,
    RANGES,
    find_invalid_region_name,
    find_number_out_of_range,
    find_remote_secret,
)

NO_RESOLVERS = "none"
"""Value of PUBLIC_RESOLVERS that disables the queries to public resolvers."""

MAX_RESOLVERS = 6
"""Maximum number of public resolvers. Each sample of the timeline holds the answers of all of them."""

_DAY_SECONDS = 86_400


class FailbackPolicy(StrEnum):
    """Who starts the failback after the primary has recovered, and its mode."""

    MANUAL = "manual"
    STEPPED = "stepped"
    ALL_AT_ONCE = "all-at-once"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(ProbeSettings):
    """Settings of the controller, each read from one environment variable.

    Raises
    ------
    SettingsError
        At construction, if a value is out of range or contradicts another.

    """

    hosted_zone_id: str = _setting("HOSTED_ZONE_ID")
    hosted_zone_role_arn: str = _setting("HOSTED_ZONE_ROLE_ARN", default="")
    primary_target_zone_id: str = _setting("PRIMARY_TARGET_ZONE_ID", default="")
    standby_target_zone_id: str = _setting("STANDBY_TARGET_ZONE_ID", default="")
    managed_login_domain: str = _setting("MANAGED_LOGIN_DOMAIN", default="")
    latch_bucket: str = _setting("LATCH_BUCKET", default="")
    latch_metric_namespace: str = _setting("LATCH_METRIC_NAMESPACE", default="")
    records_latch_check_id: str = _setting("RECORDS_LATCH_CHECK_ID", default="")
    domain_latch_check_id: str = _setting("DOMAIN_LATCH_CHECK_ID", default="")
    standby_check_id: str = _setting("STANDBY_CHECK_ID", default="")
    record_ttl_seconds: int = _setting("RECORD_TTL_SECONDS", default=60)

    remote_observers: tuple[str, ...] = _setting("OBSERVERS", default=())
    public_resolvers: tuple[str, ...] = _setting("PUBLIC_RESOLVERS", default=("1.1.1.1", "8.8.8.8", "9.9.9.9"))

    recovery_rounds: int = _setting("RECOVERY_ROUNDS", default=30)
    replication_lag_alarm_seconds: int = _setting("REPLICATION_LAG_ALARM_SECONDS", default=60)
    max_replication_lag_seconds: int = _setting("MAX_REPLICATION_LAG_SECONDS", default=0)
    cool_down_seconds: int = _setting("COOL_DOWN_SECONDS", default=900)
    max_automatic_moves_per_day: int = _setting("MAX_AUTOMATIC_MOVES_PER_DAY", default=2)
    failback_policy: FailbackPolicy = _setting("FAILBACK_POLICY", default=FailbackPolicy.MANUAL)
    count_trigger_as_sick: bool = _setting("COUNT_TRIGGER_AS_SICK", default=False)
    count_target_refusal_as_sick: bool = _setting("COUNT_TARGET_REFUSAL_AS_SICK", default=False)
    observe_only: bool = _setting("OBSERVE_ONLY", default=False)
    drill_window: str = _setting("DRILL_WINDOW", default="")

    topic_arn: str = _setting("TOPIC_ARN")
    event_bus_name: str = _setting("EVENT_BUS_NAME", default="default")
    report_bucket: str = _setting("REPORT_BUCKET", default="")
    runbook_url: str = _setting("RUNBOOK_URL", default="docs/runbooks")
    decided_region_parameter: str = _setting("DECIDED_REGION_PARAMETER", default="")
    stack_id: str = _setting("STACK_ID", default="")

    def __post_init__(self) -> None:
        if problem := next((problem for check in _CHECKS if (problem := check(self))), None):
            raise SettingsError(problem)

    @property
    def latch_check_ids(self) -> dict[SteeredName, str]:
        """Inverted health check of each latch that is deployed."""
        all_ids = {SteeredName.RECORDS: self.records_latch_check_id, SteeredName.DOMAIN: self.domain_latch_check_id}
        return {name: check_id for name, check_id in all_ids.items() if check_id}

    @property
    def traffic_source_name(self) -> str:
        """What directs the users, as messages name it."""
        return "records" if self.has_managed_records else "latch"

    @property
    def sign_in_name(self) -> str:
        """Domain that messages name: the one whose records move, or else Cognito's own."""
        return self.domain_name or self.managed_login_domain

    @property
    def observers(self) -> tuple[str, ...]:
        """Regions of all observers, the controller first. A majority of them forms the consensus."""
        return (self.standby_region, *self.remote_observers)

    @property
    def resolvers(self) -> tuple[str, ...]:
        """Addresses of the public resolvers to query during a move."""
        return () if self.public_resolvers == (NO_RESOLVERS,) else self.public_resolvers

    @property
    def targets(self) -> PerRole[str]:
        """Host name or addresses that each Region's record of the domain answers with."""
        return PerRole(primary=self.primary_target, standby=self.standby_target)

    @property
    def target_zone_ids(self) -> PerRole[str]:
        """Hosted zone of each alias target. Empty if the record is not an alias."""
        return PerRole(primary=self.primary_target_zone_id, standby=self.standby_target_zone_id)

    @property
    def round_seconds(self) -> float:
        """Usual maximum duration of a round: the probe's deadline and the time for the levers."""
        return self.probe_deadline_seconds + LEVER_BUDGET_SECONDS

    @property
    def lease_seconds(self) -> int:
        """Duration of the lease, and so the maximum duration of a round: two intervals."""
        return 2 * self.round_interval_seconds

    @property
    def max_detection_seconds(self) -> float:
        """Maximum time from a total outage of the active Region to the decision, if the other Region is healthy."""
        to_next_round = HANDOVER_SECONDS + self.round_interval_seconds
        later_rounds = (self.suspect_rounds - 1) * max(self.suspect_interval_seconds, self.probe_deadline_seconds)
        return to_next_round + later_rounds + self.probe_deadline_seconds


def _check_numbers_in_range(settings: Settings) -> str | None:
    return find_number_out_of_range(settings, RANGES)


def _check_region_names(settings: Settings) -> str | None:
    return find_invalid_region_name(
        (
            ("PRIMARY_REGION", settings.primary_region),
            ("STANDBY_REGION", settings.standby_region),
            *(("WITNESS_REGIONS", region) for region in settings.witness_regions),
            *(("OBSERVERS", region) for region in settings.remote_observers),
        )
    )


def _check_secret_is_local(settings: Settings) -> str | None:
    return find_remote_secret(settings.canary_secret_arn, settings.standby_region, reader="the controller")


def _check_observers_in_third_regions(settings: Settings) -> str | None:
    named = settings.remote_observers
    if settings.primary_region in named:
        return (
            f"OBSERVERS names {settings.primary_region}, the primary Region. An observer there fails with that Region, "
            f"and may still reach it when users can't. Name third Regions."
        )
    if settings.standby_region in named:
        return f"OBSERVERS names {settings.standby_region}, where the controller observes. Name third Regions."
    if len(set(named)) < len(named):
        return f"OBSERVERS is {','.join(named)}, which names a Region twice. Name each Region once: each has one vote."
    return None


def _check_resolver_addresses(settings: Settings) -> str | None:
    named = settings.public_resolvers
    if named == (NO_RESOLVERS,):
        return None
    for resolver in named:
        try:
            ip_address(resolver)
        except ValueError:
            return (
                f"PUBLIC_RESOLVERS names {resolver!r}, which is not an IP address. Use addresses such as 1.1.1.1, or "
                f"only the word {NO_RESOLVERS}."
            )
    if len(named) > MAX_RESOLVERS:
        return f"PUBLIC_RESOLVERS names {len(named)} resolvers. Name at most {MAX_RESOLVERS}."
    return None


def _check_recovery_exceeds_suspicion(settings: Settings) -> str | None:
    if settings.recovery_rounds > settings.suspect_rounds:
        return None
    return (
        f"RECOVERY_ROUNDS is {settings.recovery_rounds}, not more than SUSPECT_ROUNDS, {settings.suspect_rounds}. "
        f"Use more: to confirm a recovery must take longer than to detect an outage."
    )


def _check_cool_down_outlasts_move(settings: Settings) -> str | None:
    decision_seconds = settings.round_interval_seconds * settings.suspect_rounds
    minimum = decision_seconds + CONFIRMATION_TIMEOUT_SECONDS
    if settings.cool_down_seconds >= minimum:
        return None
    return (
        f"COOL_DOWN_SECONDS is {settings.cool_down_seconds}, less than the {decision_seconds} s that "
        f"{settings.suspect_rounds} rounds of {settings.round_interval_seconds} s need to decide plus the "
        f"{CONFIRMATION_TIMEOUT_SECONDS:g} s that a move may need to be confirmed. Use {minimum:g} or more: a shorter "
        f"cool-down ends before the move does."
    )


def _check_drill_window(settings: Settings) -> str | None:
    if not settings.drill_window:
        return None
    try:
        TimeWindow.parse(settings.drill_window)
    except TimeWindowError as error:
        return f"DRILL_WINDOW: {error} Leave it empty to allow drills at any time."
    return None


def _check_move_budget_allows_failback(settings: Settings) -> str | None:
    minimum = 3
    if settings.failback_policy is FailbackPolicy.MANUAL or settings.max_automatic_moves_per_day >= minimum:
        return None
    return (
        f"FAILBACK_POLICY is {settings.failback_policy}, and MAX_AUTOMATIC_MOVES_PER_DAY is "
        f"{settings.max_automatic_moves_per_day}. A failover takes one move, and one is always reserved for another "
        f"failover: none is left for the failback. Use {minimum} or more, or FAILBACK_POLICY manual."
    )


def _check_domain_is_set(settings: Settings) -> str | None:
    if settings.domain_name or settings.managed_login_domain:
        return None
    return (
        "DOMAIN_NAME and MANAGED_LOGIN_DOMAIN are both empty, so there is nothing to move. Set the domain whose "
        "records are moved, Cognito's own custom domain, or both."
    )


def _check_records_have_targets(settings: Settings) -> str | None:
    record_settings = (
        ("PRIMARY_TARGET", settings.primary_target),
        ("STANDBY_TARGET", settings.standby_target),
    )
    if settings.domain_name:
        empty = [name for name, value in record_settings if not value]
        return f"{' and '.join(empty)} must be set, because DOMAIN_NAME is {settings.domain_name}." if empty else None
    other_settings = (
        ("PRIMARY_TARGET_ZONE_ID", settings.primary_target_zone_id),
        ("STANDBY_TARGET_ZONE_ID", settings.standby_target_zone_id),
        ("TARGET_PROBE_PATH", settings.target_probe_path),
    )
    unused = [name for name, value in (*record_settings, *other_settings) if value]
    return f"{', '.join(unused)} must be empty if DOMAIN_NAME is empty: they belong to its records." if unused else None


def _check_domains_differ(settings: Settings) -> str | None:
    if not settings.domain_name or settings.domain_name != settings.managed_login_domain:
        return None
    return (
        f"DOMAIN_NAME and MANAGED_LOGIN_DOMAIN are both {settings.domain_name}. Cognito's own custom domain has one "
        f"target for both Regions, so its records can't be moved. Leave DOMAIN_NAME empty, or use another name."
    )


def _check_latch_settings_complete(settings: Settings) -> str | None:
    """Return a message if a part of a latch is missing. The template sets all parts or none."""
    if settings.managed_login_domain and not settings.domain_latch_check_id:
        return (
            f"MANAGED_LOGIN_DOMAIN is {settings.managed_login_domain}, which only a latch can move, and "
            f"DOMAIN_LATCH_CHECK_ID is empty. Deploy with LatchType=object or LatchType=metric."
        )
    switch_count = bool(settings.latch_bucket) + bool(settings.latch_metric_namespace)
    if switch_count > 1:
        return "LATCH_BUCKET and LATCH_METRIC_NAMESPACE are both set. A latch has one type: set one of them."
    if settings.latch_check_ids and not switch_count:
        return "A latch has a health check, but neither LATCH_BUCKET nor LATCH_METRIC_NAMESPACE is set. Set one."
    if settings.domain_latch_check_id and not settings.managed_login_domain:
        return "DOMAIN_LATCH_CHECK_ID is set, but MANAGED_LOGIN_DOMAIN is empty. Set both or neither."
    if settings.records_latch_check_id and not (settings.domain_name and settings.standby_check_id):
        return (
            "RECORDS_LATCH_CHECK_ID is set, but DOMAIN_NAME or STANDBY_CHECK_ID is empty. Set all three: the records' "
            "latch needs a health check of the standby's own target."
        )
    return None


def _check_lag_limit_is_measurable(settings: Settings) -> str | None:
    limit, minimum = settings.max_replication_lag_seconds, 2 * settings.round_interval_seconds
    if limit == 0 or minimum <= limit <= _DAY_SECONDS:
        return None
    return (
        f"MAX_REPLICATION_LAG_SECONDS is {limit}; it must be from {minimum} to {_DAY_SECONDS}, or empty for no limit. "
        f"The minimum is two rounds, because a lag of more than a few seconds is measured to the round."
    )


def _check_probe_path(settings: Settings) -> str | None:
    path = settings.target_probe_path
    if not path or path.startswith("/"):
        return None
    return f"TARGET_PROBE_PATH is {path!r}; it must begin with a slash, or be empty to probe with a login."


def _check_alias_zones_paired(settings: Settings) -> str | None:
    if bool(settings.primary_target_zone_id) == bool(settings.standby_target_zone_id):
        return None
    return "PRIMARY_TARGET_ZONE_ID and STANDBY_TARGET_ZONE_ID go together. Set both for alias records, or neither."


def _check_targets_same_type(settings: Settings) -> str | None:
    for role, target in settings.targets:
        addresses = [part for part in target.split(",") if _is_address(part.strip())]
        if addresses and len(addresses) < len(target.split(",")):
            return (
                f"{role.upper()}_TARGET is {target}, which mixes addresses and host names. "
                f"Use one host name, or only addresses."
            )
        if addresses and settings.target_zone_ids[role]:
            return (
                f"{role.upper()}_TARGET is {target}, an address, and an alias record can't point to an address. "
                f"Leave {role.upper()}_TARGET_ZONE_ID empty."
            )
    return None


def _check_targets_differ(settings: Settings) -> str | None:
    if settings.primary_target != settings.standby_target or not settings.domain_name:
        return None
    return f"PRIMARY_TARGET and STANDBY_TARGET are both {settings.primary_target}. Use the target of each Region."


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


_CHECKS: tuple[Callable[[Settings], str | None], ...] = (
    _check_numbers_in_range,
    _check_region_names,
    *PROBE_CHECKS,
    _check_secret_is_local,
    _check_observers_in_third_regions,
    _check_resolver_addresses,
    _check_recovery_exceeds_suspicion,
    _check_cool_down_outlasts_move,
    _check_drill_window,
    _check_move_budget_allows_failback,
    _check_domain_is_set,
    _check_records_have_targets,
    _check_domains_differ,
    _check_latch_settings_complete,
    _check_lag_limit_is_measurable,
    _check_probe_path,
    _check_alias_zones_paired,
    _check_targets_same_type,
    _check_targets_differ,
)
"""All checks. The first one that fails raises the error."""
