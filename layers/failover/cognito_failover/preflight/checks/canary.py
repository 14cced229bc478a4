"""Checks of the canary: its sign-in in both Regions, its tokens, its secret, and its second factors."""

from collections.abc import Mapping
from typing import Any

from cognito_failover.common.region import RegionRole
from cognito_failover.core.preflight_result import CheckSeverity
from cognito_failover.preflight.check import CheckResult, PreflightCheck, Table, failed, passed
from cognito_failover.preflight.facts import FactUnavailableError, Snapshot
from cognito_failover.preflight.readers.canary import (
    CanarySignIn,
    read_credentials,
    read_second_factors,
    read_secret_arn,
    read_secret_version,
    sign_in,
    try_write,
)

_ID_TOKEN_CLAIMS = ("iss", "sub", "aud")
_ACCESS_TOKEN_CLAIMS = ("iss", "sub", "client_id")
"""The claims that services check."""

_WRITE_OPERATIONS = ("ChangePassword", "UpdateUserAttributes")
_WRITE_REFUSED_CODE = "OperationNotEnabledException"


def _check_sign_in(snapshot: Snapshot, role: RegionRole) -> CheckResult:
    signed_in = snapshot.read(sign_in, role)
    if signed_in.refusal:
        return failed(signed_in.refusal)
    return passed(f"The canary can sign in to {snapshot.settings.regions[role]}.")


def _check_tokens(snapshot: Snapshot) -> CheckResult:
    primary, standby = snapshot.read(sign_in, RegionRole.PRIMARY), snapshot.read(sign_in, RegionRole.STANDBY)
    for signed_in in (primary, standby):
        if signed_in.refusal:
            raise FactUnavailableError(signed_in.refusal)
    table = _compare_claims(snapshot, primary, standby)
    differing = [
        f"{token} {claim}" for token, claim, *_ in table[1:] if not _is_same_claim(primary, standby, token, claim)
    ]
    if differing:
        return failed(f"Tokens of the two Regions differ in {', '.join(differing)}: apps may refuse them.", table)
    return passed("Tokens of both Regions have the same issuer, user and app client.", table)


def _compare_claims(snapshot: Snapshot, primary: CanarySignIn, standby: CanarySignIn) -> Table:
    """Return the comparison of claims as a table."""
    rows = [("id", claim) for claim in _ID_TOKEN_CLAIMS] + [("access", claim) for claim in _ACCESS_TOKEN_CLAIMS]
    heading = ("token", "claim", *(region for _, region in snapshot.settings.regions))
    return (
        heading,
        *(
            (
                token,
                claim,
                _format_claim(primary, token, claim),
                "identical" if _is_same_claim(primary, standby, token, claim) else _format_claim(standby, token, claim),
            )
            for token, claim in rows
        ),
    )


def _get_claims(signed_in: CanarySignIn, token: str) -> Mapping[str, Any]:
    return signed_in.identity if token == "id" else signed_in.access  # noqa: S105 - the name of a kind of token


def _format_claim(signed_in: CanarySignIn, token: str, claim: str) -> str:
    return str(_get_claims(signed_in, token).get(claim, "none"))


def _is_same_claim(primary: CanarySignIn, standby: CanarySignIn, token: str, claim: str) -> bool:
    return _get_claims(primary, token).get(claim) == _get_claims(standby, token).get(claim)


def _check_no_second_factor(snapshot: Snapshot) -> CheckResult:
    factors = snapshot.read(read_second_factors)
    if factors:
        return failed(f"The canary has a second factor: {', '.join(factors)}.")
    return passed("The canary has no second factor.")


def _check_secret_readable(snapshot: Snapshot) -> CheckResult:
    canary = snapshot.read(read_credentials)
    if isinstance(canary, str):
        return failed(canary)
    arn = snapshot.read(read_secret_arn)
    if arn != snapshot.settings.canary_secret_arn:
        return failed(f"CanarySecretArn is not the whole ARN of the secret, which is {arn}.")
    return passed(f"The canary's secret is readable in {snapshot.settings.standby_region}.")


def _check_secret_version(snapshot: Snapshot) -> CheckResult:
    standby_version = snapshot.read(read_secret_version, snapshot.settings.standby_region)
    if not standby_version.primary_region:
        return passed(f"The canary's secret is only in {snapshot.settings.standby_region}. It is not replicated.")
    primary_version = snapshot.read(read_secret_version, standby_version.primary_region)
    if standby_version.current != primary_version.current:
        return failed(
            f"The secret's version in {snapshot.settings.standby_region} differs from the one in "
            f"{standby_version.primary_region}."
        )
    return passed(f"The secret is the same in {standby_version.primary_region} and {snapshot.settings.standby_region}.")


def _check_writes_refused(snapshot: Snapshot) -> CheckResult:
    responses = {operation: snapshot.read(try_write, operation) for operation in _WRITE_OPERATIONS}
    table = (("operation", "on the replica"), *((name, code or "accepted") for name, code in responses.items()))
    accepted = [name for name, code in responses.items() if not code]
    if accepted:
        return failed(f"The replica accepts writes: {', '.join(accepted)}. The attempt changed nothing.", table)
    if others := [f"{name} with {code}" for name, code in responses.items() if code != _WRITE_REFUSED_CODE]:
        raise FactUnavailableError(
            f"The replica refuses {', '.join(others)}. These errors do not show whether it refuses writes."
        )
    return passed("The replica refuses writes.", table)


CHECKS = (
    PreflightCheck(
        id="canary-signs-in-primary",
        severity=CheckSeverity.HIGH,
        criterion="the canary can sign in to the primary Region",
        remedy="Fix the canary's user, app client or secret. Until then, the controller can't detect an outage.",
        evaluate=lambda snapshot: _check_sign_in(snapshot, RegionRole.PRIMARY),
    ),
    PreflightCheck(
        id="canary-signs-in-standby",
        severity=CheckSeverity.HIGH,
        criterion="the canary can sign in to the standby Region",
        remedy="Check that the replica is ACTIVE and has the canary's user and app client. Until then, the controller "
        "does not move users there.",
        evaluate=lambda snapshot: _check_sign_in(snapshot, RegionRole.STANDBY),
    ),
    PreflightCheck(
        id="tokens-alike",
        severity=CheckSeverity.HIGH,
        criterion="iss, sub, aud and client_id are the same in the tokens of both Regions",
        remedy="Don't fail over: apps would refuse the tokens or confuse users. Check issuer-updated, and check that "
        "the replica belongs to this pool.",
        evaluate=_check_tokens,
    ),
    PreflightCheck(
        id="canary-second-factor",
        severity=CheckSeverity.MEDIUM,
        criterion="the canary has no second factor",
        remedy="Remove the canary's second factor. A probe can't answer it.",
        evaluate=_check_no_second_factor,
    ),
    PreflightCheck(
        id="secret-readable",
        severity=CheckSeverity.HIGH,
        criterion="the canary's secret in the standby Region is readable and valid",
        remedy="Store a JSON object with username and password. Check that CanarySecretArn is the secret's whole ARN "
        "(aws secretsmanager describe-secret), and that the secret is not scheduled for deletion.",
        evaluate=_check_secret_readable,
    ),
    PreflightCheck(
        id="secret-alike",
        severity=CheckSeverity.HIGH,
        criterion="the canary's secret has the same version in the standby Region as in its primary Region",
        remedy="Check the secret's replication status, and replicate the secret again.",
        evaluate=_check_secret_version,
    ),
    PreflightCheck(
        id="writes-refused",
        severity=CheckSeverity.MEDIUM,
        criterion="the replica refuses to change the canary's password and attributes (only with --active)",
        remedy="Check that this pool is a replica. Writes in both Regions would conflict.",
        evaluate=_check_writes_refused,
        active=True,
    ),
)
