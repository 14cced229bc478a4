"""What one answer says about a Region."""

from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import assert_never

from failover.probe.answer import (
    NOT_AUTHORIZED,
    Answer,
    Challenged,
    EmptyAnswer,
    NotTried,
    Reached,
    Refused,
    SignedIn,
    Silent,
    TokenCheck,
    TokenProblem,
    Untried,
    Unverified,
    Verified,
)
from failover.region import PerSide, Side


class Verdict(StrEnum):
    """What an observer concludes about one Region from one round."""

    HEALTHY = "healthy"
    SICK = "sick"
    THROTTLED = "throttled"
    TRIGGER = "trigger"
    CANARY_BROKEN = "canary-broken"
    NOT_READY = "not-ready"
    UNVERIFIED = "unverified"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What one Region answered: its Cognito, and its target where there is one."""

    login: Answer
    target: Answer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The verdict on one Region, and on its two halves."""

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


def judge(answers: PerSide[Answers], *, witness_answered: bool) -> PerSide[Judgement]:
    """Conclude from one round's answers what each Region is.

    The primary's login is the measure of the standby's: a user that only the replica refuses has not been
    replicated, while one that both refuse is a broken canary.
    """
    return PerSide(
        primary=_judge_side(Side.PRIMARY, answers, witness_answered=witness_answered),
        standby=_judge_side(Side.STANDBY, answers, witness_answered=witness_answered),
    )


def judge_answer(answer: Answer, *, side: Side, witness_answered: bool, primary_signed_in: bool) -> Verdict:
    """Conclude what one answer says about the Region that gave it, or about who asked.

    Parameters
    ----------
    answer
        What came back.
    side
        Whose answer it is: a replica can be not ready, a primary can't.
    witness_answered
        Whether a third Region answered in the same round; without it silence may be the observer's own.
    primary_signed_in
        Whether the primary let the same user in, in the same round.

    """
    match answer:
        case SignedIn():
            return _judge_tokens(answer.check)
        case Reached():
            return Verdict.HEALTHY
        case EmptyAnswer():
            return Verdict.SICK
        case Challenged():
            return Verdict.CANARY_BROKEN
        case Refused():
            return _judge_refusal(answer, side=side, primary_signed_in=primary_signed_in)
        case Silent():
            return Verdict.SICK if witness_answered else Verdict.UNKNOWN
        case NotTried():
            return _judge_untried(answer.reason)
        case _:
            assert_never(answer)


def combine(login: Verdict, target: Verdict | None) -> Verdict:
    """Conclude from both halves: the Region is no better than the worse of them."""
    halves = {login, target}
    return next(verdict for verdict in _WORST_FIRST if verdict in halves)


def _judge_side(side: Side, answers: PerSide[Answers], *, witness_answered: bool) -> Judgement:
    judged = partial(
        judge_answer,
        side=side,
        witness_answered=witness_answered,
        primary_signed_in=isinstance(answers.primary.login, SignedIn),
    )
    own = answers[side]
    login = judged(own.login)
    if own.target is None:
        return Judgement(verdict=login, login=login)
    target = judged(own.target)
    if _explains(login, own.target):
        target = login
    return Judgement(verdict=combine(login, target), login=login, target=target)


def _explains(login: Verdict, target: Answer) -> bool:
    # A target passes on what its Cognito answers, often as a plain 502. Throttling must not become sickness that way.
    return login in {Verdict.THROTTLED, Verdict.TRIGGER} and isinstance(target, Refused | EmptyAnswer)


def _judge_tokens(check: TokenCheck) -> Verdict:
    match check:
        case Verified():
            return Verdict.HEALTHY
        case TokenProblem():
            return Verdict.SICK
        case Unverified():
            return Verdict.UNVERIFIED
        case _:
            assert_never(check)


def _judge_refusal(refusal: Refused, *, side: Side, primary_signed_in: bool) -> Verdict:
    if refusal.code in THROTTLING_CODES or refusal.http_status == _TOO_MANY_REQUESTS:
        return Verdict.THROTTLED
    if refusal.code in TRIGGER_CODES:
        return Verdict.TRIGGER
    if refusal.code in INTERNAL_CODES or refusal.http_status >= _SERVER_ERROR:
        return Verdict.SICK
    if side is Side.STANDBY:
        if refusal.code == INACTIVE_REPLICA_CODE:
            return Verdict.NOT_READY
        if refusal.code in LAGGING_REPLICA_CODES and primary_signed_in:
            return Verdict.NOT_READY
    return Verdict.CANARY_BROKEN


def _judge_untried(reason: Untried) -> Verdict:
    match reason:
        case Untried.CANARY_REFUSED:
            return Verdict.CANARY_BROKEN
        case Untried.NOT_REPLICATED:
            return Verdict.NOT_READY
        case Untried.NO_CREDENTIALS | Untried.PROBE_FAULT:
            return Verdict.UNKNOWN
        case _:
            assert_never(reason)
