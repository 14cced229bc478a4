"""Properties of the verdict for every possible result."""

from hypothesis import assume, given
from hypothesis import strategies as st

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
    TokenProblem,
    Tokens,
    UnexpectedClaims,
    Unverified,
    Verified,
)
from cognito_failover.core.verdict import (
    OUTAGE_VERDICTS,
    THROTTLING_CODES,
    TRIGGER_CODES,
    ProbeResults,
    Verdict,
    evaluate_both_regions,
    evaluate_login,
    select_worst,
)
from cognito_failover.probe.explanation import explain_verdict, get_reason_code
from cognito_failover.probe.https_client import Timeouts

CODES = st.one_of(
    st.text(min_size=1, max_size=40),
    st.sampled_from(sorted(THROTTLING_CODES | TRIGGER_CODES)),
    st.sampled_from(
        [
            "InternalErrorException",
            "NotAuthorizedException",
            "OperationNotEnabledException",
            "ResourceNotFoundException",
            "ForbiddenException",
            "HTTP 404",
        ]
    ),
)
LATENCIES = st.floats(min_value=0, max_value=60)
ERRORS = st.builds(
    ErrorResponse,
    code=CODES,
    http_status=st.integers(300, 599),
    message=st.text(max_size=40),
    latency_seconds=LATENCIES,
)
NO_RESPONSES = st.builds(NoResponse, kind=st.sampled_from(FailureKind))
SIGN_INS = st.builds(
    SignInSuccess,
    tokens=st.just(Tokens(id_token="secret-identity", access_token="secret-access")),
    latency_seconds=LATENCIES,
    check=st.sampled_from(
        [
            Verified(subject="s"),
            TokenProblem(reason="wrong"),
            UnexpectedClaims(reason="another sub", subject="t"),
            Unverified(reason="no key"),
        ]
    ),
)
RESULTS: st.SearchStrategy[ProbeResult] = st.one_of(
    SIGN_INS,
    NO_RESPONSES,
    ERRORS,
    st.builds(HttpOk, http_status=st.integers(200, 399), latency_seconds=LATENCIES),
    st.builds(Challenged, name=st.text(min_size=1, max_size=20), latency_seconds=LATENCIES),
    st.builds(EmptySuccess, latency_seconds=LATENCIES),
    st.builds(
        IntermediaryResponse,
        code=st.sampled_from(["waf-challenge", "HTTP 200"]),
        http_status=st.sampled_from([200, 202, 405]),
        latency_seconds=LATENCIES,
    ),
    st.builds(Skipped, reason=st.sampled_from(SkipReason), http_status=st.sampled_from([None, 200, 400, 500, 503])),
)
ROLES = st.sampled_from(RegionRole)
REGION_RESULTS = st.builds(ProbeResults, login=RESULTS, target=st.none() | RESULTS)
ROUNDS = st.builds(PerRole, primary=REGION_RESULTS, standby=REGION_RESULTS)


@given(result=RESULTS, other=RESULTS, role=ROLES, witness=st.booleans())
def test_every_result_has_exactly_one_verdict(
    result: ProbeResult, other: ProbeResult, role: RegionRole, *, witness: bool
) -> None:
    assert isinstance(evaluate_login(result, other, role=role, witness_answered=witness), Verdict)


@given(error=ERRORS, other=RESULTS, role=ROLES, witness=st.booleans())
def test_error_verdict_follows_code_and_status(
    error: ErrorResponse, other: ProbeResult, role: RegionRole, *, witness: bool
) -> None:
    verdict = evaluate_login(error, other, role=role, witness_answered=witness)

    if error.code in THROTTLING_CODES or error.http_status == 429:
        assert verdict is Verdict.THROTTLED
    elif error.code in TRIGGER_CODES:
        assert verdict is Verdict.TRIGGER
    elif error.http_status >= 500:
        assert verdict is Verdict.SICK
    elif error.code == "ForbiddenException" or error.code.startswith("HTTP "):
        assert verdict is Verdict.INTERMEDIARY
    elif not error.code.startswith(("Internal", "Service")):
        assert verdict in {Verdict.CANARY_BROKEN, Verdict.NOT_READY, Verdict.INACTIVE}


@given(result=RESULTS, other=RESULTS, witness=st.booleans())
def test_primary_is_never_not_ready_unless_its_probe_was_skipped(
    result: ProbeResult, other: ProbeResult, *, witness: bool
) -> None:
    verdict = evaluate_login(result, other, role=RegionRole.PRIMARY, witness_answered=witness)

    assert verdict is not Verdict.INACTIVE
    assert verdict is not Verdict.NOT_READY or (
        isinstance(result, Skipped) and result.reason is SkipReason.NOT_REPLICATED
    )


@given(no_response=NO_RESPONSES, other=RESULTS, role=ROLES)
def test_silence_without_witness_is_unknown(no_response: NoResponse, other: ProbeResult, role: RegionRole) -> None:
    assert evaluate_login(no_response, other, role=role, witness_answered=False) is Verdict.UNKNOWN


ANSWERS_OF_NO_REGION = st.one_of(
    st.builds(IntermediaryResponse, code=st.just("waf-challenge"), http_status=st.just(202), latency_seconds=LATENCIES),
    st.builds(Challenged, name=st.just("SMS_MFA"), latency_seconds=LATENCIES),
    st.builds(
        SignInSuccess,
        tokens=st.just(Tokens(id_token="i", access_token="a")),
        latency_seconds=LATENCIES,
        check=st.just(UnexpectedClaims(reason="another sub", subject="t")),
    ),
    st.builds(
        ErrorResponse,
        code=st.sampled_from(["NotAuthorizedException", "ForbiddenException", "HTTP 403", "UserNotFoundException"]),
        http_status=st.sampled_from([302, 400, 403, 404]),
        message=st.just(""),
        latency_seconds=LATENCIES,
    ),
)


@given(login=ANSWERS_OF_NO_REGION, target=ANSWERS_OF_NO_REGION | st.none(), other=REGION_RESULTS, role=ROLES)
def test_answer_that_is_not_the_regions_never_makes_it_sick(
    login: ProbeResult, target: ProbeResult | None, other: ProbeResults, role: RegionRole
) -> None:
    results = PerRole(primary=other, standby=other).replace(role, ProbeResults(login=login, target=target))

    assert evaluate_both_regions(results, witness_answered=True)[role].verdict not in OUTAGE_VERDICTS


@given(results=ROUNDS, witness=st.booleans())
def test_region_has_the_worst_verdict_of_its_paths(results: PerRole[ProbeResults], *, witness: bool) -> None:
    for _, region_verdict in evaluate_both_regions(results, witness_answered=witness):
        parts = {region_verdict.login, region_verdict.target} - {None}
        assert (region_verdict.verdict is Verdict.HEALTHY) == (parts == {Verdict.HEALTHY})
        assert (region_verdict.verdict is Verdict.SICK) == (Verdict.SICK in parts)
        assert region_verdict.verdict in parts


@given(one=st.sampled_from(Verdict), other=st.sampled_from(Verdict))
def test_path_order_does_not_matter(one: Verdict, other: Verdict) -> None:
    assert select_worst(one, other) is select_worst(other, one)
    assert select_worst(one, None) is select_worst(one, one) is one


@given(results=ROUNDS, witness=st.booleans())
def test_standby_changes_primary_verdict_only_as_a_control(results: PerRole[ProbeResults], *, witness: bool) -> None:
    login, target = results.primary.login, results.primary.target
    for result in (login, target):
        assume(not (isinstance(result, SignInSuccess) and isinstance(result.check, TokenProblem)))
    assume(not isinstance(target, Skipped))
    without_standby = results.replace(RegionRole.STANDBY, ProbeResults(login=Skipped(reason=SkipReason.NO_CREDENTIALS)))

    assert (
        evaluate_both_regions(results, witness_answered=witness).primary
        == evaluate_both_regions(without_standby, witness_answered=witness).primary
    )


@given(results=ROUNDS, witness=st.booleans())
def test_every_result_is_explained_without_tokens(results: PerRole[ProbeResults], *, witness: bool) -> None:
    for role, region_verdict in evaluate_both_regions(results, witness_answered=witness):
        explanation = explain_verdict(
            "eu-west-1",
            results[role],
            region_verdict,
            witness_answered=witness,
            timeouts=Timeouts(connect_seconds=2, read_seconds=3),
        )

        assert explanation.startswith("eu-west-1's Cognito ")
        assert bool(get_reason_code(results[role], region_verdict)) == (region_verdict.verdict is not Verdict.HEALTHY)
        assert "secret-" not in f"{explanation}{results!r}{region_verdict!r}"
