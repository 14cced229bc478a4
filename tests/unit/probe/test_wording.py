"""The sentences an operator reads."""

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
    TokenProblem,
    Tokens,
    Untried,
    Unverified,
    Verified,
)
from failover.probe.https import Timeouts
from failover.probe.verdict import Answers, judge
from failover.probe.wording import code_of, describe
from failover.region import PerSide

TIMEOUTS = Timeouts(connect_seconds=2, read_seconds=3)
TOKENS = Tokens(identity="i", access="a")
FINE = SignedIn(tokens=TOKENS, latency_seconds=0.214, check=Verified(subject="sub"))


def words(login: Answer, target: Answer | None = None, *, witness: bool = True) -> tuple[str, str]:
    answers = Answers(login=login, target=target)
    judgement = judge(PerSide(primary=Answers(login=FINE), standby=answers), witness_answered=witness).standby
    sentence = describe("us-east-1", answers, judgement, witness_answered=witness, timeouts=TIMEOUTS)
    return code_of(answers, judgement), sentence


@pytest.mark.parametrize(
    ("answer", "code", "sentence"),
    [
        (FINE, "", "us-east-1's Cognito signed the canary in after 0.21 s."),
        (
            SignedIn(tokens=TOKENS, latency_seconds=0.2, check=TokenProblem(reason="the id token has no sub")),
            "token-problem",
            "us-east-1's Cognito gave tokens that services must refuse: the id token has no sub.",
        ),
        (
            SignedIn(tokens=TOKENS, latency_seconds=0.2, check=Unverified(reason="no key")),
            "unverified",
            (
                "us-east-1's Cognito signed the canary in after 0.20 s, with tokens that can't be verified: no key. "
                "It counts as up."
            ),
        ),
        (
            Challenged(name="SMS_MFA", latency_seconds=0.2),
            "SMS_MFA",
            (
                "us-east-1's Cognito asked for SMS_MFA, a step the canary must not need. "
                "That is the canary, not the Region; put its user, password or app client right."
            ),
        ),
        (
            EmptyAnswer(latency_seconds=0.2),
            "empty-answer",
            "us-east-1's Cognito reported success with neither tokens nor a challenge.",
        ),
        (
            Refused(code="InternalErrorException", http_status=500, message="Try later.", latency_seconds=0.2),
            "InternalErrorException",
            "us-east-1's Cognito refused with InternalErrorException (HTTP 500): Try later.",
        ),
        (
            Refused(code="TooManyRequestsException", http_status=400, message="", latency_seconds=0.2),
            "TooManyRequestsException",
            (
                "us-east-1's Cognito refused with TooManyRequestsException (HTTP 400). "
                "A throttled Region is not sick, and a smaller quota elsewhere would not help."
            ),
        ),
        (
            Refused(code="UnexpectedLambdaException", http_status=400, message="", latency_seconds=0.2),
            "UnexpectedLambdaException",
            (
                "us-east-1's Cognito refused with UnexpectedLambdaException (HTTP 400). "
                "That is a Lambda trigger of the pool, not the Region; see the trigger's own log."
            ),
        ),
        (
            Refused(code="OperationNotEnabledException", http_status=400, message="", latency_seconds=0.2),
            "OperationNotEnabledException",
            (
                "us-east-1's Cognito refused with OperationNotEnabledException (HTTP 400). "
                "The replica can't take over before it is ACTIVE and has the primary's users."
            ),
        ),
        (
            Silent(kind=Silence.TCP_TIMEOUT),
            "tcp-timeout",
            (
                "us-east-1's Cognito accepted none of several connections within 1 s. "
                "A third Region answered, so it is this Region."
            ),
        ),
        (
            Silent(kind=Silence.CONNECT_TIMEOUT),
            "connect-timeout",
            (
                "us-east-1's Cognito did not accept a connection within 2 s. "
                "A third Region answered, so it is this Region."
            ),
        ),
        (
            NotTried(reason=Untried.PROBE_FAULT),
            "probe-fault",
            "us-east-1's Cognito was not asked: the probe itself failed, see its log.",
        ),
    ],
)
def test_a_region_is_described_with_its_code(answer: Answer, code: str, sentence: str) -> None:
    assert words(answer) == (code, sentence)


def test_silence_without_a_witness_is_described_as_saying_nothing() -> None:
    assert words(Silent(kind=Silence.DEADLINE), witness=False) == (
        "deadline",
        (
            "us-east-1's Cognito did not answer before the round's deadline. "
            "No third Region answered either, so this says nothing about this one."
        ),
    )


def test_the_target_is_described_beside_the_login_and_gives_the_code_when_it_decides() -> None:
    assert words(FINE, Silent(kind=Silence.TLS)) == (
        "tls",
        (
            "us-east-1's Cognito signed the canary in after 0.21 s; its target offered no TLS connection whose "
            "certificate is right. A third Region answered, so it is this Region."
        ),
    )


def test_a_target_that_is_fine_is_described_too() -> None:
    assert words(FINE, Reached(http_status=200, latency_seconds=0.5)) == (
        "",
        "us-east-1's Cognito signed the canary in after 0.21 s; its target answered HTTP 200 after 0.50 s.",
    )


@pytest.mark.parametrize("kind", Silence)
def test_every_silence_has_words_of_its_own(kind: Silence) -> None:
    others = {words(Silent(kind=other))[1] for other in Silence if other is not kind}

    assert words(Silent(kind=kind))[1] not in others


@pytest.mark.parametrize("reason", Untried)
def test_every_reason_not_to_try_has_words_of_its_own(reason: Untried) -> None:
    others = {words(NotTried(reason=other))[1] for other in Untried if other is not reason}

    assert words(NotTried(reason=reason))[1] not in others
