"""The verdict for each kind of result."""

import pytest

from cognito_failover.common.region import PerRole, RegionRole
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
    TokenCheck,
    TokenProblem,
    Tokens,
    Unverified,
    Verified,
)
from cognito_failover.core.verdict import ProbeResults, RegionVerdict, Verdict, evaluate_both_regions, evaluate_result


def make_error_response(code: str, status: int = 400) -> ErrorResponse:
    return ErrorResponse(code=code, http_status=status, message="", latency_seconds=0.1)


def make_sign_in(check: TokenCheck | None = None) -> SignInSuccess:
    tokens = Tokens(id_token="i", access_token="a")
    return SignInSuccess(tokens=tokens, latency_seconds=0.1, check=check or Verified(subject="sub"))


def make_no_response(kind: FailureKind = FailureKind.READ_TIMEOUT) -> NoResponse:
    return NoResponse(kind=kind)


def get_verdict(
    result: ProbeResult, *, role: RegionRole = RegionRole.PRIMARY, witness: bool = True, primary: bool = True
) -> Verdict:
    return evaluate_result(result, role=role, witness_answered=witness, primary_signed_in=primary)


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
        "ForbiddenException",
        "UnsupportedOperationException",
        "OperationNotEnabledException",
        "NeverHeardOfIt",
        "HTTP 404",
    ],
)
def test_refusal_by_primary_is_canary_broken(code: str) -> None:
    assert get_verdict(make_error_response(code), primary=False) is Verdict.CANARY_BROKEN


def test_challenge_is_canary_broken() -> None:
    assert get_verdict(Challenged(name="SMS_MFA", latency_seconds=0.1)) is Verdict.CANARY_BROKEN


@pytest.mark.parametrize("primary_signed_in", [True, False])
def test_inactive_replica_is_not_ready(*, primary_signed_in: bool) -> None:
    error = make_error_response("OperationNotEnabledException")

    assert get_verdict(error, role=RegionRole.STANDBY, primary=primary_signed_in) is Verdict.NOT_READY


@pytest.mark.parametrize("code", ["NotAuthorizedException", "UserNotFoundException"])
def test_user_refused_by_replica_only_is_not_ready(code: str) -> None:
    assert evaluate_regions(make_sign_in(), make_error_response(code)).standby.verdict is Verdict.NOT_READY


@pytest.mark.parametrize("primary", [make_error_response("NotAuthorizedException"), make_no_response()])
def test_user_refused_by_replica_without_primary_success_is_canary_broken(primary: ProbeResult) -> None:
    assert (
        evaluate_regions(primary, make_error_response("NotAuthorizedException")).standby.verdict
        is Verdict.CANARY_BROKEN
    )


def test_tokens_without_key_are_unverified() -> None:
    assert get_verdict(make_sign_in(Unverified(reason="no key"))) is Verdict.UNVERIFIED


@pytest.mark.parametrize(
    ("reason", "verdict"),
    [
        (SkipReason.CANARY_REFUSED, Verdict.CANARY_BROKEN),
        (SkipReason.NOT_REPLICATED, Verdict.NOT_READY),
        (SkipReason.NO_CREDENTIALS, Verdict.UNKNOWN),
        (SkipReason.PROBE_ERROR, Verdict.UNKNOWN),
    ],
)
def test_skipped_probe_has_the_verdict_of_its_reason(reason: SkipReason, verdict: Verdict) -> None:
    assert get_verdict(Skipped(reason=reason)) is verdict


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


@pytest.mark.parametrize("role", RegionRole)
def test_user_refused_by_target_is_not_ready_only_in_the_standby(role: RegionRole) -> None:
    healthy = ProbeResults(login=make_sign_in())
    refused = ProbeResults(login=make_sign_in(), target=make_error_response("UserNotFoundException"))
    results = PerRole(primary=healthy, standby=healthy).replace(role, refused)
    verdict = evaluate_both_regions(results, witness_answered=True)[role]
    assert verdict.target is (Verdict.NOT_READY if role is RegionRole.STANDBY else Verdict.CANARY_BROKEN)
