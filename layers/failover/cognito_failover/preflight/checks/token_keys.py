"""Checks of the keys that verify tokens: the issuer's, the standby's, and the controller's cached copy."""

from cognito_failover.common.region import RegionRole
from cognito_failover.common.text import format_duration
from cognito_failover.core.preflight_result import CheckSeverity
from cognito_failover.preflight.check import CheckResult, PreflightCheck, failed, passed
from cognito_failover.preflight.facts import FactUnavailableError, Snapshot
from cognito_failover.preflight.readers.canary import list_served_keys, read_cached_keys, sign_in
from cognito_failover.probe.jwks_cache import REFRESH_INTERVAL_SECONDS, KeySource, list_key_sources

_MAX_CACHE_AGE_SECONDS = 3 * REFRESH_INTERVAL_SECONDS


def _get_issuer_source(snapshot: Snapshot) -> KeySource:
    """Return the source that apps use: the issuer, which is in the primary Region."""
    return list_key_sources(snapshot.settings)[0]


def _check_issuer_keys(snapshot: Snapshot) -> CheckResult:
    source = _get_issuer_source(snapshot)
    kids = snapshot.read(list_served_keys, source)
    if isinstance(kids, str):
        return failed(kids)
    return passed(f"{source.endpoint.host} serves {len(kids)} keys.")


def _check_replica_keys(snapshot: Snapshot) -> CheckResult:
    standby = snapshot.settings.standby_region
    [source] = [source for source in list_key_sources(snapshot.settings) if f".{standby}." in source.endpoint.host]
    kids = snapshot.read(list_served_keys, source)
    if isinstance(kids, str):
        return failed(kids)
    issuer_keys = snapshot.read(list_served_keys, _get_issuer_source(snapshot))
    if isinstance(issuer_keys, str):
        raise FactUnavailableError(issuer_keys)
    if kids != issuer_keys:
        return failed(f"{source.endpoint.host} does not serve the same keys as the issuer.")
    return passed(f"{source.endpoint.host} serves the same keys as the issuer.")


def _check_signing_keys_listed(snapshot: Snapshot) -> CheckResult:
    signed_in = snapshot.read(sign_in, RegionRole.STANDBY)
    if signed_in.refusal:
        raise FactUnavailableError(signed_in.refusal)
    kids = snapshot.read(list_served_keys, _get_issuer_source(snapshot))
    if isinstance(kids, str):
        raise FactUnavailableError(kids)
    if unlisted := sorted(signed_in.kids - kids):
        return failed(
            f"Tokens of {snapshot.settings.standby_region} are signed with {', '.join(unlisted)}. The issuer does not "
            "list this key, so apps refuse the tokens."
        )
    return passed(f"The issuer lists the keys that sign tokens in {snapshot.settings.standby_region}.")


def _check_cached_keys(snapshot: Snapshot) -> CheckResult:
    cached = snapshot.read(read_cached_keys)
    if not cached.keys:
        return failed("The controller has no cached keys yet.")
    age_seconds = snapshot.now - cached.fetched_at
    message = (
        f"The controller has {len(cached.keys)} cached keys, fetched {format_duration(max(0.0, age_seconds))} ago."
    )
    return passed(message) if age_seconds <= _MAX_CACHE_AGE_SECONDS else failed(message)


CHECKS = (
    PreflightCheck(
        id="keys-served",
        severity=CheckSeverity.HIGH,
        criterion="the issuer serves the keys that verify tokens",
        remedy="Check whether the issuer's jwks.json is readable from another network. If not, contact AWS Support. "
        "Apps that cache the keys still work.",
        evaluate=_check_issuer_keys,
    ),
    PreflightCheck(
        id="keys-served-standby",
        severity=CheckSeverity.LOW,
        criterion="Cognito in the standby Region serves the same keys",
        remedy="Make every app cache the keys. If the primary Region fails, the issuer's host may fail too.",
        evaluate=_check_replica_keys,
    ),
    PreflightCheck(
        id="keys-list-standby",
        severity=CheckSeverity.HIGH,
        criterion="the issuer lists the keys that sign tokens in the standby Region",
        remedy="Don't fail over. Ask AWS Support why the replica signs with keys that its issuer does not list.",
        evaluate=_check_signing_keys_listed,
        blocks_failover=True,
    ),
    PreflightCheck(
        id="keys-kept",
        severity=CheckSeverity.MEDIUM,
        criterion="the controller's cached copy of the keys is at most three hours old",
        remedy="Find the reason in the controller's log: it fetches the keys every hour.",
        evaluate=_check_cached_keys,
    ),
)
