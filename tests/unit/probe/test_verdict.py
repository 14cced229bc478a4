"""The table of verdicts, row by row."""

import pytest

from failover.probe.answer import (
    Answer,
    Challenged,
    EmptyAnswer,
    NotTried,
    Reached,
    Refused,
    SignedIn,
    Silence,
    Silent,
    TokenCheck,
    TokenProblem,
    Tokens,
    Untried,
    Unverified,
    Verified,
)
from failover.probe.verdict import Answers, Judgement, Verdict, judge, judge_answer
from failover.region import PerSide, Side


def refused(code: str, status: int = 400) -> Refused:
    return Refused(code=code, http_status=status, message="", latency_seconds=0.1)


def signed_in(check: TokenCheck | None = None) -> SignedIn:
    tokens = Tokens(identity="i", access="a")
    return SignedIn(tokens=tokens, latency_seconds=0.1, check=check or Verified(subject="sub"))


def silent(kind: Silence = Silence.READ_TIMEOUT) -> Silent:
    return Silent(kind=kind)


def verdict_on(answer: Answer, *, side: Side = Side.PRIMARY, witness: bool = True, primary: bool = True) -> Verdict:
    return judge_answer(answer, side=side, witness_answered=witness, primary_signed_in=primary)


def judged(
    primary: Answer, standby: Answer, *, primary_target: Answer | None = None, standby_target: Answer | None = None
) -> PerSide[Judgement]:
    answers = PerSide(
        primary=Answers(login=primary, target=primary_target), standby=Answers(login=standby, target=standby_target)
    )
    return judge(answers, witness_answered=True)


@pytest.mark.parametrize("side", Side)
def test_a_verified_sign_in_is_healthy(side: Side) -> None:
    assert verdict_on(signed_in(), side=side) is Verdict.HEALTHY


def test_a_path_that_answers_is_healthy() -> None:
    assert verdict_on(Reached(http_status=204, latency_seconds=0.1)) is Verdict.HEALTHY


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize(
    "answer",
    [
        refused("InternalErrorException", 500),
        refused("InternalErrorException", 400),
        refused("NeverHeardOfIt", 500),
        refused("HTTP 502", 502),
        refused("ServiceUnavailable", 503),
        EmptyAnswer(latency_seconds=0.1),
        signed_in(TokenProblem(reason="the id token has a wrong signature")),
    ],
)
def test_a_region_that_answers_with_its_own_failure_is_sick_without_a_witness(answer: Answer, side: Side) -> None:
    assert verdict_on(answer, side=side, witness=False) is Verdict.SICK


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("kind", Silence)
def test_silence_is_sick_only_if_a_third_region_answered(kind: Silence, side: Side) -> None:
    assert verdict_on(silent(kind), side=side, witness=True) is Verdict.SICK
    assert verdict_on(silent(kind), side=side, witness=False) is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("TooManyRequestsException", 400),
        ("TooManyRequestsException", 429),
        ("ThrottlingException", 400),
        ("LimitExceededException", 400),
        ("SlowDown", 503),
        ("HTTP 429", 429),
    ],
)
def test_throttling_is_never_sickness(code: str, status: int) -> None:
    assert verdict_on(refused(code, status)) is Verdict.THROTTLED


@pytest.mark.parametrize(
    "code", ["UnexpectedLambdaException", "InvalidLambdaResponseException", "UserLambdaValidationException"]
)
def test_a_trigger_that_fails_is_told_apart(code: str) -> None:
    assert verdict_on(refused(code)) is Verdict.TRIGGER


@pytest.mark.parametrize(
    "code",
    [
        "NotAuthorizedException",
        "UserNotFoundException",
        "UserNotConfirmedException",
        "PasswordResetRequiredException",
        "InvalidParameterException",
        "ResourceNotFoundException",
        "ForbiddenException",
        "UnsupportedOperationException",
        "OperationNotEnabledException",
        "NeverHeardOfIt",
        "HTTP 404",
    ],
)
def test_a_refusal_by_the_primary_is_the_canarys_fault(code: str) -> None:
    assert verdict_on(refused(code), primary=False) is Verdict.CANARY_BROKEN


def test_an_unexpected_challenge_is_the_canarys_fault() -> None:
    assert verdict_on(Challenged(name="SMS_MFA", latency_seconds=0.1)) is Verdict.CANARY_BROKEN


@pytest.mark.parametrize("primary_signed_in", [True, False])
def test_an_inactive_replica_is_not_ready(*, primary_signed_in: bool) -> None:
    answer = refused("OperationNotEnabledException")

    assert verdict_on(answer, side=Side.STANDBY, primary=primary_signed_in) is Verdict.NOT_READY


@pytest.mark.parametrize("code", ["NotAuthorizedException", "UserNotFoundException"])
def test_a_user_only_the_replica_refuses_is_not_replicated_yet(code: str) -> None:
    assert judged(signed_in(), refused(code)).standby.verdict is Verdict.NOT_READY


@pytest.mark.parametrize("primary", [refused("NotAuthorizedException"), silent()])
def test_a_user_the_replica_refuses_is_a_broken_canary_if_the_primary_did_not_let_it_in(primary: Answer) -> None:
    assert judged(primary, refused("NotAuthorizedException")).standby.verdict is Verdict.CANARY_BROKEN


def test_tokens_without_a_key_are_unverified() -> None:
    assert verdict_on(signed_in(Unverified(reason="no key"))) is Verdict.UNVERIFIED


@pytest.mark.parametrize(
    ("reason", "verdict"),
    [
        (Untried.CANARY_REFUSED, Verdict.CANARY_BROKEN),
        (Untried.NOT_REPLICATED, Verdict.NOT_READY),
        (Untried.NO_CREDENTIALS, Verdict.UNKNOWN),
        (Untried.PROBE_FAULT, Verdict.UNKNOWN),
    ],
)
def test_what_was_not_tried_keeps_what_was_known_of_the_canary(reason: Untried, verdict: Verdict) -> None:
    assert verdict_on(NotTried(reason=reason)) is verdict


def test_a_sick_target_makes_the_region_sick_though_the_canary_is_broken() -> None:
    region = judged(refused("NotAuthorizedException"), signed_in(), primary_target=silent()).primary

    assert region == Judgement(verdict=Verdict.SICK, login=Verdict.CANARY_BROKEN, target=Verdict.SICK)


def test_a_healthy_target_does_not_make_up_for_a_sick_login() -> None:
    region = judged(silent(), signed_in(), primary_target=Reached(http_status=200, latency_seconds=0.1)).primary

    assert (region.verdict, region.target) == (Verdict.SICK, Verdict.HEALTHY)


@pytest.mark.parametrize(
    ("code", "verdict"),
    [("TooManyRequestsException", Verdict.THROTTLED), ("UnexpectedLambdaException", Verdict.TRIGGER)],
)
def test_a_targets_error_is_not_sickness_where_the_login_explains_it(code: str, verdict: Verdict) -> None:
    region = judged(refused(code), signed_in(), primary_target=refused("HTTP 502", 502)).primary

    assert region == Judgement(verdict=verdict, login=verdict, target=verdict)


def test_a_targets_silence_is_sickness_though_its_cognito_throttles() -> None:
    region = judged(refused("TooManyRequestsException"), signed_in(), primary_target=silent()).primary

    assert region.verdict is Verdict.SICK


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize(("witness_answered", "verdict"), [(True, Verdict.SICK), (False, Verdict.UNKNOWN)])
def test_either_region_that_is_silent_is_sick_only_beside_a_witness(
    side: Side, witness_answered: bool, verdict: Verdict
) -> None:
    well = Answers(login=signed_in())
    answers = PerSide(primary=well, standby=well).replace(side, Answers(login=silent()))
    found = judge(answers, witness_answered=witness_answered)
    assert found[side] == Judgement(verdict=verdict, login=verdict)
    assert found[side.other] == Judgement(verdict=Verdict.HEALTHY, login=Verdict.HEALTHY)


@pytest.mark.parametrize("side", Side)
def test_a_user_whom_only_the_standbys_target_refuses_is_not_replicated_yet(side: Side) -> None:
    well = Answers(login=signed_in())
    through = Answers(login=signed_in(), target=refused("UserNotFoundException"))
    found = judge(PerSide(primary=well, standby=well).replace(side, through), witness_answered=True)[side]
    assert found.target is (Verdict.NOT_READY if side is Side.STANDBY else Verdict.CANARY_BROKEN)
