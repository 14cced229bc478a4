"""Explanations of a Region's verdict, for people. Pure."""

from collections.abc import Mapping
from typing import assert_never

from cognito_failover.core.probe_result import (
    Challenged,
    EmptySuccess,
    ErrorResponse,
    FailureKind,
    HttpOk,
    NoResponse,
    ProbeResult,
    SignInSuccess,
    Skipped,
    SkipReason,
    TokenProblem,
    Unverified,
    Verified,
)
from cognito_failover.core.verdict import ProbeResults, RegionVerdict, Verdict
from cognito_failover.probe.https_client import Timeouts


def explain_verdict(
    region: str, results: ProbeResults, region_verdict: RegionVerdict, *, witness_answered: bool, timeouts: Timeouts
) -> str:
    """Return an explanation: what a Region answered, and what that means."""
    observed = f"{region}'s Cognito {_describe_result(results.login, timeouts)}"
    if results.target is not None:
        observed += f"; its target {_describe_result(results.target, timeouts)}"
    meaning = _interpret(
        region_verdict.verdict, _get_decisive_result(results, region_verdict), witness_answered=witness_answered
    )
    return f"{observed}. {meaning}".strip()


def get_reason_code(results: ProbeResults, region_verdict: RegionVerdict) -> str:
    """Return the error code or kind of failure behind a verdict. Empty if the Region is healthy."""
    if region_verdict.verdict is Verdict.HEALTHY:
        return ""
    return _get_code(_get_decisive_result(results, region_verdict))


def _get_decisive_result(results: ProbeResults, region_verdict: RegionVerdict) -> ProbeResult:
    if region_verdict.login is region_verdict.verdict or results.target is None:
        return results.login
    return results.target


def _get_code(result: ProbeResult) -> str:
    match result:
        case SignInSuccess(check=TokenProblem()):
            return "token-problem"
        case SignInSuccess(check=Unverified()):
            return "unverified"
        case SignInSuccess() | HttpOk():
            return ""
        case Challenged():
            return result.name
        case EmptySuccess():
            return "empty-answer"
        case ErrorResponse():
            return result.code
        case NoResponse():
            return result.kind
        case Skipped():
            return result.reason
        case _:
            assert_never(result)


def _describe_result(result: ProbeResult, timeouts: Timeouts) -> str:
    match result:
        case SignInSuccess():
            return _describe_sign_in(result)
        case HttpOk():
            return f"answered HTTP {result.http_status} after {result.latency_seconds:.2f} s"
        case Challenged():
            return f"asked for {result.name}, a step the canary must not need"
        case EmptySuccess():
            return "reported success with neither tokens nor a challenge"
        case ErrorResponse():
            message = f": {result.message.rstrip('.')}" if result.message else ""
            return f"returned {result.code} (HTTP {result.http_status}){message}"
        case NoResponse():
            return _FAILURE_PHRASES[result.kind].format(timeouts)
        case Skipped():
            return _describe_skip(result.reason)
        case _:
            assert_never(result)


def _describe_sign_in(result: SignInSuccess) -> str:
    match result.check:
        case Verified():
            return f"signed the canary in after {result.latency_seconds:.2f} s"
        case TokenProblem():
            return f"returned tokens that services must refuse: {result.check.reason}"
        case Unverified():
            return (
                f"signed the canary in after {result.latency_seconds:.2f} s, with tokens that can't be verified: "
                f"{result.check.reason}"
            )
        case _:
            assert_never(result.check)


_FAILURE_PHRASES: Mapping[FailureKind, str] = {
    FailureKind.TCP_TIMEOUT: "accepted none of several TCP connections within {0.tcp_seconds:g} s",
    FailureKind.CONNECT_TIMEOUT: "did not accept a connection within {0.connect_seconds:g} s",
    FailureKind.READ_TIMEOUT: "accepted a connection but sent nothing for {0.read_seconds:g} s",
    FailureKind.DEADLINE: "did not answer before the round's deadline",
    FailureKind.REFUSED: "refused the connection",
    FailureKind.RESET: "closed the connection before it answered",
    FailureKind.UNREACHABLE: "can't be reached from this observer",
    FailureKind.DNS: "has a host name that does not resolve",
    FailureKind.TLS: "offered no TLS connection with a valid certificate",
    FailureKind.INVALID_HTTP: "answered with something that is not HTTP",
    FailureKind.CUT_OFF: "broke the connection off in the middle of its answer",
}
"""A phrase for each kind, formatted with the timeouts."""


def _describe_skip(reason: SkipReason) -> str:
    match reason:
        case SkipReason.CANARY_REFUSED:
            return "answers, but no sign-in was tried: it refused the canary's password, and retries could lock it out"
        case SkipReason.NOT_REPLICATED:
            return "answers, but no sign-in was tried: it recently refused the user that the primary accepts"
        case SkipReason.NO_CREDENTIALS:
            return "answers, but no sign-in was tried: the canary's secret has not been read yet"
        case SkipReason.PROBE_ERROR:
            return "has no result: the probe failed with an internal error, see its log"
        case _:
            assert_never(reason)


def _interpret(verdict: Verdict, decisive: ProbeResult, *, witness_answered: bool) -> str:
    match verdict:
        case Verdict.HEALTHY:
            return ""
        case Verdict.SICK:
            return "A third Region answered, so this Region failed." if isinstance(decisive, NoResponse) else ""
        case Verdict.UNKNOWN:
            if witness_answered:
                return ""
            return "No third Region answered either: the observer's network may have failed."
        case Verdict.THROTTLED:
            return "A throttled Region does not count as sick. A move to a smaller quota would not help."
        case Verdict.TRIGGER:
            return "A Lambda trigger of the pool failed, not the Region. See the trigger's log."
        case Verdict.CANARY_BROKEN:
            return "The canary failed, not the Region. Fix its user, password or app client."
        case Verdict.NOT_READY:
            return "The replica can't take over before it is ACTIVE and has the primary's users."
        case Verdict.UNVERIFIED:
            return "The Region counts as able to serve."
        case _:
            assert_never(verdict)
