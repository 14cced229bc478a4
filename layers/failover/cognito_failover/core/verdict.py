"""The verdict on a Region: which errors and silences make it sick (unhealthy), from the results of one round."""

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from cognito_failover.common.region import PerRole, RegionRole
from cognito_failover.core.probe_result import (
    Challenged,
    EmptySuccess,
    ErrorResponse,
    HttpOk,
    IntermediaryResponse,
    NoResponse,
    ProbeResult,
    SignInSuccess,
    Skipped,
    SkipReason,
    TokenCheck,
    TokenProblem,
    UnexpectedClaims,
    Unverified,
    Verified,
)


class Verdict(StrEnum):
    """The conclusion of an observer about one Region in one round."""

    HEALTHY = "healthy"
    SICK = "sick"
    INACTIVE = "inactive"
    THROTTLED = "throttled"
    TRIGGER = "trigger"
    TARGET_REFUSES = "target-refuses"
    INTERMEDIARY = "intermediary"
    CANARY_BROKEN = "canary-broken"
    NOT_READY = "not-ready"
    UNVERIFIED = "unverified"
    UNKNOWN = "unknown"


SERVING_VERDICTS = frozenset({Verdict.HEALTHY, Verdict.UNVERIFIED})
"""Verdicts with which a Region can serve users. An unverified token raises an alarm and blocks nothing."""

OUTAGE_VERDICTS = frozenset({Verdict.SICK, Verdict.INACTIVE})
"""Verdicts that prove that no user can sign in. Any other verdict that does not serve is a doubt."""


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
MISSING_REPLICA_CODE = "ResourceNotFoundException"
FIREWALL_CODE = "ForbiddenException"
"""Cognito's answer to a request that the pool's web ACL blocks."""

_TOO_MANY_REQUESTS = 429
_SERVER_ERROR = 500

_WORST_FIRST = (
    Verdict.SICK,
    Verdict.INACTIVE,
    Verdict.NOT_READY,
    Verdict.THROTTLED,
    Verdict.TRIGGER,
    Verdict.TARGET_REFUSES,
    Verdict.INTERMEDIARY,
    Verdict.CANARY_BROKEN,
    Verdict.UNKNOWN,
    Verdict.UNVERIFIED,
    Verdict.HEALTHY,
)

_REFUSALS = frozenset(
    {
        Verdict.INACTIVE,
        Verdict.NOT_READY,
        Verdict.TARGET_REFUSES,
        Verdict.INTERMEDIARY,
        Verdict.CANARY_BROKEN,
    }
)
"""Verdicts from an answer that refuses the canary."""


def evaluate_both_regions(results: PerRole[ProbeResults], *, witness_answered: bool) -> PerRole[RegionVerdict]:
    """Return the verdicts on both Regions from the results of one round.

    The matrix of Regions and paths contains the control experiments. The same canary on the other path separates the
    target from Cognito. The same canary in the other Region separates a Region from the canary, and from the observer's
    own expectation. A witness separates a silent Region from a silent network.

    Parameters
    ----------
    results
        The results by Region and path.
    witness_answered
        Whether a third Region answered in the same round. Without that, the observer itself may have no network.

    """

    def evaluate_region(role: RegionRole) -> RegionVerdict:
        own, other = results[role], results[role.opposite]
        login = evaluate_login(own.login, other.login, role=role, witness_answered=witness_answered)
        if own.target is None:
            return RegionVerdict(verdict=login, login=login)
        target = evaluate_target(
            own.target, own.login, other, role=role, login_verdict=login, witness_answered=witness_answered
        )
        return RegionVerdict(verdict=select_worst(login, target), login=login, target=target)

    return PerRole(primary=evaluate_region(RegionRole.PRIMARY), standby=evaluate_region(RegionRole.STANDBY))


def evaluate_login(
    login: ProbeResult, other_login: ProbeResult, *, role: RegionRole, witness_answered: bool
) -> Verdict:
    """Return what a sign-in at Cognito says about its Region.

    Parameters
    ----------
    login, other_login
        The results of the same canary in this Region and in the other one.
    role
        The Region's role. What the primary accepts and the standby refuses is the standby's trouble. A user that only
        the primary refuses may be a broken canary that the replica still accepts.
    witness_answered
        As for `evaluate_both_regions`.

    """
    verdict = _evaluate_alone(login, witness_answered=witness_answered)
    if isinstance(login, SignInSuccess) and isinstance(login.check, TokenProblem):
        has_same_problem = isinstance(other_login, SignInSuccess) and other_login.check == login.check
        return Verdict.CANARY_BROKEN if has_same_problem else verdict
    if role is RegionRole.PRIMARY or verdict is not Verdict.CANARY_BROKEN:
        return verdict
    code = login.code if isinstance(login, ErrorResponse) else ""
    has_control = _is_control_accepted(login, other_login)
    if code == INACTIVE_REPLICA_CODE or (code == MISSING_REPLICA_CODE and has_control):
        return Verdict.INACTIVE
    return Verdict.NOT_READY if has_control else verdict


def evaluate_target(
    target: ProbeResult,
    login: ProbeResult,
    other: ProbeResults,
    *,
    role: RegionRole,
    login_verdict: Verdict,
    witness_answered: bool,
) -> Verdict:
    """Return what a target's result says about its Region.

    Parameters
    ----------
    target, login
        The results of the same canary through the target, and at Cognito in the same Region.
    other
        The results of the other Region.
    role, login_verdict
        The Region's role, and the verdict on its sign-in at Cognito.
    witness_answered
        As for `evaluate_both_regions`.

    """
    # A target often returns the error of its Cognito as a plain 502. Throttling must not count as sick because of that.
    if login_verdict in {Verdict.THROTTLED, Verdict.TRIGGER} and isinstance(target, ErrorResponse | EmptySuccess):
        return login_verdict
    if isinstance(target, Skipped):
        # A target may return each error of its Cognito as a plain 502. The other Region's target is the control.
        control = other.target.http_status if isinstance(other.target, Skipped) else None
        is_failing = _is_server_error(target) and control is not None and control < _SERVER_ERROR
        return Verdict.SICK if is_failing else _evaluate_skip(target.reason)
    verdict = evaluate_login(target, other.login, role=role, witness_answered=witness_answered)
    if isinstance(target, IntermediaryResponse):
        return verdict
    is_own_refusal = isinstance(target, ErrorResponse) and not target.has_service_code
    is_refused = verdict in _REFUSALS or isinstance(target, EmptySuccess)
    has_control = _is_control_accepted(target, login)
    return Verdict.TARGET_REFUSES if is_refused and (is_own_refusal or has_control) else verdict


def select_worst(login: Verdict, target: Verdict | None) -> Verdict:
    """Return the worse of both verdicts."""
    verdicts = {login, target}
    return next(verdict for verdict in _WORST_FIRST if verdict in verdicts)


def _evaluate_alone(result: ProbeResult, *, witness_answered: bool) -> Verdict:
    """Return what one result says without a control experiment."""
    match result:
        case SignInSuccess():
            return _evaluate_tokens(result.check)
        case HttpOk():
            return Verdict.HEALTHY
        case EmptySuccess():
            return Verdict.SICK
        case Challenged():
            return Verdict.CANARY_BROKEN
        case IntermediaryResponse():
            return Verdict.INTERMEDIARY
        case ErrorResponse():
            return _evaluate_error(result)
        case NoResponse():
            return Verdict.SICK if witness_answered else Verdict.UNKNOWN
        case Skipped():
            return Verdict.SICK if _is_server_error(result) else _evaluate_skip(result.reason)
        case _:
            assert_never(result)


def _evaluate_tokens(check: TokenCheck) -> Verdict:
    match check:
        case Verified():
            return Verdict.HEALTHY
        case TokenProblem():
            return Verdict.SICK
        case UnexpectedClaims():
            return Verdict.CANARY_BROKEN
        case Unverified():
            return Verdict.UNVERIFIED
        case _:
            assert_never(check)


def _evaluate_error(error: ErrorResponse) -> Verdict:
    if error.code in THROTTLING_CODES or error.http_status == _TOO_MANY_REQUESTS:
        return Verdict.THROTTLED
    if error.code in TRIGGER_CODES:
        return Verdict.TRIGGER
    if error.code in INTERNAL_CODES or error.http_status >= _SERVER_ERROR:
        return Verdict.SICK
    if error.code == FIREWALL_CODE or not error.has_service_code:
        return Verdict.INTERMEDIARY
    return Verdict.CANARY_BROKEN


def _evaluate_skip(reason: SkipReason) -> Verdict:
    match reason:
        case SkipReason.CANARY_REFUSED | SkipReason.CHALLENGED:
            return Verdict.CANARY_BROKEN
        case SkipReason.TARGET_REFUSED:
            return Verdict.TARGET_REFUSES
        case SkipReason.NOT_REPLICATED:
            return Verdict.NOT_READY
        case SkipReason.NO_CREDENTIALS | SkipReason.PROBE_ERROR:
            return Verdict.UNKNOWN
        case _:
            assert_never(reason)


def _is_control_accepted(result: ProbeResult, control: ProbeResult) -> bool:
    """Return whether the control experiment accepts what a result refuses."""
    if not isinstance(control, SignInSuccess):
        return False
    is_only_unexpected = isinstance(result, SignInSuccess) and isinstance(result.check, UnexpectedClaims)
    if is_only_unexpected:
        return isinstance(control.check, Verified | Unverified)
    return not isinstance(control.check, TokenProblem)


def _is_server_error(result: Skipped) -> bool:
    return result.http_status is not None and result.http_status >= _SERVER_ERROR
