"""Whatever is remembered and known, sensible or not: what the pure decision never does."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from failover.decision.decide import Decision, decide
from failover.decision.knowledge import GOOD, Knowledge, Known
from failover.decision.move import Move
from failover.decision.rules import DAY_SECONDS, starting_grace_seconds
from failover.decision.state import Hold, Pause, State, Streak, Surveyed, Trailing
from failover.decision.suspicion import Suspicion
from failover.probe.verdict import Verdict
from failover.region import PerSide, Side, all_to
from failover.settings import FailbackPolicy
from tests.support.any_state import both, moments, states
from tests.support.settings import settings as usual_settings

SETTINGS = usual_settings()
BRINGS_BACK = usual_settings(failback_policy=FailbackPolicy.IN_STEPS, max_automatic_moves_per_day=3)
TRIGGER_COUNTS = usual_settings(count_trigger_as_sick=True)
NOT_SICK = sorted(set(Verdict) - {Verdict.SICK})

verdicts = st.sampled_from([Verdict.SICK, Verdict.HEALTHY]) | st.sampled_from(Verdict)
known = both(st.builds(Known, verdict=verdicts, observed_at=moments, detail=st.just("as seen")))
knowledges = st.builds(Knowledge, sides=known, cut_off=st.sampled_from([False, False, True]))


def mostly[T](usual: T, *others: T) -> st.SearchStrategy[T]:
    """Return a value that is as it must be for a move to begin, or, now and then, another."""
    return st.sampled_from([usual] * 6 + [*others])


@st.composite
def remembering(draw: st.DrawFn) -> tuple[State, Knowledge, float]:
    """Return what is remembered and known when a move may well be wanted, each rule now and then in its way."""
    now, active = 2e9, draw(st.sampled_from(Side))
    sick = Streak(verdict=Verdict.SICK, rounds=draw(mostly(7, 1)), since=now - 60)
    suspicion = Suspicion(side=draw(mostly(active, active.other)), evidence=draw(mostly(9, 6, 5, 3)), since=now - 60)
    well = Streak(verdict=Verdict.HEALTHY, rounds=draw(mostly(40, 3)), since=now - draw(mostly(400, 20)))
    state = State(
        born_at=now - draw(mostly(10_000, 59, 0)),
        active=active,
        active_since=0.0,
        weights=draw(mostly(all_to(active), PerSide(primary=128, standby=127))),
        last_round_at=now - draw(mostly(10.0, 4.0, 31.0, -7.0)),
        streaks=PerSide(primary=sick, standby=sick).replace(active.other, well),
        suspicion=suspicion,
        hold=draw(mostly(None, Hold(since=0.0, reason="edited"))),
        pause=draw(mostly(None, Pause(until=now + 1, reason="drill", requested_by="Aiko"))),
        observe_only=draw(mostly(False, True)),
        cool_down_until=draw(mostly(0.0, now + 1)),
        automatic_moves=draw(mostly((), (now - 5,), (now - 5, now - 50), (now - 5, now - DAY_SECONDS))),
        surveyed=draw(mostly(Surveyed(at=now), Surveyed(at=now, problem="not understood"), None)),
    )
    seen = Knowledge(
        sides=PerSide(primary=_known(Verdict.SICK), standby=_known(Verdict.SICK)).replace(
            active.other, _known(Verdict.HEALTHY)
        ),
        cut_off=False,
    )
    return state, draw(st.just(seen) | knowledges), now


def _known(verdict: Verdict) -> Known:
    return Known(verdict=verdict, observed_at=2e9, detail="as seen")


def begun(decision: Decision, before: State) -> Move | None:
    return decision.state.move if before.move is None else None


anything = given(situation=remembering())
often = settings(max_examples=150)


@anything
@often
def test_never_moves_to_a_region_that_is_not_known_to_serve(situation: tuple[State, Knowledge, float]) -> None:
    state, knowledge, now = situation
    move = begun(decide(state, knowledge, SETTINGS, now), state)
    assert move is None or knowledge.sides[move.target].verdict in GOOD


@anything
@often
def test_never_moves_away_from_a_region_that_was_not_sick_often_enough(
    situation: tuple[State, Knowledge, float],
) -> None:
    state, knowledge, now = situation
    decision = decide(state, knowledge, SETTINGS, now)
    if begun(decision, state):
        assert knowledge.sides[state.active].verdict is Verdict.SICK
        assert state.suspected.evidence >= 6, "three for this round are nine, as for three sick rounds in a row"


@given(situation=remembering(), verdict=st.sampled_from(NOT_SICK))
@often
def test_never_moves_for_a_canary_a_throttle_a_trigger_or_the_unknown_alone(
    situation: tuple[State, Knowledge, float], verdict: Verdict
) -> None:
    state, knowledge, now = situation
    sides = knowledge.sides.replace(state.active, replace(knowledge.sides[state.active], verdict=verdict))
    assert decide(state, replace(knowledge, sides=sides), SETTINGS, now).state.move is None


def test_moves_for_a_trigger_if_it_was_set_to_count() -> None:
    state = State(
        born_at=0.0,
        active=Side.PRIMARY,
        active_since=0.0,
        weights=PerSide(primary=255, standby=0),
        last_round_at=1e6,
        streaks=PerSide(
            primary=Streak(verdict=Verdict.SICK, rounds=2), standby=Streak(verdict=Verdict.HEALTHY, rounds=9)
        ),
        surveyed=None,
    )
    sides = PerSide(
        primary=Known(verdict=Verdict.TRIGGER, observed_at=1e6, detail=""),
        standby=Known(verdict=Verdict.HEALTHY, observed_at=1e6, detail=""),
    )
    seen = Knowledge(sides=sides, cut_off=False)
    counted, not_counted = (decide(state, seen, each, 1e6 + 10).state for each in (TRIGGER_COUNTS, SETTINGS))
    assert (counted.streaks.primary.verdict, counted.streaks.primary.rounds) == (Verdict.SICK, 3)
    assert not_counted.streaks.primary.verdict is Verdict.TRIGGER


@anything
@often
def test_never_moves_when_cut_off(situation: tuple[State, Knowledge, float]) -> None:
    state, knowledge, now = situation
    assert decide(state, replace(knowledge, cut_off=True), SETTINGS, now).state.move is None


@anything
@often
def test_never_moves_inside_a_cool_down(situation: tuple[State, Knowledge, float]) -> None:
    state, knowledge, now = situation
    assert decide(replace(state, cool_down_until=now + 0.1), knowledge, SETTINGS, now).state.move is None


@anything
@often
def test_never_moves_more_often_than_the_bound(situation: tuple[State, Knowledge, float]) -> None:
    state, knowledge, now = situation
    lately = tuple(now - at for at in range(SETTINGS.max_automatic_moves_per_day))
    assert decide(replace(state, automatic_moves=lately), knowledge, SETTINGS, now).state.move is None


@anything
@often
def test_never_moves_while_held(situation: tuple[State, Knowledge, float]) -> None:
    state, knowledge, now = situation
    held = replace(state, hold=Hold(since=now - 5, reason="edited"))
    assert decide(held, knowledge, SETTINGS, now).state.move is None


@anything
@often
def test_never_moves_while_paused_or_observing_and_reports_what_it_would_have_done(
    situation: tuple[State, Knowledge, float],
) -> None:
    state, knowledge, now = situation
    free = replace(state, observe_only=False, pause=None)
    watching = decide(replace(free, observe_only=True, blocked_by=""), knowledge, SETTINGS, now)
    assert watching.state.move is None
    if begun(decide(free, knowledge, SETTINGS, now), free):
        assert "would-move" in {each.kind for each in watching.announcements}


@anything
@often
def test_never_judges_before_it_has_watched_for_a_while(situation: tuple[State, Knowledge, float]) -> None:
    state, knowledge, now = situation
    young = replace(state, born_at=now - starting_grace_seconds(SETTINGS) + 0.1)
    assert decide(young, knowledge, SETTINGS, now).state.move is None


@given(state=states, knowledge=knowledges, now=moments)
@settings(max_examples=60)
def test_always_says_what_it_does_or_why_not(state: State, knowledge: Knowledge, now: float) -> None:
    decision = decide(state, knowledge, SETTINGS, now)
    assert decision.reason
    assert decision.state.reason == decision.reason


@given(state=states, knowledge=knowledges, now=moments)
@settings(max_examples=60)
def test_keeps_the_serving_side_and_its_weights_until_a_move_is_confirmed(
    state: State, knowledge: Knowledge, now: float
) -> None:
    after = decide(state, knowledge, SETTINGS, now).state
    assert (after.active, after.weights, after.hold) == (state.active, state.weights, state.hold)
    assert any(weight for _, weight in after.move.weights) if after.move else True


def test_some_of_these_moves_do_begin() -> None:
    moves: list[Move] = []

    @anything
    @settings(max_examples=100, derandomize=True, database=None)
    def decide_often(situation: tuple[State, Knowledge, float]) -> None:
        state, knowledge, now = situation
        moves.extend(filter(None, [begun(decide(state, knowledge, SETTINGS, now), state)]))

    decide_often()
    assert {move.target for move in moves} == set(Side)


@st.composite
def away(draw: st.DrawFn) -> tuple[State, Knowledge, float]:
    """Return what is remembered and known when users are on the standby, to be brought back, or almost."""
    state, _, now = draw(remembering())
    well = Streak(verdict=Verdict.HEALTHY, rounds=draw(mostly(40, 3)), since=now - draw(mostly(400, 20)))
    verdict = draw(mostly(Verdict.HEALTHY, *Verdict))
    away_from_home = replace(
        state,
        active=Side.STANDBY,
        streaks=PerSide(primary=well, standby=Streak(verdict=verdict, rounds=draw(mostly(9, 1)), since=now - 90)),
        suspicion=draw(mostly(Suspicion(side=Side.STANDBY), state.suspicion)),
        automatic_moves=draw(
            st.lists(st.sampled_from([now - 5, now - 50, now - DAY_SECONDS + 1]), max_size=4).map(tuple)
        ),
        to_return=draw(mostly(True, False)),
        trailing=draw(mostly(None, Trailing())),
    )
    sides = PerSide(primary=_known(draw(mostly(Verdict.HEALTHY, *Verdict))), standby=_known(verdict))
    return away_from_home, Knowledge(sides=sides, cut_off=draw(mostly(False, True))), now


anybody_away = given(situation=away())


@anybody_away
@often
def test_brings_back_only_whom_it_moved_to_a_primary_that_has_recovered_and_never_with_the_days_last_move(
    situation: tuple[State, Knowledge, float],
) -> None:
    state, knowledge, now = situation
    move = begun(decide(state, knowledge, BRINGS_BACK, now), state)
    if move is None or not move.returning:
        return
    lately = [at for at in state.automatic_moves if now - at < DAY_SECONDS]
    assert (state.to_return, state.trailing, state.hold, state.pause, state.observe_only) == (
        True,
        None,
        None,
        None,
        False,
    )
    assert (move.target, move.in_steps) == (Side.PRIMARY, True)
    assert knowledge.sides.primary.verdict in GOOD
    assert not knowledge.cut_off
    assert state.streaks.primary.rounds + 1 >= BRINGS_BACK.recovery_rounds
    assert now >= state.cool_down_until
    assert not lately or len(lately) + 1 < BRINGS_BACK.max_automatic_moves_per_day


@anybody_away
@often
def test_brings_nobody_back_unless_the_policy_says_so(situation: tuple[State, Knowledge, float]) -> None:
    state, knowledge, now = situation
    move = begun(decide(state, knowledge, SETTINGS, now), state)
    assert move is None or not move.returning


def test_some_are_brought_back() -> None:
    moves: list[Move] = []

    @anybody_away
    @settings(max_examples=100, derandomize=True, database=None)
    def decide_often(situation: tuple[State, Knowledge, float]) -> None:
        state, knowledge, now = situation
        moves.extend(filter(None, [begun(decide(state, knowledge, BRINGS_BACK, now), state)]))

    decide_often()
    assert any(move.returning for move in moves)
