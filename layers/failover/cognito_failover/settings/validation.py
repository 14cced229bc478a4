"""Checks of settings. Each returns a message with the values and a way out, or None."""

import re
from collections.abc import Callable, Iterable

from cognito_failover.common.time_budget import INVOCATION_INTERVAL_SECONDS, LEVER_BUDGET_SECONDS
from cognito_failover.settings.probe import ProbeSettings

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
"""Minimum and maximum of each number."""

_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")


def find_number_out_of_range(settings: object, names: Iterable[str]) -> str | None:
    """Return a message about the first of the named settings that is out of range, or None."""
    for name in names:
        value, (minimum, maximum) = getattr(settings, name), RANGES[name]
        if not minimum <= value <= maximum:
            return f"{name.upper()} is {value:g}; it must be from {minimum:g} to {maximum:g}."
    return None


def find_invalid_region_name(named_regions: Iterable[tuple[str, str]]) -> str | None:
    """Return a message about the first value that is not a Region name, or None. The pairs are setting and value."""
    for name, region in named_regions:
        if not _REGION.fullmatch(region):
            return f"{name} is {region!r}, which is not a Region name. Use one such as eu-west-1."
    return None


def find_remote_secret(secret_arn: str, region: str, *, reader: str) -> str | None:
    """Return a message if the canary's secret is not in this Region, the one that its reader runs in, or None."""
    secret_region = get_secret_region(secret_arn)
    if secret_region == region:
        return None
    return (
        f"CANARY_SECRET_ARN names a secret in {secret_region or 'no Region'}, but {reader} must not depend on any "
        f"Region except its own. Replicate the secret to {region} and use the ARN of the replica."
    )


def get_secret_region(secret_arn: str) -> str:
    """Return the Region in a secret's ARN, or an empty string if it is not an ARN."""
    return [*secret_arn.split(":"), "", "", "", ""][3]


def _check_regions_differ(settings: ProbeSettings) -> str | None:
    if settings.primary_region != settings.standby_region:
        return None
    return f"PRIMARY_REGION and STANDBY_REGION are both {settings.primary_region}. The replica is in another Region."


def _check_pool_belongs_to_primary(settings: ProbeSettings) -> str | None:
    if settings.user_pool_id.startswith(f"{settings.primary_region}_"):
        return None
    return (
        f"USER_POOL_ID is {settings.user_pool_id!r}, but the id of a pool in {settings.primary_region} begins with "
        f"{settings.primary_region}_. Use the id of the primary pool; the replica has the same id."
    )


def _check_witnesses_in_third_regions(settings: ProbeSettings) -> str | None:
    overlapping = {settings.primary_region, settings.standby_region} & set(settings.probed_witness_regions)
    if overlapping:
        return f"WITNESS_REGIONS names {', '.join(sorted(overlapping))}. Use Regions that the pool is not in."
    if not settings.probed_witness_regions:
        return (
            "WITNESS_REGIONS is empty. Name at least one third Region: without a witness, the outage of a Region looks "
            "the same as a broken network of the controller or observer."
        )
    return None


def _check_attempt_within_deadline(settings: ProbeSettings) -> str | None:
    attempt_seconds = settings.connect_timeout_seconds + settings.read_timeout_seconds
    if attempt_seconds <= settings.probe_deadline_seconds:
        return None
    return (
        f"CONNECT_TIMEOUT_SECONDS + READ_TIMEOUT_SECONDS is {attempt_seconds:g}, longer than "
        f"PROBE_DEADLINE_SECONDS, {settings.probe_deadline_seconds:g}. Shorten them or lengthen the deadline."
    )


def _check_round_within_interval(settings: ProbeSettings) -> str | None:
    round_seconds = settings.probe_deadline_seconds + LEVER_BUDGET_SECONDS
    if round_seconds <= settings.round_interval_seconds:
        return None
    return (
        f"PROBE_DEADLINE_SECONDS + {LEVER_BUDGET_SECONDS:g} s to act is {round_seconds:g}, longer than "
        f"ROUND_INTERVAL_SECONDS, {settings.round_interval_seconds}; a round must end before the next one is due. "
        f"Shorten the deadline or lengthen the interval."
    )


def _check_rounds_divide_minute(settings: ProbeSettings) -> str | None:
    if INVOCATION_INTERVAL_SECONDS % settings.round_interval_seconds == 0:
        return None
    return (
        f"ROUND_INTERVAL_SECONDS is {settings.round_interval_seconds}, which does not divide the minute between two "
        f"invocations evenly. Use 10, 12, 15, 20, 30 or 60."
    )


def _check_suspect_interval_is_shorter(settings: ProbeSettings) -> str | None:
    if settings.suspect_interval_seconds <= settings.round_interval_seconds:
        return None
    return (
        f"SUSPECT_INTERVAL_SECONDS is {settings.suspect_interval_seconds}, more than ROUND_INTERVAL_SECONDS, "
        f"{settings.round_interval_seconds}. Use the same or less: rounds must not slow down while a Region is suspect."
    )


PROBE_CHECKS: tuple[Callable[[ProbeSettings], str | None], ...] = (
    _check_regions_differ,
    _check_pool_belongs_to_primary,
    _check_witnesses_in_third_regions,
    _check_attempt_within_deadline,
    _check_round_within_interval,
    _check_rounds_divide_minute,
    _check_suspect_interval_is_shorter,
)
"""Checks of the settings that the controller and the observers share."""
