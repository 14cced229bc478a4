"""The keys that tokens are checked with: where apps find them, and what is kept."""

from failover.decision.preflight import Severity
from failover.preflight.check import Check, Judgement, failed, passed
from failover.preflight.facts import Facts, UnreadError
from failover.preflight.reading.canary import kept_keys, listed_keys, sign_in
from failover.probe.keys import REFRESH_SECONDS, KeySource, key_sources
from failover.region import Side
from failover.timetext import span

_KEPT_SECONDS = 3 * REFRESH_SECONDS


def _issuers(facts: Facts) -> KeySource:
    """Return where apps find the keys: at the issuer, which is in the primary Region."""
    return key_sources(facts.settings)[0]


def _served(facts: Facts) -> Judgement:
    source = _issuers(facts)
    found = facts(listed_keys, source)
    if isinstance(found, str):
        return failed(found)
    return passed(f"{source.endpoint.host} serves {len(found)} keys.")


def _served_elsewhere(facts: Facts) -> Judgement:
    standby = facts.settings.standby_region
    [source] = [each for each in key_sources(facts.settings) if f".{standby}." in each.endpoint.host]
    found = facts(listed_keys, source)
    if isinstance(found, str):
        return failed(found)
    of_issuer = facts(listed_keys, _issuers(facts))
    if isinstance(of_issuer, str):
        raise UnreadError(of_issuer)
    if found != of_issuer:
        return failed(f"{source.endpoint.host} serves other keys than the issuer.")
    return passed(f"{source.endpoint.host} serves the issuer's keys, too.")


def _listed(facts: Facts) -> Judgement:
    signed_in = facts(sign_in, Side.STANDBY)
    if signed_in.refusal:
        raise UnreadError(signed_in.refusal)
    found = facts(listed_keys, _issuers(facts))
    if isinstance(found, str):
        raise UnreadError(found)
    if strange := sorted(signed_in.kids - found):
        return failed(
            f"Tokens of {facts.settings.standby_region} are signed with {', '.join(strange)}, which the issuer does "
            f"not list: apps refuse them."
        )
    return passed("Tokens of both Regions are signed with keys that the issuer lists.")


def _kept(facts: Facts) -> Judgement:
    kept = facts(kept_keys)
    if not kept.keys:
        return failed("The controller has kept no keys yet.")
    age_seconds = facts.now - kept.fetched_at
    sentence = f"The controller keeps {len(kept.keys)} keys, fetched {span(max(0.0, age_seconds))} ago."
    return passed(sentence) if age_seconds <= _KEPT_SECONDS else failed(sentence)


CHECKS = (
    Check(
        id="keys-served",
        severity=Severity.HIGH,
        passes="the issuer serves the keys that tokens are checked with",
        remedy="See whether the issuer's jwks.json can be read from elsewhere; if not, ask AWS. Apps that keep the "
        "keys go on.",
        judge=_served,
    ),
    Check(
        id="keys-served-standby",
        severity=Severity.LOW,
        passes="Cognito in the standby Region serves the same keys",
        remedy="Have every app keep the keys: with the primary Region, the issuer's host may be gone.",
        judge=_served_elsewhere,
    ),
    Check(
        id="keys-list-standby",
        severity=Severity.HIGH,
        passes="the keys that sign tokens in the standby Region are among the issuer's",
        remedy="Don't fail over: ask AWS why the replica signs with keys that its issuer doesn't list.",
        judge=_listed,
        bars=True,
    ),
    Check(
        id="keys-kept",
        severity=Severity.MEDIUM,
        passes="the controller's own copy of the keys is at most three hours old",
        remedy="See the controller's log for why it can't fetch them.",
        judge=_kept,
    ),
)
