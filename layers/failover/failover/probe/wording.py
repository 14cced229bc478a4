"""What was seen of a Region, as a sentence for people."""

from collections.abc import Mapping
from typing import assert_never

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
    Untried,
    Unverified,
    Verified,
)
from failover.probe.https import Timeouts
from failover.probe.verdict import Answers, Judgement, Verdict


def describe(region: str, answers: Answers, judgement: Judgement, *, witness_answered: bool, timeouts: Timeouts) -> str:
    """Say what a Region answered and what that means."""
    seen = f"{region}'s Cognito {_say(answers.login, timeouts)}"
    if answers.target is not None:
        seen += f"; its target {_say(answers.target, timeouts)}"
    meaning = _mean(judgement.verdict, _decisive(answers, judgement), witness_answered=witness_answered)
    return f"{seen}. {meaning}".strip()


def code_of(answers: Answers, judgement: Judgement) -> str:
    """Name the error or silence behind a verdict; empty when all is well."""
    if judgement.verdict is Verdict.HEALTHY:
        return ""
    return _code(_decisive(answers, judgement))


def _decisive(answers: Answers, judgement: Judgement) -> Answer:
    if judgement.login is judgement.verdict or answers.target is None:
        return answers.login
    return answers.target


def _code(answer: Answer) -> str:
    match answer:
        case SignedIn(check=TokenProblem()):
            return "token-problem"
        case SignedIn(check=Unverified()):
            return "unverified"
        case SignedIn() | Reached():
            return ""
        case Challenged():
            return answer.name
        case EmptyAnswer():
            return "empty-answer"
        case Refused():
            return answer.code
        case Silent():
            return answer.kind
        case NotTried():
            return answer.reason
        case _:
            assert_never(answer)


def _say(answer: Answer, timeouts: Timeouts) -> str:
    match answer:
        case SignedIn():
            return _say_signed_in(answer)
        case Reached():
            return f"answered HTTP {answer.http_status} after {answer.latency_seconds:.2f} s"
        case Challenged():
            return f"asked for {answer.name}, a step the canary must not need"
        case EmptyAnswer():
            return "reported success with neither tokens nor a challenge"
        case Refused():
            said = f": {answer.message.rstrip('.')}" if answer.message else ""
            return f"refused with {answer.code} (HTTP {answer.http_status}){said}"
        case Silent():
            return _SILENCES[answer.kind].format(timeouts)
        case NotTried():
            return _say_untried(answer.reason)
        case _:
            assert_never(answer)


def _say_signed_in(answer: SignedIn) -> str:
    match answer.check:
        case Verified():
            return f"signed the canary in after {answer.latency_seconds:.2f} s"
        case TokenProblem():
            return f"gave tokens that services must refuse: {answer.check.reason}"
        case Unverified():
            return (
                f"signed the canary in after {answer.latency_seconds:.2f} s, with tokens that can't be verified: "
                f"{answer.check.reason}"
            )
        case _:
            assert_never(answer.check)


_SILENCES: Mapping[Silence, str] = {
    Silence.TCP_TIMEOUT: "accepted none of several connections within {0.tcp_seconds:g} s",
    Silence.CONNECT_TIMEOUT: "did not accept a connection within {0.connect_seconds:g} s",
    Silence.READ_TIMEOUT: "accepted a connection but sent nothing for {0.read_seconds:g} s",
    Silence.DEADLINE: "did not answer before the round's deadline",
    Silence.REFUSED: "refused the connection",
    Silence.RESET: "broke the connection off",
    Silence.UNREACHABLE: "can't be reached from here",
    Silence.DNS: "has a name that does not resolve",
    Silence.TLS: "offered no TLS connection whose certificate is right",
    Silence.GARBLED: "answered with something that is not HTTP",
}
"""How each is told, given the timeouts."""


def _say_untried(reason: Untried) -> str:
    match reason:
        case Untried.CANARY_REFUSED:
            return "is up, but was not asked to sign in: it refused the canary's password, which must not lock it out"
        case Untried.NOT_REPLICATED:
            return "is up, but was not asked to sign in: it lately refused the user that the primary knows"
        case Untried.NO_CREDENTIALS:
            return "is up, but was not asked to sign in: the canary's secret has not been read"
        case Untried.PROBE_FAULT:
            return "was not asked: the probe itself failed, see its log"
        case _:
            assert_never(reason)


def _mean(verdict: Verdict, decisive: Answer, *, witness_answered: bool) -> str:
    match verdict:
        case Verdict.HEALTHY:
            return ""
        case Verdict.SICK:
            return "A third Region answered, so it is this Region." if isinstance(decisive, Silent) else ""
        case Verdict.UNKNOWN:
            return "" if witness_answered else "No third Region answered either, so this says nothing about this one."
        case Verdict.THROTTLED:
            return "A throttled Region is not sick, and a smaller quota elsewhere would not help."
        case Verdict.TRIGGER:
            return "That is a Lambda trigger of the pool, not the Region; see the trigger's own log."
        case Verdict.CANARY_BROKEN:
            return "That is the canary, not the Region; put its user, password or app client right."
        case Verdict.NOT_READY:
            return "The replica can't take over before it is ACTIVE and has the primary's users."
        case Verdict.UNVERIFIED:
            return "It counts as up."
        case _:
            assert_never(verdict)
