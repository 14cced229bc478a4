"""Why a configuration can't be used: each check answers with the numbers and the way out, or None."""

import re
from collections.abc import Callable, Iterable
from ipaddress import ip_address
from typing import TYPE_CHECKING

from cognito_failover.common.region import RegionRole
from cognito_failover.common.time_budget import (
    CONFIRMATION_TIMEOUT_SECONDS,
    INVOCATION_INTERVAL_SECONDS,
    LEVER_BUDGET_SECONDS,
)
from cognito_failover.common.time_window import TimeWindow, TimeWindowError

if TYPE_CHECKING:
    from cognito_failover.settings.controller import Settings
    from cognito_failover.settings.probe import ProbeSettings

type SettingsCheck = Callable[["Settings"], str | None]

RANGES: dict[str, tuple[float, float]] = {
    "round_interval_seconds": (10, 60),
    "suspect_interval_seconds": (2, 60),
    "connect_timeout_seconds": (0.5, 20),
    "read_timeout_seconds": (0.5, 30),
    "probe_deadline_seconds": (1, 50),
    "suspect_rounds": (2, 30),
    "recovery_rounds": (2, 1000),
    "cool_down_seconds": (60, 86_400),
    "max_automatic_moves_per_day": (1, 20),
    "replication_lag_alarm_seconds": (20, 86_400),
    "record_ttl_seconds": (1, 3600),
}
"""The least and the most that each number may be."""

NO_RESOLVERS = "none"
"""What PUBLIC_RESOLVERS says where none is to be asked."""

MAX_RESOLVERS = 6
"""What each of them answers is kept with every moment of a move."""
_DAY_SECONDS = 86_400

_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")


def find_settings_problem(settings: "Settings") -> str | None:
    """Return what is wrong with the settings, or None."""
    return next((problem for check in CHECKS if (problem := check(settings))), None)


def find_number_out_of_range(settings: object, names: Iterable[str]) -> str | None:
    """Return which of the settings named is out of its range, or None."""
    for name in names:
        value, (minimum, maximum) = getattr(settings, name), RANGES[name]
        if not minimum <= value <= maximum:
            return f"{name.upper()} is {value:g}; it must be from {minimum:g} to {maximum:g}."
    return None


def _check_numbers_in_range(settings: "Settings") -> str | None:
    return find_number_out_of_range(settings, RANGES)


def _check_region_names(settings: "Settings") -> str | None:
    named = [
        ("PRIMARY_REGION", settings.primary_region),
        ("STANDBY_REGION", settings.standby_region),
        *(("WITNESS_REGIONS", region) for region in settings.witness_regions),
        *(("OBSERVERS", region) for region in settings.remote_observers),
    ]
    return find_invalid_region_name(named)


def find_invalid_region_name(named_regions: Iterable[tuple[str, str]]) -> str | None:
    """Return which of the values, each with its setting's name, can't be a Region's name, or None."""
    for name, region in named_regions:
        if not _REGION.fullmatch(region):
            return f"{name} is {region!r}, which is no Region's name; give one such as eu-west-1."
    return None


def _check_regions_differ(settings: "ProbeSettings") -> str | None:
    if settings.primary_region != settings.standby_region:
        return None
    return f"PRIMARY_REGION and STANDBY_REGION are both {settings.primary_region}; a replica is in a second Region."


def _check_pool_belongs_to_primary(settings: "ProbeSettings") -> str | None:
    if settings.user_pool_id.startswith(f"{settings.primary_region}_"):
        return None
    return (
        f"USER_POOL_ID is {settings.user_pool_id!r}, but a pool of {settings.primary_region} begins with "
        f"{settings.primary_region}_; give the primary's pool id, which the replica shares."
    )


def _check_secret_is_local(settings: "Settings") -> str | None:
    secret_region = [*settings.canary_secret_arn.split(":"), "", "", "", ""][3]
    if secret_region == settings.standby_region:
        return None
    return (
        f"CANARY_SECRET_ARN names a secret in {secret_region or 'no Region'}, but the controller must not need "
        f"any Region but its own; replicate the secret to {settings.standby_region} and give the replica's ARN."
    )


def _check_witnesses_in_third_regions(settings: "ProbeSettings") -> str | None:
    overlapping = {settings.primary_region, settings.standby_region} & set(settings.witness_regions)
    if overlapping:
        return f"WITNESS_REGIONS names {', '.join(sorted(overlapping))}; a witness must be in neither of the pool's Regions."
    if not settings.witness_regions:
        return (
            "WITNESS_REGIONS is empty; name at least one third Region, or silence could never be told from "
            "the controller's own broken network."
        )
    return None


def _check_resolver_addresses(settings: "Settings") -> str | None:
    named = settings.public_resolvers
    if named == (NO_RESOLVERS,):
        return None
    for resolver in named:
        try:
            ip_address(resolver)
        except ValueError:
            return (
                f"PUBLIC_RESOLVERS names {resolver!r}, which is no address; give IP addresses such as 1.1.1.1, or "
                f"{NO_RESOLVERS} alone."
            )
    if len(named) > MAX_RESOLVERS:
        return f"PUBLIC_RESOLVERS names {len(named)} resolvers; give at most {MAX_RESOLVERS}."
    return None


def _check_observers_in_third_regions(settings: "Settings") -> str | None:
    named = settings.remote_observers
    if settings.primary_region in named:
        return (
            f"OBSERVERS names {settings.primary_region}, the primary Region: an observer there dies with what it "
            f"watches, and reaches it when nobody else does; name third Regions."
        )
    if settings.standby_region in named:
        return f"OBSERVERS names {settings.standby_region}, where the controller observes anyway; name further Regions."
    if len(set(named)) < len(named):
        return f"OBSERVERS is {','.join(named)}, which names a Region twice; each has one voice."
    return None


def _check_attempt_within_deadline(settings: "ProbeSettings") -> str | None:
    one_attempt = settings.connect_timeout_seconds + settings.read_timeout_seconds
    if one_attempt <= settings.probe_deadline_seconds:
        return None
    return (
        f"CONNECT_TIMEOUT_SECONDS + READ_TIMEOUT_SECONDS is {one_attempt:g}, longer than "
        f"PROBE_DEADLINE_SECONDS, {settings.probe_deadline_seconds:g}; shorten them or lengthen the deadline."
    )


def _check_round_within_interval(settings: "ProbeSettings") -> str | None:
    round_seconds = settings.probe_deadline_seconds + LEVER_BUDGET_SECONDS
    if round_seconds <= settings.round_interval_seconds:
        return None
    return (
        f"PROBE_DEADLINE_SECONDS + {LEVER_BUDGET_SECONDS:g} s to act is {round_seconds:g}, longer than "
        f"ROUND_INTERVAL_SECONDS, {settings.round_interval_seconds}; a round is to be over before the next is due. "
        f"Shorten the deadline or lengthen the interval."
    )


def _check_rounds_divide_minute(settings: "ProbeSettings") -> str | None:
    if INVOCATION_INTERVAL_SECONDS % settings.round_interval_seconds == 0:
        return None
    return (
        f"ROUND_INTERVAL_SECONDS is {settings.round_interval_seconds}, which does not divide the minute between two "
        f"invocations evenly; give 10, 12, 15, 20, 30 or 60."
    )


def _check_suspect_interval_is_shorter(settings: "ProbeSettings") -> str | None:
    if settings.suspect_interval_seconds <= settings.round_interval_seconds:
        return None
    return (
        f"SUSPECT_INTERVAL_SECONDS is {settings.suspect_interval_seconds}, more than ROUND_INTERVAL_SECONDS, "
        f"{settings.round_interval_seconds}; a suspect Region is looked at sooner than a healthy one, or as soon."
    )


def _check_recovery_exceeds_suspicion(settings: "Settings") -> str | None:
    if settings.recovery_rounds > settings.suspect_rounds:
        return None
    return (
        f"RECOVERY_ROUNDS is {settings.recovery_rounds}, not more than SUSPECT_ROUNDS, {settings.suspect_rounds}; "
        f"believing in a recovery must take longer than suspecting an outage."
    )


def _check_cool_down_outlasts_move(settings: "Settings") -> str | None:
    decision_seconds = settings.round_interval_seconds * settings.suspect_rounds
    if settings.cool_down_seconds >= decision_seconds + CONFIRMATION_TIMEOUT_SECONDS:
        return None
    return (
        f"COOL_DOWN_SECONDS is {settings.cool_down_seconds}, less than the {decision_seconds} s that "
        f"{settings.suspect_rounds} rounds of {settings.round_interval_seconds} s take to decide plus the "
        f"{CONFIRMATION_TIMEOUT_SECONDS:g} s a move may take to be confirmed; it would bound nothing."
    )


def _check_lag_limit_is_measurable(settings: "Settings") -> str | None:
    limit, minimum = settings.max_replication_lag_seconds, 2 * settings.round_interval_seconds
    if limit == 0 or minimum <= limit <= _DAY_SECONDS:
        return None
    return (
        f"MAX_REPLICATION_LAG_SECONDS is {limit}; it must be from {minimum} (two rounds, since a lag of more than a few "
        f"seconds is measured to the round) to {_DAY_SECONDS}, or empty for no limit."
    )


def _check_move_budget_allows_failback(settings: "Settings") -> str | None:
    minimum = 3
    if settings.failback_policy == "manual" or settings.max_automatic_moves_per_day >= minimum:
        return None
    return (
        f"FAILBACK_POLICY is {settings.failback_policy}, and MAX_AUTOMATIC_MOVES_PER_DAY is "
        f"{settings.max_automatic_moves_per_day}: a failover, and the move that is always kept for another one, leave "
        f"none for the failback. Give {minimum} or more, or FAILBACK_POLICY manual."
    )


def _check_probe_path(settings: "Settings") -> str | None:
    path = settings.target_probe_path
    if not path or path.startswith("/"):
        return None
    return f"TARGET_PROBE_PATH is {path!r}; it must begin with a slash, or be empty for a login."


def _check_drill_window(settings: "Settings") -> str | None:
    if not settings.drill_window:
        return None
    try:
        TimeWindow.parse(settings.drill_window)
    except TimeWindowError as error:
        return f"DRILL_WINDOW: {error} Leave it empty to allow drills at any time."
    return None


def _check_domain_is_set(settings: "Settings") -> str | None:
    if settings.domain_name or settings.managed_login_domain:
        return None
    return (
        "DOMAIN_NAME and MANAGED_LOGIN_DOMAIN are both empty, so there is nothing to move; give the domain whose "
        "records are moved, Cognito's own custom domain, or both."
    )


def _check_records_have_targets(settings: "Settings") -> str | None:
    record_settings = (
        ("PRIMARY_TARGET", settings.primary_target),
        ("STANDBY_TARGET", settings.standby_target),
    )
    if settings.domain_name:
        empty = [name for name, value in record_settings if not value]
        return f"{' and '.join(empty)} must be given, since DOMAIN_NAME is {settings.domain_name}." if empty else None
    other_settings = (
        ("PRIMARY_TARGET_ZONE_ID", settings.primary_target_zone_id),
        ("STANDBY_TARGET_ZONE_ID", settings.standby_target_zone_id),
        ("TARGET_PROBE_PATH", settings.target_probe_path),
    )
    unused = [name for name, value in (*record_settings, *other_settings) if value]
    return (
        f"{', '.join(unused)} must be empty where DOMAIN_NAME is: without records nothing is steered."
        if unused
        else None
    )


def _check_domains_differ(settings: "Settings") -> str | None:
    if not settings.domain_name or settings.domain_name != settings.managed_login_domain:
        return None
    return (
        f"DOMAIN_NAME and MANAGED_LOGIN_DOMAIN are both {settings.domain_name}; Cognito's own custom domain has one "
        f"target for both Regions, so its records can't be moved. Leave DOMAIN_NAME empty, or give another name."
    )


def _check_latch_settings_complete(settings: "Settings") -> str | None:
    """Refuse latches of which a part is missing; the template gives all of it or nothing."""
    if settings.managed_login_domain and not settings.domain_latch_check_id:
        return (
            f"MANAGED_LOGIN_DOMAIN is {settings.managed_login_domain}, which moves by a latch only, and "
            f"DOMAIN_LATCH_CHECK_ID is empty; deploy with LatchType=object or LatchType=metric."
        )
    configured_count = bool(settings.latch_bucket) + bool(settings.latch_metric_namespace)
    if configured_count > 1:
        return "LATCH_BUCKET and LATCH_METRIC_NAMESPACE are both set; a latch has one form, give one of them."
    if settings.latch_check_ids and not configured_count:
        return "A latch has a health check, but neither LATCH_BUCKET nor LATCH_METRIC_NAMESPACE is set; give one."
    if settings.domain_latch_check_id and not settings.managed_login_domain:
        return "DOMAIN_LATCH_CHECK_ID is set, but MANAGED_LOGIN_DOMAIN is empty; give both or neither."
    if settings.records_latch_check_id and not (settings.domain_name and settings.standby_check_id):
        return (
            "RECORDS_LATCH_CHECK_ID is set, but DOMAIN_NAME or STANDBY_CHECK_ID is empty; with the records' latch goes "
            "a check of the standby's own target."
        )
    return None


def _check_alias_zones_paired(settings: "Settings") -> str | None:
    if bool(settings.primary_target_zone_id) == bool(settings.standby_target_zone_id):
        return None
    return "PRIMARY_TARGET_ZONE_ID and STANDBY_TARGET_ZONE_ID go together: give both for alias records, or neither."


def _check_targets_same_type(settings: "Settings") -> str | None:
    for side in RegionRole:
        target = settings.targets[side]
        addresses = [part for part in target.split(",") if _is_address(part.strip())]
        if addresses and len(addresses) < len(target.split(",")):
            return (
                f"{side.upper()}_TARGET is {target}, which mixes addresses and host names; "
                f"give one host name, or only addresses."
            )
        if addresses and settings.target_zone_ids[side]:
            return (
                f"{side.upper()}_TARGET is {target}, an address, which no alias can point at; "
                f"leave {side.upper()}_TARGET_ZONE_ID empty."
            )
    return None


def _check_targets_differ(settings: "Settings") -> str | None:
    if settings.primary_target != settings.standby_target or not settings.domain_name:
        return None
    return f"PRIMARY_TARGET and STANDBY_TARGET are both {settings.primary_target}; moving would move nothing."


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


OBSERVER_CHECKS: tuple[Callable[["ProbeSettings"], str | None], ...] = (
    _check_regions_differ,
    _check_pool_belongs_to_primary,
    _check_witnesses_in_third_regions,
    _check_attempt_within_deadline,
    _check_round_within_interval,
    _check_rounds_divide_minute,
    _check_suspect_interval_is_shorter,
)
"""What must hold for whoever observes."""

CHECKS: tuple[SettingsCheck, ...] = (
    _check_numbers_in_range,
    _check_region_names,
    _check_regions_differ,
    _check_pool_belongs_to_primary,
    _check_secret_is_local,
    _check_witnesses_in_third_regions,
    _check_observers_in_third_regions,
    _check_resolver_addresses,
    _check_attempt_within_deadline,
    _check_round_within_interval,
    _check_rounds_divide_minute,
    _check_suspect_interval_is_shorter,
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
"""Every check, in the order in which a person would want to be told."""
