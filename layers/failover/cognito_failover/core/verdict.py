"""The verdict on a Region: which errors and silences make it sick (unhealthy), from the results of one round."""

from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import assert_never

from cognito_failover.common.region import PerRole, RegionRole
from cognito_failover.core.probe_result import (
    NOT_AUTHORIZED,
    Challenged,
    EmptySuccess,
    ErrorResponse,
    HttpOk,
    NoResponse,
    ProbeResult,
    SignInSuccess,
    Skipped,
    SkipReason,
    TokenCheck,
    TokenProblem,
    Unverified,
    Verified,
)


class Verdict(StrEnum):
    """The conclusion of an observer about one Region in one round."""

    HEALTHY = "healthy"
    SICK = "sick"
    THROTTLED = "throttled"
    TRIGGER = "trigger"
    CANARY_BROKEN = "canary-broken"
    NOT_READY = "not-ready"
    UNVERIFIED = "unverified"
    UNKNOWN = "unknown"


SERVING_VERDICTS = frozenset({Verdict.HEALTHY, Verdict.UNVERIFIED})
"""Verdicts with which a Region can serve users. An unverified token raises an alarm and blocks nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeResults:
    """The results of one Region: of its Cognito and, if there is one, of its target."""

    login: ProbeResult
    target: ProbeResult | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionVerdict:
    """The verdict on one Region, and on its two parts."""

    verdict: Verdict
    login: Verdict
    target: Verdict | None = None


THROTTLING_CODES = frozenset(
    {
        "TooManyRequestsException",
        "ThrottlingException",
        "ThrottledException",
        "Throttling",
        "RequestLimitExceeded",
        "LimitExceededException",
        "SlowDown",
    }
)
TRIGGER_CODES = frozenset(
    {"UnexpectedLambdaException", "InvalidLambdaResponseException", "UserLambdaValidationException"}
)
INTERNAL_CODES = frozenset(
    {
        "InternalErrorException",
        "InternalServerError",
        "InternalServerException",
        "InternalFailure",
        "ServiceUnavailable",
        "ServiceUnavailableException",
    }
)
INACTIVE_REPLICA_CODE = "OperationNotEnabledException"
LAGGING_REPLICA_CODES = frozenset({"UserNotFoundException", NOT_AUTHORIZED})

_TOO_MANY_REQUESTS = 429
_SERVER_ERROR = 500

_WORST_FIRST = (
    Verdict.SICK,
    Verdict.NOT_READY,
    Verdict.THROTTLED,
    Verdict.TRIGGER,
    Verdict.CANARY_BROKEN,
    Verdict.UNKNOWN,
    Verdict.UNVERIFIED,
    Verdict.HEALTHY,
)


def evaluate_both_regions(results: PerRole[ProbeResults], *, witness_answered: bool) -> PerRole[RegionVerdict]:
    """Return the verdicts on both Regions from the results of one round.

    The login on the primary explains an error of the standby. A user that only the replica refuses is not replicated. A
    user that both Regions refuse is a broken canary.
    """
    return PerRole(
        primary=_evaluate_region(RegionRole.PRIMARY, results, witness_answered=witness_answered),
        standby=_evaluate_region(RegionRole.STANDBY, results, witness_answered=witness_answered),
    )


def evaluate_result(
    result: ProbeResult, *, role: RegionRole, witness_answered: bool, primary_signed_in: bool
) -> Verdict:
    """Return what one result says about its Region, or about the observer.

    Parameters
    ----------
    result
        The result.
    role
        The Region's role. A replica can be not ready, a primary cannot.
    witness_answered
        Whether a third Region answered in the same round. Without that, the observer itself may have no network.
    primary_signed_in
        Whether the same user signed in on the primary in the same round.

    """
    match result:
        case SignInSuccess():
            return _evaluate_tokens(result.check)
        case HttpOk():
            return Verdict.HEALTHY
        case EmptySuccess():
            return Verdict.SICK
        case Challenged():
            return Verdict.CANARY_BROKEN
        case ErrorResponse():
            return _evaluate_error(result, role=role, primary_signed_in=primary_signed_in)
        case NoResponse():
            return Verdict.SICK if witness_answered else Verdict.UNKNOWN
        case Skipped():
            return _evaluate_skip(result.reason)
        case _:
            assert_never(result)


def select_worst(login: Verdict, target: Verdict | None) -> Verdict:
    """Return the worse of both verdicts."""
    verdicts = {login, target}
    return next(verdict for verdict in _WORST_FIRST if verdict in verdicts)


def _evaluate_region(role: RegionRole, results: PerRole[ProbeResults], *, witness_answered: bool) -> RegionVerdict:
    evaluate = partial(
        evaluate_result,
        role=role,
        witness_answered=witness_answered,
        primary_signed_in=isinstance(results.primary.login, SignInSuccess),
    )
    own = results[role]
    login = evaluate(own.login)
    if own.target is None:
        return RegionVerdict(verdict=login, login=login)
    target = evaluate(own.target)
    if _is_explained_by_login(login, own.target):
        target = login
    return RegionVerdict(verdict=select_worst(login, target), login=login, target=target)


def _is_explained_by_login(login: Verdict, target: ProbeResult) -> bool:
    # A target often returns the error of its Cognito as a plain 502. Throttling must not count as sick because of that.
    return login in {Verdict.THROTTLED, Verdict.TRIGGER} and isinstance(target, ErrorResponse | EmptySuccess)


def _evaluate_tokens(check: TokenCheck) -> Verdict:
    match check:
        case Verified():
            return Verdict.HEALTHY
        case TokenProblem():
            return Verdict.SICK
        case Unverified():
            return Verdict.UNVERIFIED
        case _:
            assert_never(check)


def _evaluate_error(error: ErrorResponse, *, role: RegionRole, primary_signed_in: bool) -> Verdict:
    if error.code in THROTTLING_CODES or error.http_status == _TOO_MANY_REQUESTS:
        return Verdict.THROTTLED
    if error.code in TRIGGER_CODES:
        return Verdict.TRIGGER
    if error.code in INTERNAL_CODES or error.http_status >= _SERVER_ERROR:
        return Verdict.SICK
    if role is RegionRole.STANDBY:
        if error.code == INACTIVE_REPLICA_CODE:
            return Verdict.NOT_READY
        if error.code in LAGGING_REPLICA_CODES and primary_signed_in:
            return Verdict.NOT_READY
    return Verdict.CANARY_BROKEN


def _evaluate_skip(reason: SkipReason) -> Verdict:
    match reason:
        case SkipReason.CANARY_REFUSED:
            return Verdict.CANARY_BROKEN
        case SkipReason.NOT_REPLICATED:
            return Verdict.NOT_READY
        case SkipReason.NO_CREDENTIALS | SkipReason.PROBE_ERROR:
            return Verdict.UNKNOWN
        case _:
            assert_never(reason)
