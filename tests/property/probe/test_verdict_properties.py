"""What holds for every answer there can be."""

from hypothesis import given
from hypothesis import strategies as st

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
from failover.probe.verdict import (
    LAGGING_REPLICA_CODES,
    THROTTLING_CODES,
    TRIGGER_CODES,
    Answers,
    Verdict,
    combine,
    judge,
    judge_answer,
)
from failover.probe.wording import code_of, describe
from failover.region import PerSide, Side

CODES = st.one_of(
    st.text(min_size=1, max_size=40),
    st.sampled_from(sorted(THROTTLING_CODES | TRIGGER_CODES | LAGGING_REPLICA_CODES)),
    st.sampled_from(["InternalErrorException", "OperationNotEnabledException", "ResourceNotFoundException"]),
)
LATENCIES = st.floats(min_value=0, max_value=60)
REFUSALS = st.builds(
    Refused, code=CODES, http_status=st.integers(300, 599), message=st.text(max_size=40), latency_seconds=LATENCIES
)
SILENCES = st.builds(Silent, kind=st.sampled_from(Silence))
SIGN_INS = st.builds(
    SignedIn,
    tokens=st.just(Tokens(identity="secret-identity", access="secret-access")),
    latency_seconds=LATENCIES,
    check=st.sampled_from([Verified(subject="s"), TokenProblem(reason="wrong"), Unverified(reason="no key")]),
)
ANSWERS: st.SearchStrategy[Answer] = st.one_of(
    SIGN_INS,
    SILENCES,
    REFUSALS,
    st.builds(Reached, http_status=st.integers(200, 399), latency_seconds=LATENCIES),
    st.builds(Challenged, name=st.text(min_size=1, max_size=20), latency_seconds=LATENCIES),
    st.builds(EmptyAnswer, latency_seconds=LATENCIES),
    st.builds(NotTried, reason=st.sampled_from(Untried)),
)
SIDES = st.sampled_from(Side)
PAIRS = st.builds(Answers, login=ANSWERS, target=st.none() | ANSWERS)
ROUNDS = st.builds(PerSide, primary=PAIRS, standby=PAIRS)


@given(answer=ANSWERS, side=SIDES, witness=st.booleans(), primary=st.booleans())
def test_every_answer_has_exactly_one_verdict(answer: Answer, side: Side, *, witness: bool, primary: bool) -> None:
    verdict = judge_answer(answer, side=side, witness_answered=witness, primary_signed_in=primary)

    assert isinstance(verdict, Verdict)


@given(refusal=REFUSALS, side=SIDES, witness=st.booleans(), primary=st.booleans())
def test_a_refusal_is_sick_only_as_the_services_own_failure(
    refusal: Refused, side: Side, *, witness: bool, primary: bool
) -> None:
    verdict = judge_answer(refusal, side=side, witness_answered=witness, primary_signed_in=primary)

    if refusal.code in THROTTLING_CODES or refusal.http_status == 429:
        assert verdict is Verdict.THROTTLED
    elif refusal.code in TRIGGER_CODES:
        assert verdict is Verdict.TRIGGER
    elif refusal.http_status >= 500:
        assert verdict is Verdict.SICK
    elif not refusal.code.startswith(("Internal", "Service")):
        assert verdict in {Verdict.CANARY_BROKEN, Verdict.NOT_READY}


@given(answer=ANSWERS, witness=st.booleans(), primary=st.booleans())
def test_a_primary_is_never_not_ready_by_what_it_answers(answer: Answer, *, witness: bool, primary: bool) -> None:
    verdict = judge_answer(answer, side=Side.PRIMARY, witness_answered=witness, primary_signed_in=primary)

    assert verdict is not Verdict.NOT_READY or answer == NotTried(reason=Untried.NOT_REPLICATED)


@given(silence=SILENCES, side=SIDES, primary=st.booleans())
def test_no_silence_without_a_witness_says_anything(silence: Silent, side: Side, *, primary: bool) -> None:
    verdict = judge_answer(silence, side=side, witness_answered=False, primary_signed_in=primary)

    assert verdict is Verdict.UNKNOWN


@given(answers=ROUNDS, witness=st.booleans())
def test_a_region_is_healthy_only_if_every_half_is(answers: PerSide[Answers], *, witness: bool) -> None:
    for _, judgement in judge(answers, witness_answered=witness):
        halves = {judgement.login, judgement.target} - {None}
        assert (judgement.verdict is Verdict.HEALTHY) == (halves == {Verdict.HEALTHY})
        assert (judgement.verdict is Verdict.SICK) == (Verdict.SICK in halves)
        assert judgement.verdict in halves


@given(one=st.sampled_from(Verdict), other=st.sampled_from(Verdict))
def test_the_order_of_the_halves_does_not_matter(one: Verdict, other: Verdict) -> None:
    assert combine(one, other) is combine(other, one)
    assert combine(one, None) is combine(one, one) is one


@given(answers=ROUNDS, witness=st.booleans())
def test_the_standby_never_changes_what_the_primary_is(answers: PerSide[Answers], *, witness: bool) -> None:
    alone = answers.replace(Side.STANDBY, Answers(login=NotTried(reason=Untried.NO_CREDENTIALS)))

    assert judge(answers, witness_answered=witness).primary == judge(alone, witness_answered=witness).primary


@given(answers=ROUNDS, witness=st.booleans())
def test_every_round_can_be_described_and_no_description_shows_a_token(
    answers: PerSide[Answers], *, witness: bool
) -> None:
    for side, judgement in judge(answers, witness_answered=witness):
        sentence = describe(
            "eu-west-1",
            answers[side],
            judgement,
            witness_answered=witness,
            timeouts=Timeouts(connect_seconds=2, read_seconds=3),
        )

        assert sentence.startswith("eu-west-1's Cognito ")
        assert bool(code_of(answers[side], judgement)) == (judgement.verdict is not Verdict.HEALTHY)
        assert "secret-" not in f"{sentence}{answers!r}{judgement!r}"
