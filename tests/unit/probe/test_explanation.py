"""Explanations that operators read."""

import pytest

from cognito_failover.common.region import PerRole
from cognito_failover.core.probe_result import (
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
    Tokens,
    UnexpectedClaims,
    Unverified,
    Verified,
)
from cognito_failover.core.verdict import ProbeResults, evaluate_both_regions
from cognito_failover.probe.explanation import explain_verdict, get_reason_code
from cognito_failover.probe.https_client import USER_AGENT, Timeouts

TIMEOUTS = Timeouts(connect_seconds=2, read_seconds=3)
TOKENS = Tokens(id_token="i", access_token="a")
HEALTHY_RESULT = SignInSuccess(tokens=TOKENS, latency_seconds=0.214, check=Verified(subject="sub"))


def describe_reading(login: ProbeResult, target: ProbeResult | None = None, *, witness: bool = True) -> tuple[str, str]:
    results = ProbeResults(login=login, target=target)
    verdict = evaluate_both_regions(
        PerRole(primary=ProbeResults(login=HEALTHY_RESULT), standby=results), witness_answered=witness
    ).standby
    explanation = explain_verdict("us-east-1", results, verdict, witness_answered=witness, timeouts=TIMEOUTS)
    return get_reason_code(results, verdict), explanation


@pytest.mark.parametrize(
    ("result", "code", "explanation"),
    [
        (HEALTHY_RESULT, "", "us-east-1's Cognito signed the canary in after 0.21 s."),
        (
            SignInSuccess(tokens=TOKENS, latency_seconds=0.2, check=TokenProblem(reason="the id token has no sub")),
            "token-problem",
            "us-east-1's Cognito returned tokens that services must refuse: the id token has no sub.",
        ),
        (
            SignInSuccess(tokens=TOKENS, latency_seconds=0.2, check=Unverified(reason="no key")),
            "unverified",
            (
                "us-east-1's Cognito signed the canary in after 0.20 s, with tokens that can't be verified: no key. "
                "The Region counts as able to serve."
            ),
        ),
        (
            Challenged(name="SMS_MFA", latency_seconds=0.2),
            "SMS_MFA",
            (
                "us-east-1's Cognito asked for SMS_MFA, a step the canary must not need. "
                "The primary accepts the same canary. The replica can't take over before it does, too."
            ),
        ),
        (
            EmptySuccess(latency_seconds=0.2),
            "empty-answer",
            "us-east-1's Cognito reported success with neither tokens nor a challenge.",
        ),
        (
            ErrorResponse(code="InternalErrorException", http_status=500, message="Try later.", latency_seconds=0.2),
            "InternalErrorException",
            "us-east-1's Cognito returned InternalErrorException (HTTP 500): Try later.",
        ),
        (
            ErrorResponse(code="TooManyRequestsException", http_status=400, message="", latency_seconds=0.2),
            "TooManyRequestsException",
            (
                "us-east-1's Cognito returned TooManyRequestsException (HTTP 400). "
                "A throttled Region does not count as sick. A move to a smaller quota would not help."
            ),
        ),
        (
            ErrorResponse(code="UnexpectedLambdaException", http_status=400, message="", latency_seconds=0.2),
            "UnexpectedLambdaException",
            (
                "us-east-1's Cognito returned UnexpectedLambdaException (HTTP 400). "
                "A Lambda trigger of the pool failed, not the Region. See the trigger's log."
            ),
        ),
        (
            ErrorResponse(code="OperationNotEnabledException", http_status=400, message="", latency_seconds=0.2),
            "OperationNotEnabledException",
            (
                "us-east-1's Cognito returned OperationNotEnabledException (HTTP 400). "
                "The replica is INACTIVE or deleted: no user can sign in there."
            ),
        ),
        (
            IntermediaryResponse(code="waf-challenge", http_status=202, latency_seconds=0.2),
            "waf-challenge",
            (
                "us-east-1's Cognito gave an answer that is not Cognito's (waf-challenge, HTTP 202). AWS WAF or "
                "another intermediary answered, not Cognito. Users may get through. Let it pass requests with the "
                f"User-Agent {USER_AGENT}."
            ),
        ),
        (
            SignInSuccess(tokens=TOKENS, latency_seconds=0.2, check=UnexpectedClaims(reason="another sub")),
            "unexpected-claims",
            (
                "us-east-1's Cognito signed the canary in after 0.20 s, but with other tokens than expected: another "
                "sub. The primary accepts the same canary. The replica can't take over before it does, too."
            ),
        ),
        (
            Skipped(reason=SkipReason.CANARY_REFUSED, http_status=503),
            "HTTP 503",
            (
                "us-east-1's Cognito answers HTTP 503 without a sign-in, but no sign-in was tried: it refused the "
                "canary's password, and retries could lock it out."
            ),
        ),
        (
            Skipped(reason=SkipReason.NOT_REPLICATED, http_status=400, retry_at=1_800_000_000.0),
            "not-replicated",
            (
                "us-east-1's Cognito answers HTTP 400 without a sign-in, but no sign-in was tried: it recently refused "
                "the user that the primary accepts; next try at 2027-01-15T08:00:00Z. The primary accepts the same "
                "canary. The replica can't take over before it does, too."
            ),
        ),
        (
            NoResponse(kind=FailureKind.TCP_TIMEOUT),
            "tcp-timeout",
            (
                "us-east-1's Cognito accepted none of several TCP connections within 1 s. "
                "A third Region answered, so this Region failed."
            ),
        ),
        (
            NoResponse(kind=FailureKind.CONNECT_TIMEOUT),
            "connect-timeout",
            (
                "us-east-1's Cognito did not accept a connection within 2 s. "
                "A third Region answered, so this Region failed."
            ),
        ),
        (
            Skipped(reason=SkipReason.PROBE_ERROR),
            "probe-fault",
            "us-east-1's Cognito has no result: the probe failed with an internal error, see its log.",
        ),
    ],
)
def test_region_is_described_with_code(result: ProbeResult, code: str, explanation: str) -> None:
    assert describe_reading(result) == (code, explanation)


def test_silence_without_witness_is_described_as_inconclusive() -> None:
    assert describe_reading(NoResponse(kind=FailureKind.DEADLINE), witness=False) == (
        "deadline",
        (
            "us-east-1's Cognito did not answer before the round's deadline. "
            "No third Region answered either: the observer's network may have failed."
        ),
    )


def test_target_is_described_after_login_and_gives_deciding_code() -> None:
    assert describe_reading(HEALTHY_RESULT, NoResponse(kind=FailureKind.TLS)) == (
        "tls",
        (
            "us-east-1's Cognito signed the canary in after 0.21 s; its target offered no TLS connection with a "
            "valid certificate. A third Region answered, so this Region failed."
        ),
    )


def test_same_result_of_cognito_and_target_is_described_once() -> None:
    silence = NoResponse(kind=FailureKind.REFUSED)

    assert describe_reading(silence, silence) == (
        "refused",
        (
            "us-east-1's Cognito and its target each refused the connection. A third Region answered, so this Region "
            "failed."
        ),
    )


def test_target_that_refuses_is_described() -> None:
    refusal = ErrorResponse(code="HTTP 403", http_status=403, message="Forbidden", latency_seconds=0.1)

    assert describe_reading(HEALTHY_RESULT, refusal) == (
        "HTTP 403",
        (
            "us-east-1's Cognito signed the canary in after 0.21 s; its target returned HTTP 403: "
            "Forbidden. The target refuses sign-ins, not Cognito. Check its domain mapping, routes and web ACL."
        ),
    )


def test_tokens_that_only_our_settings_refuse_are_described() -> None:
    unexpected = SignInSuccess(tokens=TOKENS, latency_seconds=0.2, check=UnexpectedClaims(reason="another sub"))
    results = PerRole(primary=ProbeResults(login=unexpected), standby=ProbeResults(login=unexpected))
    verdict = evaluate_both_regions(results, witness_answered=True).primary

    explanation = explain_verdict("eu-west-1", results.primary, verdict, witness_answered=True, timeouts=TIMEOUTS)

    assert explanation.endswith(
        "The Region signs users in, but not as this stack expects. Correct the secret or the setting."
    )


def test_healthy_target_is_described() -> None:
    assert describe_reading(HEALTHY_RESULT, HttpOk(http_status=200, latency_seconds=0.5)) == (
        "",
        "us-east-1's Cognito signed the canary in after 0.21 s; its target answered HTTP 200 after 0.50 s.",
    )


@pytest.mark.parametrize("kind", FailureKind)
def test_every_failure_kind_has_its_own_description(kind: FailureKind) -> None:
    others = {describe_reading(NoResponse(kind=other))[1] for other in FailureKind if other is not kind}

    assert describe_reading(NoResponse(kind=kind))[1] not in others


@pytest.mark.parametrize("reason", SkipReason)
def test_every_skip_reason_has_its_own_description(reason: SkipReason) -> None:
    others = {describe_reading(Skipped(reason=other))[1] for other in SkipReason if other is not reason}

    assert describe_reading(Skipped(reason=reason))[1] not in others
