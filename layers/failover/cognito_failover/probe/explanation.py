"""Explanations of a Region's verdict, for people. Pure."""

from collections.abc import Mapping
from typing import assert_never

from cognito_failover.common.text import format_iso_utc
from cognito_failover.core.probe_result import (
    STATUS_PREFIX,
    Challenged,
    EmptySuccess,
    ErrorResponse,
    FailureKind,
    HttpOk,
    IntermediaryResponse,
    NoResponse,
    ProbeResult,
    SignInSuccess,
    Skipped,
    SkipReason,
    TokenProblem,
    UnexpectedClaims,
    Unverified,
    Verified,
)
from cognito_failover.core.verdict import ProbeResults, RegionVerdict, Verdict
from cognito_failover.probe.https_client import USER_AGENT, Timeouts

_SERVER_ERROR = 500


def explain_verdict(
    region: str, results: ProbeResults, region_verdict: RegionVerdict, *, witness_answered: bool, timeouts: Timeouts
) -> str:
    """Return an explanation: what a Region answered, and what that means."""
    login_text = _describe_result(results.login, timeouts)
    target_text = "" if results.target is None else _describe_result(results.target, timeouts)
    if login_text == target_text and not isinstance(results.login, SignInSuccess):
        observed = f"{region}'s Cognito and its target each {login_text}"
    else:
        observed = f"{region}'s Cognito {login_text}" + (f"; its target {target_text}" if target_text else "")
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


def _get_code(result: ProbeResult) -> str:  # noqa: C901, PLR0911 - one case each
    match result:
        case SignInSuccess(check=TokenProblem()):
            return "token-problem"
        case SignInSuccess(check=UnexpectedClaims()):
            return "unexpected-claims"
        case SignInSuccess(check=Unverified()):
            return "unverified"
        case SignInSuccess() | HttpOk():
            return ""
        case Challenged():
            return result.name
        case EmptySuccess():
            return "empty-answer"
        case ErrorResponse() | IntermediaryResponse():
            return result.code
        case NoResponse():
            return result.kind
        case Skipped(http_status=int(status)) if status >= _SERVER_ERROR:
            return f"{STATUS_PREFIX}{status}"
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
            status = f" (HTTP {result.http_status})" if result.has_service_code else ""
            return f"returned {result.code}{status}{message}"
        case IntermediaryResponse():
            return f"gave an answer that is not Cognito's ({result.code}, HTTP {result.http_status})"
        case NoResponse():
            return _FAILURE_PHRASES[result.kind].format(timeouts)
        case Skipped():
            return _describe_skip(result)
        case _:
            assert_never(result)


def _describe_sign_in(result: SignInSuccess) -> str:
    match result.check:
        case Verified():
            return f"signed the canary in after {result.latency_seconds:.2f} s"
        case TokenProblem():
            return f"returned tokens that services must refuse: {result.check.reason}"
        case UnexpectedClaims():
            return (
                f"signed the canary in after {result.latency_seconds:.2f} s, but with other tokens than expected: "
                f"{result.check.reason}"
            )
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


def _describe_skip(skipped: Skipped) -> str:
    answer = "answers" if skipped.http_status is None else f"answers HTTP {skipped.http_status} without a sign-in"
    next_try = "" if skipped.retry_at is None else f"; next try at {format_iso_utc(skipped.retry_at)}"
    match skipped.reason:
        case SkipReason.CANARY_REFUSED:
            reason = "it refused the canary's password, and retries could lock it out"
        case SkipReason.CHALLENGED:
            reason = "it asked the canary for another step, and each retry may send a message"
        case SkipReason.TARGET_REFUSED:
            reason = "the target refused the password that Cognito accepts, and retries could lock a user out"
        case SkipReason.NOT_REPLICATED:
            reason = "it recently refused the user that the primary accepts"
        case SkipReason.NO_CREDENTIALS:
            reason = "the canary's secret has not been read yet"
        case SkipReason.PROBE_ERROR:
            return "has no result: the probe failed with an internal error, see its log"
        case _:
            assert_never(skipped.reason)
    return f"{answer}, but no sign-in was tried: {reason}{next_try}"


def _interpret(verdict: Verdict, decisive: ProbeResult, *, witness_answered: bool) -> str:
    match verdict:
        case Verdict.SICK if not isinstance(decisive, NoResponse):
            return ""
        case Verdict.UNKNOWN if witness_answered:
            return ""
        case Verdict.CANARY_BROKEN if isinstance(decisive, SignInSuccess):
            return "The Region signs users in, but not as this stack expects. Correct the secret or the setting."
        case _:
            return _MEANINGS[verdict]


_MEANINGS: Mapping[Verdict, str] = {
    Verdict.HEALTHY: "",
    Verdict.SICK: "A third Region answered, so this Region failed.",
    Verdict.INACTIVE: "The replica is INACTIVE or deleted: no user can sign in there.",
    Verdict.UNKNOWN: "No third Region answered either: the observer's network may have failed.",
    Verdict.THROTTLED: "A throttled Region does not count as sick. A move to a smaller quota would not help.",
    Verdict.TRIGGER: "A Lambda trigger of the pool failed, not the Region. See the trigger's log.",
    Verdict.TARGET_REFUSES: ("The target refuses sign-ins, not Cognito. Check its domain mapping, routes and web ACL."),
    Verdict.INTERMEDIARY: (
        "AWS WAF or another intermediary answered, not Cognito. Users may get through. Let it pass requests with the "
        f"User-Agent {USER_AGENT}."
    ),
    Verdict.CANARY_BROKEN: "The canary failed, not the Region. Fix its user, password or app client.",
    Verdict.NOT_READY: "The primary accepts the same canary. The replica can't take over before it does, too.",
    Verdict.UNVERIFIED: "The Region counts as able to serve.",
}
