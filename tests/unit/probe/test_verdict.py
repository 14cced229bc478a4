"""The verdict for each kind of result."""

from dataclasses import replace

import pytest

from cognito_failover.common.region import PerRole, RegionRole
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
    TokenCheck,
    TokenProblem,
    Tokens,
    UnexpectedClaims,
    Unverified,
    Verified,
)
from cognito_failover.core.verdict import ProbeResults, RegionVerdict, Verdict, evaluate_both_regions, evaluate_login


def make_error_response(code: str, status: int = 400) -> ErrorResponse:
    return ErrorResponse(code=code, http_status=status, message="", latency_seconds=0.1)


def make_sign_in(check: TokenCheck | None = None) -> SignInSuccess:
    tokens = Tokens(id_token="i", access_token="a")
    return SignInSuccess(tokens=tokens, latency_seconds=0.1, check=check or Verified(subject="sub"))


def make_no_response(kind: FailureKind = FailureKind.READ_TIMEOUT) -> NoResponse:
    return NoResponse(kind=kind)


def get_verdict(
    result: ProbeResult, *, role: RegionRole = RegionRole.PRIMARY, witness: bool = True, other: bool = True
) -> Verdict:
    other_login = make_sign_in() if other else make_no_response()
    return evaluate_login(result, other_login, role=role, witness_answered=witness)


def evaluate_regions(
    primary: ProbeResult,
    standby: ProbeResult,
    *,
    primary_target: ProbeResult | None = None,
    standby_target: ProbeResult | None = None,
) -> PerRole[RegionVerdict]:
    results = PerRole(
        primary=ProbeResults(login=primary, target=primary_target),
        standby=ProbeResults(login=standby, target=standby_target),
    )
    return evaluate_both_regions(results, witness_answered=True)


@pytest.mark.parametrize("role", RegionRole)
def test_verified_sign_in_is_healthy(role: RegionRole) -> None:
    assert get_verdict(make_sign_in(), role=role) is Verdict.HEALTHY


def test_path_that_answers_ok_is_healthy() -> None:
    assert get_verdict(HttpOk(http_status=204, latency_seconds=0.1)) is Verdict.HEALTHY


@pytest.mark.parametrize("role", RegionRole)
@pytest.mark.parametrize(
    "result",
    [
        make_error_response("InternalErrorException", 500),
        make_error_response("InternalErrorException", 400),
        make_error_response("NeverHeardOfIt", 500),
        make_error_response("HTTP 502", 502),
        make_error_response("ServiceUnavailable", 503),
        EmptySuccess(latency_seconds=0.1),
        make_sign_in(TokenProblem(reason="the id token has a wrong signature")),
    ],
)
def test_region_error_is_sick_without_witness(result: ProbeResult, role: RegionRole) -> None:
    assert get_verdict(result, role=role, witness=False) is Verdict.SICK


@pytest.mark.parametrize("role", RegionRole)
@pytest.mark.parametrize("kind", FailureKind)
def test_silence_is_sick_only_with_witness(kind: FailureKind, role: RegionRole) -> None:
    assert get_verdict(make_no_response(kind), role=role, witness=True) is Verdict.SICK
    assert get_verdict(make_no_response(kind), role=role, witness=False) is Verdict.UNKNOWN


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
def test_throttling_has_its_own_verdict(code: str, status: int) -> None:
    assert get_verdict(make_error_response(code, status)) is Verdict.THROTTLED


@pytest.mark.parametrize(
    "code", ["UnexpectedLambdaException", "InvalidLambdaResponseException", "UserLambdaValidationException"]
)
def test_failing_trigger_has_its_own_verdict(code: str) -> None:
    assert get_verdict(make_error_response(code)) is Verdict.TRIGGER


@pytest.mark.parametrize(
    "code",
    [
        "NotAuthorizedException",
        "UserNotFoundException",
        "UserNotConfirmedException",
        "PasswordResetRequiredException",
        "InvalidParameterException",
        "ResourceNotFoundException",
        "UnsupportedOperationException",
        "OperationNotEnabledException",
        "NeverHeardOfIt",
    ],
)
@pytest.mark.parametrize("other", [True, False])
def test_refusal_by_primary_is_canary_broken(code: str, *, other: bool) -> None:
    assert get_verdict(make_error_response(code), other=other) is Verdict.CANARY_BROKEN


@pytest.mark.parametrize("role", RegionRole)
@pytest.mark.parametrize(
    "result",
    [
        IntermediaryResponse(code="waf-challenge", http_status=202, latency_seconds=0.1),
        IntermediaryResponse(code="waf-captcha", http_status=405, latency_seconds=0.1),
        IntermediaryResponse(code="HTTP 200", http_status=200, latency_seconds=0.1),
        make_error_response("ForbiddenException", 403),
        make_error_response("HTTP 302", 302),
        make_error_response("HTTP 404", 404),
    ],
)
def test_answer_of_an_intermediary_has_its_own_verdict(result: ProbeResult, role: RegionRole) -> None:
    assert get_verdict(result, role=role) is Verdict.INTERMEDIARY


def test_challenge_is_canary_broken() -> None:
    assert get_verdict(Challenged(name="SMS_MFA", latency_seconds=0.1)) is Verdict.CANARY_BROKEN


@pytest.mark.parametrize("other", [True, False])
def test_inactive_replica_is_inactive(*, other: bool) -> None:
    error = make_error_response("OperationNotEnabledException")

    assert get_verdict(error, role=RegionRole.STANDBY, other=other) is Verdict.INACTIVE


def test_deleted_replica_is_inactive_if_primary_knows_the_client() -> None:
    error = make_error_response("ResourceNotFoundException")

    assert get_verdict(error, role=RegionRole.STANDBY) is Verdict.INACTIVE
    assert get_verdict(error, role=RegionRole.STANDBY, other=False) is Verdict.CANARY_BROKEN


@pytest.mark.parametrize(
    "refusal",
    [
        make_error_response("NotAuthorizedException"),
        make_error_response("UserNotFoundException"),
        make_error_response("PasswordResetRequiredException"),
        make_error_response("InvalidParameterException"),
        make_error_response("NeverHeardOfIt"),
        Challenged(name="EMAIL_OTP", latency_seconds=0.1),
        Skipped(reason=SkipReason.CANARY_REFUSED),
        Skipped(reason=SkipReason.CHALLENGED),
        make_sign_in(UnexpectedClaims(reason="another sub", subject="sub-2")),
    ],
)
def test_canary_refused_by_replica_only_is_not_ready(refusal: ProbeResult) -> None:
    assert evaluate_regions(make_sign_in(), refusal).standby.verdict is Verdict.NOT_READY


@pytest.mark.parametrize(
    "primary",
    [
        make_error_response("NotAuthorizedException"),
        make_no_response(),
        make_sign_in(TokenProblem(reason="the id token has a wrong signature")),
    ],
)
def test_canary_refused_by_replica_without_control_is_canary_broken(primary: ProbeResult) -> None:
    assert (
        evaluate_regions(primary, make_error_response("NotAuthorizedException")).standby.verdict
        is Verdict.CANARY_BROKEN
    )


@pytest.mark.parametrize("reason", ["another sub", "another iss", "another aud"])
def test_token_that_only_our_settings_refuse_is_canary_broken(reason: str) -> None:
    unexpected = make_sign_in(UnexpectedClaims(reason=reason, subject="sub-2"))

    verdicts = evaluate_regions(unexpected, unexpected)
    assert {verdict.verdict for _, verdict in verdicts} == {Verdict.CANARY_BROKEN}
    verdicts = evaluate_regions(unexpected, make_sign_in())
    assert (verdicts.primary.verdict, verdicts.standby.verdict) == (Verdict.CANARY_BROKEN, Verdict.HEALTHY)


def test_token_problem_in_both_regions_is_the_observers_own() -> None:
    expired = make_sign_in(TokenProblem(reason="the id token has no exp in the future"))
    forged = make_sign_in(TokenProblem(reason="the id token has a wrong signature"))

    assert {verdict.verdict for _, verdict in evaluate_regions(expired, expired)} == {Verdict.CANARY_BROKEN}
    assert evaluate_regions(expired, make_sign_in()).primary.verdict is Verdict.SICK
    assert {verdict.verdict for _, verdict in evaluate_regions(expired, forged)} == {Verdict.SICK}


def test_tokens_without_key_are_unverified() -> None:
    assert get_verdict(make_sign_in(Unverified(reason="no key"))) is Verdict.UNVERIFIED


@pytest.mark.parametrize(
    ("reason", "verdict"),
    [
        (SkipReason.CANARY_REFUSED, Verdict.CANARY_BROKEN),
        (SkipReason.CHALLENGED, Verdict.CANARY_BROKEN),
        (SkipReason.NOT_REPLICATED, Verdict.NOT_READY),
        (SkipReason.NO_CREDENTIALS, Verdict.UNKNOWN),
        (SkipReason.PROBE_ERROR, Verdict.UNKNOWN),
    ],
)
def test_skipped_probe_has_the_verdict_of_its_reason(reason: SkipReason, verdict: Verdict) -> None:
    assert get_verdict(Skipped(reason=reason)) is verdict
    assert get_verdict(Skipped(reason=reason, http_status=400)) is verdict


@pytest.mark.parametrize("role", RegionRole)
@pytest.mark.parametrize("witness", [True, False])
def test_server_error_while_the_canary_rests_is_sick(role: RegionRole, *, witness: bool) -> None:
    resting = Skipped(reason=SkipReason.CANARY_REFUSED, http_status=503)

    assert get_verdict(resting, role=role, witness=witness) is Verdict.SICK


@pytest.mark.parametrize(
    ("other_status", "verdict"), [(400, Verdict.SICK), (502, Verdict.CANARY_BROKEN), (None, Verdict.CANARY_BROKEN)]
)
def test_resting_target_is_sick_only_if_the_other_target_answers(other_status: int | None, verdict: Verdict) -> None:
    resting = Skipped(reason=SkipReason.CANARY_REFUSED, http_status=400)

    verdicts = evaluate_regions(
        resting,
        resting,
        primary_target=replace(resting, http_status=502),
        standby_target=replace(resting, http_status=other_status),
    )

    assert verdicts.primary.verdict is verdict


def test_sick_target_makes_region_sick_despite_broken_canary() -> None:
    region = evaluate_regions(
        make_error_response("NotAuthorizedException"), make_sign_in(), primary_target=make_no_response()
    ).primary

    assert region == RegionVerdict(verdict=Verdict.SICK, login=Verdict.CANARY_BROKEN, target=Verdict.SICK)


def test_healthy_target_does_not_offset_sick_login() -> None:
    region = evaluate_regions(
        make_no_response(), make_sign_in(), primary_target=HttpOk(http_status=200, latency_seconds=0.1)
    ).primary

    assert (region.verdict, region.target) == (Verdict.SICK, Verdict.HEALTHY)


@pytest.mark.parametrize(
    ("code", "verdict"),
    [("TooManyRequestsException", Verdict.THROTTLED), ("UnexpectedLambdaException", Verdict.TRIGGER)],
)
def test_target_error_explained_by_login_is_not_sick(code: str, verdict: Verdict) -> None:
    region = evaluate_regions(
        make_error_response(code), make_sign_in(), primary_target=make_error_response("HTTP 502", 502)
    ).primary

    assert region == RegionVerdict(verdict=verdict, login=verdict, target=verdict)


def test_silent_target_is_sick_despite_throttled_login() -> None:
    region = evaluate_regions(
        make_error_response("TooManyRequestsException"), make_sign_in(), primary_target=make_no_response()
    ).primary

    assert region.verdict is Verdict.SICK


@pytest.mark.parametrize("role", RegionRole)
@pytest.mark.parametrize(("witness_answered", "verdict"), [(True, Verdict.SICK), (False, Verdict.UNKNOWN)])
def test_silent_region_does_not_change_the_other_regions_verdict(
    role: RegionRole, witness_answered: bool, verdict: Verdict
) -> None:
    healthy = ProbeResults(login=make_sign_in())
    results = PerRole(primary=healthy, standby=healthy).replace(role, ProbeResults(login=make_no_response()))
    verdicts = evaluate_both_regions(results, witness_answered=witness_answered)
    assert verdicts[role] == RegionVerdict(verdict=verdict, login=verdict)
    assert verdicts[role.opposite] == RegionVerdict(verdict=Verdict.HEALTHY, login=Verdict.HEALTHY)


REFUSALS = [
    make_error_response("HTTP 403", 403),
    make_error_response("HTTP 404", 404),
    make_error_response("HTTP 302", 302),
    make_error_response("HTTP 400", 400),
    make_error_response("ForbiddenException", 403),
    make_error_response("UserNotFoundException"),
    make_error_response("OperationNotEnabledException"),
    Challenged(name="SMS_MFA", latency_seconds=0.1),
    EmptySuccess(latency_seconds=0.1),
    make_sign_in(UnexpectedClaims(reason="another iss", subject="sub-1")),
]


@pytest.mark.parametrize("role", RegionRole)
@pytest.mark.parametrize("refusal", REFUSALS)
def test_target_that_refuses_what_cognito_accepts_has_its_own_verdict(refusal: ProbeResult, role: RegionRole) -> None:
    healthy = ProbeResults(login=make_sign_in(), target=make_sign_in())
    refused = ProbeResults(login=make_sign_in(), target=refusal)
    verdict = evaluate_both_regions(
        PerRole(primary=healthy, standby=healthy).replace(role, refused), witness_answered=True
    )

    assert verdict[role] == RegionVerdict(
        verdict=Verdict.TARGET_REFUSES, login=Verdict.HEALTHY, target=Verdict.TARGET_REFUSES
    )
    assert verdict[role.opposite].verdict is Verdict.HEALTHY


def test_target_that_refuses_by_itself_needs_no_control() -> None:
    wrong_password = make_error_response("NotAuthorizedException")

    for refusal, target in (("HTTP 404", Verdict.TARGET_REFUSES), ("NotAuthorizedException", Verdict.CANARY_BROKEN)):
        verdict = evaluate_regions(
            wrong_password, make_no_response(), primary_target=make_error_response(refusal)
        ).primary
        assert verdict.target is target


def test_challenge_before_the_target_is_an_intermediarys() -> None:
    challenge = IntermediaryResponse(code="waf-challenge", http_status=202, latency_seconds=0.1)

    assert evaluate_regions(make_sign_in(), make_sign_in(), primary_target=challenge).primary == RegionVerdict(
        verdict=Verdict.INTERMEDIARY, login=Verdict.HEALTHY, target=Verdict.INTERMEDIARY
    )
