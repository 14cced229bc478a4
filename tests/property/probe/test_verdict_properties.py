"""What holds for every answer there can be."""

from hypothesis import given
from hypothesis import strategies as st

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
    TokenProblem,
    Tokens,
    Unverified,
    Verified,
)
from cognito_failover.core.verdict import (
    LAGGING_REPLICA_CODES,
    THROTTLING_CODES,
    TRIGGER_CODES,
    ProbeResults,
    Verdict,
    evaluate_both_regions,
    evaluate_result,
    select_worst,
)
from cognito_failover.probe.explanation import explain_verdict, get_reason_code
from cognito_failover.probe.https_client import Timeouts

CODES = st.one_of(
    st.text(min_size=1, max_size=40),
    st.sampled_from(sorted(THROTTLING_CODES | TRIGGER_CODES | LAGGING_REPLICA_CODES)),
    st.sampled_from(["InternalErrorException", "OperationNotEnabledException", "ResourceNotFoundException"]),
)
LATENCIES = st.floats(min_value=0, max_value=60)
REFUSALS = st.builds(
    ErrorResponse,
    code=CODES,
    http_status=st.integers(300, 599),
    message=st.text(max_size=40),
    latency_seconds=LATENCIES,
)
SILENCES = st.builds(NoResponse, kind=st.sampled_from(FailureKind))
SIGN_INS = st.builds(
    SignInSuccess,
    tokens=st.just(Tokens(id_token="secret-identity", access_token="secret-access")),
    latency_seconds=LATENCIES,
    check=st.sampled_from([Verified(subject="s"), TokenProblem(reason="wrong"), Unverified(reason="no key")]),
)
ANSWERS: st.SearchStrategy[ProbeResult] = st.one_of(
    SIGN_INS,
    SILENCES,
    REFUSALS,
    st.builds(HttpOk, http_status=st.integers(200, 399), latency_seconds=LATENCIES),
    st.builds(Challenged, name=st.text(min_size=1, max_size=20), latency_seconds=LATENCIES),
    st.builds(EmptySuccess, latency_seconds=LATENCIES),
    st.builds(Skipped, reason=st.sampled_from(SkipReason)),
)
ROLES = st.sampled_from(RegionRole)
PAIRS = st.builds(ProbeResults, login=ANSWERS, target=st.none() | ANSWERS)
ROUNDS = st.builds(PerRole, primary=PAIRS, standby=PAIRS)


@given(answer=ANSWERS, role=ROLES, witness=st.booleans(), primary=st.booleans())
def test_every_result_has_exactly_one_verdict(
    answer: ProbeResult, role: RegionRole, *, witness: bool, primary: bool
) -> None:
    verdict = evaluate_result(answer, role=role, witness_answered=witness, primary_signed_in=primary)

    assert isinstance(verdict, Verdict)


@given(refusal=REFUSALS, role=ROLES, witness=st.booleans(), primary=st.booleans())
def test_error_is_sick_only_for_service_failure(
    refusal: ErrorResponse, role: RegionRole, *, witness: bool, primary: bool
) -> None:
    verdict = evaluate_result(refusal, role=role, witness_answered=witness, primary_signed_in=primary)

    if refusal.code in THROTTLING_CODES or refusal.http_status == 429:
        assert verdict is Verdict.THROTTLED
    elif refusal.code in TRIGGER_CODES:
        assert verdict is Verdict.TRIGGER
    elif refusal.http_status >= 500:
        assert verdict is Verdict.SICK
    elif not refusal.code.startswith(("Internal", "Service")):
        assert verdict in {Verdict.CANARY_BROKEN, Verdict.NOT_READY}


@given(answer=ANSWERS, witness=st.booleans(), primary=st.booleans())
def test_primary_response_is_never_not_ready(answer: ProbeResult, *, witness: bool, primary: bool) -> None:
    verdict = evaluate_result(answer, role=RegionRole.PRIMARY, witness_answered=witness, primary_signed_in=primary)

    assert verdict is not Verdict.NOT_READY or answer == Skipped(reason=SkipReason.NOT_REPLICATED)


@given(silence=SILENCES, role=ROLES, primary=st.booleans())
def test_silence_without_witness_is_inconclusive(silence: NoResponse, role: RegionRole, *, primary: bool) -> None:
    verdict = evaluate_result(silence, role=role, witness_answered=False, primary_signed_in=primary)

    assert verdict is Verdict.UNKNOWN


@given(answers=ROUNDS, witness=st.booleans())
def test_region_is_healthy_only_if_all_paths_are(answers: PerRole[ProbeResults], *, witness: bool) -> None:
    for _, judgement in evaluate_both_regions(answers, witness_answered=witness):
        halves = {judgement.login, judgement.target} - {None}
        assert (judgement.verdict is Verdict.HEALTHY) == (halves == {Verdict.HEALTHY})
        assert (judgement.verdict is Verdict.SICK) == (Verdict.SICK in halves)
        assert judgement.verdict in halves


@given(one=st.sampled_from(Verdict), other=st.sampled_from(Verdict))
def test_path_order_does_not_matter(one: Verdict, other: Verdict) -> None:
    assert select_worst(one, other) is select_worst(other, one)
    assert select_worst(one, None) is select_worst(one, one) is one


@given(answers=ROUNDS, witness=st.booleans())
def test_standby_never_changes_primary_verdict(answers: PerRole[ProbeResults], *, witness: bool) -> None:
    alone = answers.replace(RegionRole.STANDBY, ProbeResults(login=Skipped(reason=SkipReason.NO_CREDENTIALS)))

    assert (
        evaluate_both_regions(answers, witness_answered=witness).primary
        == evaluate_both_regions(alone, witness_answered=witness).primary
    )


@given(answers=ROUNDS, witness=st.booleans())
def test_every_round_is_described_without_tokens(answers: PerRole[ProbeResults], *, witness: bool) -> None:
    for side, judgement in evaluate_both_regions(answers, witness_answered=witness):
        sentence = explain_verdict(
            "eu-west-1",
            answers[side],
            judgement,
            witness_answered=witness,
            timeouts=Timeouts(connect_seconds=2, read_seconds=3),
        )

        assert sentence.startswith("eu-west-1's Cognito ")
        assert bool(get_reason_code(answers[side], judgement)) == (judgement.verdict is not Verdict.HEALTHY)
        assert "secret-" not in f"{sentence}{answers!r}{judgement!r}"
