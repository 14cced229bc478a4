"""The keys that tokens are checked with: where apps find them, and what is kept."""

from cognito_failover.common.region import RegionRole
from cognito_failover.common.text import format_duration
from cognito_failover.core.preflight_result import CheckSeverity
from cognito_failover.preflight.check import CheckResult, PreflightCheck, failed, passed
from cognito_failover.preflight.facts import FactUnavailableError, Snapshot
from cognito_failover.preflight.readers.canary import list_served_keys, read_cached_keys, sign_in
from cognito_failover.probe.jwks_cache import REFRESH_INTERVAL_SECONDS, KeySource, list_key_sources

_MAX_CACHE_AGE_SECONDS = 3 * REFRESH_INTERVAL_SECONDS


def _get_issuer_source(snapshot: Snapshot) -> KeySource:
    """Return where apps find the keys: at the issuer, which is in the primary Region."""
    return list_key_sources(snapshot.settings)[0]


def _check_issuer_keys(snapshot: Snapshot) -> CheckResult:
    source = _get_issuer_source(snapshot)
    kids = snapshot(list_served_keys, source)
    if isinstance(kids, str):
        return failed(kids)
    return passed(f"{source.endpoint.host} serves {len(kids)} keys.")


def _check_replica_keys(snapshot: Snapshot) -> CheckResult:
    standby = snapshot.settings.standby_region
    [source] = [each for each in list_key_sources(snapshot.settings) if f".{standby}." in each.endpoint.host]
    kids = snapshot(list_served_keys, source)
    if isinstance(kids, str):
        return failed(kids)
    issuer_keys = snapshot(list_served_keys, _get_issuer_source(snapshot))
    if isinstance(issuer_keys, str):
        raise FactUnavailableError(issuer_keys)
    if kids != issuer_keys:
        return failed(f"{source.endpoint.host} serves other keys than the issuer.")
    return passed(f"{source.endpoint.host} serves the issuer's keys, too.")


def _check_signing_keys_listed(snapshot: Snapshot) -> CheckResult:
    signed_in = snapshot(sign_in, RegionRole.STANDBY)
    if signed_in.refusal:
        raise FactUnavailableError(signed_in.refusal)
    kids = snapshot(list_served_keys, _get_issuer_source(snapshot))
    if isinstance(kids, str):
        raise FactUnavailableError(kids)
    if strange := sorted(signed_in.kids - kids):
        return failed(
            f"Tokens of {snapshot.settings.standby_region} are signed with {', '.join(strange)}, which the issuer does "
            f"not list: apps refuse them."
        )
    return passed("Tokens of both Regions are signed with keys that the issuer lists.")


def _check_cached_keys(snapshot: Snapshot) -> CheckResult:
    cached = snapshot(read_cached_keys)
    if not cached.keys:
        return failed("The controller has kept no keys yet.")
    age_seconds = snapshot.now - cached.fetched_at
    message = f"The controller keeps {len(cached.keys)} keys, fetched {format_duration(max(0.0, age_seconds))} ago."
    return passed(message) if age_seconds <= _MAX_CACHE_AGE_SECONDS else failed(message)


CHECKS = (
    PreflightCheck(
        id="keys-served",
        severity=CheckSeverity.HIGH,
        criterion="the issuer serves the keys that tokens are checked with",
        remedy="See whether the issuer's jwks.json can be read from elsewhere; if not, ask AWS. Apps that keep the "
        "keys go on.",
        evaluate=_check_issuer_keys,
    ),
    PreflightCheck(
        id="keys-served-standby",
        severity=CheckSeverity.LOW,
        criterion="Cognito in the standby Region serves the same keys",
        remedy="Have every app keep the keys: with the primary Region, the issuer's host may be gone.",
        evaluate=_check_replica_keys,
    ),
    PreflightCheck(
        id="keys-list-standby",
        severity=CheckSeverity.HIGH,
        criterion="the keys that sign tokens in the standby Region are among the issuer's",
        remedy="Don't fail over: ask AWS why the replica signs with keys that its issuer doesn't list.",
        evaluate=_check_signing_keys_listed,
        blocks_failover=True,
    ),
    PreflightCheck(
        id="keys-kept",
        severity=CheckSeverity.MEDIUM,
        criterion="the controller's own copy of the keys is at most three hours old",
        remedy="See the controller's log for why it can't fetch them.",
        evaluate=_check_cached_keys,
    ),
)
