"""The canary: that it signs in in both Regions, that its tokens are the same, and what it needs for that."""

from collections.abc import Mapping
from typing import Any

from failover.decision.preflight import Severity
from failover.preflight.check import Check, Judgement, Table, failed, passed
from failover.preflight.facts import Facts, UnreadError
from failover.preflight.reading.canary import (
    SignIn,
    credentials,
    refusal_of_write,
    second_factors,
    secret_version,
    sign_in,
)
from failover.region import Side

_IDENTITY = ("iss", "sub", "aud")
_ACCESS = ("iss", "sub", "client_id")
"""What programs check of each token."""

_WRITES = ("ChangePassword", "UpdateUserAttributes")
_REFUSAL = "OperationNotEnabledException"


def _signs_in(facts: Facts, side: Side) -> Judgement:
    signed_in = facts(sign_in, side)
    if signed_in.refusal:
        return failed(signed_in.refusal)
    return passed(f"The canary signs in in {facts.settings.regions[side]}.")


def _tokens(facts: Facts) -> Judgement:
    here, there = facts(sign_in, Side.PRIMARY), facts(sign_in, Side.STANDBY)
    for signed_in in (here, there):
        if signed_in.refusal:
            raise UnreadError(signed_in.refusal)
    table = _comparison(facts, here, there)
    differing = [f"{token} {claim}" for token, claim, *_ in table[1:] if not _same(here, there, token, claim)]
    if differing:
        return failed(f"Tokens of the two Regions differ in {', '.join(differing)}: apps tell them apart.", table)
    return passed("Tokens of both Regions say the same of issuer, user and app client.", table)


def _comparison(facts: Facts, here: SignIn, there: SignIn) -> Table:
    """Return the comparison of claims, as first published with the feature."""
    rows = [("id", claim) for claim in _IDENTITY] + [("access", claim) for claim in _ACCESS]
    heading = ("token", "claim", *(region for _, region in facts.settings.regions))
    return (
        heading,
        *(
            (
                token,
                claim,
                _claimed(here, token, claim),
                "identical" if _same(here, there, token, claim) else _claimed(there, token, claim),
            )
            for token, claim in rows
        ),
    )


def _claims(signed_in: SignIn, token: str) -> Mapping[str, Any]:
    return signed_in.identity if token == "id" else signed_in.access  # noqa: S105 - the name of a kind of token


def _claimed(signed_in: SignIn, token: str, claim: str) -> str:
    return str(_claims(signed_in, token).get(claim, "none"))


def _same(here: SignIn, there: SignIn, token: str, claim: str) -> bool:
    return _claims(here, token).get(claim) == _claims(there, token).get(claim)


def _no_second_factor(facts: Facts) -> Judgement:
    found = facts(second_factors)
    if found:
        return failed(f"The canary has a second factor: {', '.join(found)}.")
    return passed("The canary has no second factor.")


def _secret_readable(facts: Facts) -> Judgement:
    known = facts(credentials)
    if isinstance(known, str):
        return failed(known)
    return passed(f"The canary's secret is read in {facts.settings.standby_region}.")


def _secret_same(facts: Facts) -> Judgement:
    here = facts(secret_version, facts.settings.standby_region)
    if not here.primary_region:
        return passed(f"The canary's secret is in {facts.settings.standby_region} alone, and no replica.")
    there = facts(secret_version, here.primary_region)
    if here.current != there.current:
        return failed(
            f"The secret's version in {facts.settings.standby_region} is not the one of {here.primary_region}."
        )
    return passed(f"The secret is the same in {here.primary_region} and {facts.settings.standby_region}.")


def _writes_refused(facts: Facts) -> Judgement:
    answered = {operation: facts(refusal_of_write, operation) for operation in _WRITES}
    table = (("operation", "on the replica"), *((name, code or "taken") for name, code in answered.items()))
    taken = [name for name, code in answered.items() if not code]
    if taken:
        return failed(f"The replica takes writes: {', '.join(taken)}. Nothing was changed by trying.", table)
    if others := [f"{name} with {code}" for name, code in answered.items() if code != _REFUSAL]:
        raise UnreadError(f"The replica refuses {', '.join(others)}, which says nothing of writes.")
    return passed("The replica refuses writes.", table)


CHECKS = (
    Check(
        id="canary-signs-in-primary",
        severity=Severity.HIGH,
        passes="the canary signs in on the primary",
        remedy="Mend the canary's user, client or secret; until then no outage can be seen.",
        judge=lambda facts: _signs_in(facts, Side.PRIMARY),
    ),
    Check(
        id="canary-signs-in-standby",
        severity=Severity.HIGH,
        passes="it signs in on the standby",
        remedy="See that the replica is ACTIVE, and knows the canary's user and client; until then nobody is moved "
        "there.",
        judge=lambda facts: _signs_in(facts, Side.STANDBY),
    ),
    Check(
        id="tokens-alike",
        severity=Severity.HIGH,
        passes="iss, sub, aud and client_id are the same in the tokens of both Regions",
        remedy="Don't fail over: apps would refuse the tokens, or take users for others. See issuer-updated, and that "
        "the replica is this pool's.",
        judge=_tokens,
    ),
    Check(
        id="canary-second-factor",
        severity=Severity.MEDIUM,
        passes="the canary has no second factor",
        remedy="Take the second factor from the canary: probes can't answer it.",
        judge=_no_second_factor,
    ),
    Check(
        id="secret-readable",
        severity=Severity.HIGH,
        passes="the canary's secret can be read in the standby Region, and understood",
        remedy="Store an object with username and password; see that the secret is not being deleted.",
        judge=_secret_readable,
    ),
    Check(
        id="secret-alike",
        severity=Severity.HIGH,
        passes="it is the same version there as in the Region it is replicated from",
        remedy="See the secret's replication status, and replicate it again.",
        judge=_secret_same,
    ),
    Check(
        id="writes-refused",
        severity=Severity.MEDIUM,
        passes="the replica refuses to change the canary's password and attributes; made with --active only",
        remedy="Find out whether this is a replica: writes in both Regions would contradict each other.",
        judge=_writes_refused,
        active=True,
    ),
)
