"""Limits that the decision keeps for any state and any consensus."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from cognito_failover.common.region import PerRole, RegionRole, route_all_to
from cognito_failover.core.consensus import Consensus, RegionConsensus
from cognito_failover.core.decide import decide
from cognito_failover.core.failure_detector import Suspicion
from cognito_failover.core.model.move import Move
from cognito_failover.core.model.state import (
    ControllerState,
    Hold,
    Pause,
    PendingWeightSync,
    SavedRecords,
    VerdictStreak,
)
from cognito_failover.core.round_context import RoundContext
from cognito_failover.core.rules import DAY_SECONDS, compute_startup_grace_seconds
from cognito_failover.core.transition import Transition
from cognito_failover.core.verdict import OUTAGE_VERDICTS, SERVING_VERDICTS, Verdict
from cognito_failover.settings.controller import FailbackPolicy, Settings
from tests.support.settings import make_settings as usual_settings
from tests.support.state_strategies import instants, per_role, states

SETTINGS = usual_settings()
FAILS_BACK = usual_settings(failback_policy=FailbackPolicy.STEPPED, max_automatic_moves_per_day=3)
TRIGGER_COUNTS = usual_settings(count_trigger_as_sick=True)
NOT_SICK_VERDICTS = sorted(set(Verdict) - OUTAGE_VERDICTS)

verdicts = st.sampled_from([Verdict.SICK, Verdict.HEALTHY]) | st.sampled_from(Verdict)
region_consensuses = per_role(
    st.builds(RegionConsensus, verdict=verdicts, observed_at=instants, detail=st.just("as seen"))
)
consensuses = st.builds(Consensus, roles=region_consensuses, is_isolated=st.sampled_from([False, False, True]))


def mostly_from[T](usual: T, *others: T) -> st.SearchStrategy[T]:
    """Return a strategy that mostly draws the usual value, which allows a move."""
    return st.sampled_from([usual] * 6 + [*others])


@st.composite
def draw_situation(draw: st.DrawFn) -> tuple[ControllerState, Consensus, float]:
    """Return a state and a consensus in which a move is often due, and each rule is sometimes violated."""
    now, active = 2e9, draw(st.sampled_from(RegionRole))
    sick = VerdictStreak(verdict=Verdict.SICK, rounds=draw(mostly_from(7, 1)), since=now - 60)
    suspicion = Suspicion(
        role=draw(mostly_from(active, active.opposite)),
        score=draw(mostly_from(9, 6, 5, 3)),
        since=now - 60,
        counted_at=now - draw(mostly_from(10.0, 31.0)),
    )
    healthy_streak = VerdictStreak(
        verdict=Verdict.HEALTHY, rounds=draw(mostly_from(40, 3)), since=now - draw(mostly_from(400, 20))
    )
    state = ControllerState(
        created_at=now - draw(mostly_from(10_000, 59, 0)),
        active_role=active,
        active_since=0.0,
        weights=draw(mostly_from(route_all_to(active), PerRole(primary=128, standby=127))),
        last_round_at=now - draw(mostly_from(10.0, 4.0, 31.0, -7.0)),
        streaks=PerRole(primary=sick, standby=sick).replace(active.opposite, healthy_streak),
        suspicion=suspicion,
        hold=draw(mostly_from(None, Hold(since=0.0, reason="edited"))),
        pause=draw(mostly_from(None, Pause(until=now + 1, reason="drill", requested_by="Aiko"))),
        is_observe_only=draw(mostly_from(False, True)),
        cool_down_until=draw(mostly_from(0.0, now + 1)),
        automatic_move_times=draw(mostly_from((), (now - 5,), (now - 5, now - 50), (now - 5, now - DAY_SECONDS))),
        records=draw(mostly_from(SavedRecords(read_at=now), SavedRecords(read_at=now, problem="not understood"), None)),
    )
    seen = Consensus(
        roles=PerRole(
            primary=_make_region_consensus(Verdict.SICK), standby=_make_region_consensus(Verdict.SICK)
        ).replace(active.opposite, _make_region_consensus(Verdict.HEALTHY)),
        is_isolated=False,
    )
    return state, draw(st.just(seen) | consensuses), now


def _make_region_consensus(verdict: Verdict) -> RegionConsensus:
    return RegionConsensus(verdict=verdict, observed_at=2e9, detail="as seen")


def decide_at(state: ControllerState, consensus: Consensus, policy: Settings, now: float) -> Transition:
    return decide(state, RoundContext(settings=policy, consensus=consensus, now=now))


def get_started_move(decision: Transition, before: ControllerState) -> Move | None:
    return decision.state.move if before.move is None else None


any_situation = given(situation=draw_situation())
many_situations = settings(max_examples=150)


@any_situation
@many_situations
def test_never_moves_to_region_not_known_to_serve(situation: tuple[ControllerState, Consensus, float]) -> None:
    state, consensus, now = situation
    move = get_started_move(decide_at(state, consensus, SETTINGS, now), state)
    assert move is None or consensus.roles[move.target].verdict in SERVING_VERDICTS


@any_situation
@many_situations
def test_never_moves_from_region_not_sick_often_enough(
    situation: tuple[ControllerState, Consensus, float],
) -> None:
    state, consensus, now = situation
    decision = decide_at(state, consensus, SETTINGS, now)
    if get_started_move(decision, state):
        assert consensus.roles[state.active_role].verdict in OUTAGE_VERDICTS
        assert state.active_suspicion.score >= 6, "this round adds 3 to the score, which makes 9"


@given(situation=draw_situation(), verdict=st.sampled_from(NOT_SICK_VERDICTS))
@many_situations
def test_never_moves_for_canary_throttling_trigger_or_unknown_alone(
    situation: tuple[ControllerState, Consensus, float], verdict: Verdict
) -> None:
    state, consensus, now = situation
    roles = consensus.roles.replace(state.active_role, replace(consensus.roles[state.active_role], verdict=verdict))
    assert decide_at(state, replace(consensus, roles=roles), SETTINGS, now).state.move is None


def test_trigger_failure_counts_as_sick_if_configured() -> None:
    state = ControllerState(
        created_at=0.0,
        active_role=RegionRole.PRIMARY,
        active_since=0.0,
        weights=PerRole(primary=255, standby=0),
        last_round_at=1e6,
        streaks=PerRole(
            primary=VerdictStreak(verdict=Verdict.SICK, rounds=2),
            standby=VerdictStreak(verdict=Verdict.HEALTHY, rounds=9),
        ),
        records=None,
    )
    roles = PerRole(
        primary=RegionConsensus(verdict=Verdict.TRIGGER, observed_at=1e6, detail=""),
        standby=RegionConsensus(verdict=Verdict.HEALTHY, observed_at=1e6, detail=""),
    )
    seen = Consensus(roles=roles, is_isolated=False)
    counted, not_counted = (decide_at(state, seen, policy, 1e6 + 10).state for policy in (TRIGGER_COUNTS, SETTINGS))
    assert (counted.streaks.primary.verdict, counted.streaks.primary.rounds) == (Verdict.SICK, 3)
    assert not_counted.streaks.primary.verdict is Verdict.TRIGGER


@any_situation
@many_situations
def test_never_moves_when_isolated(situation: tuple[ControllerState, Consensus, float]) -> None:
    state, consensus, now = situation
    assert decide_at(state, replace(consensus, is_isolated=True), SETTINGS, now).state.move is None


@any_situation
@many_situations
def test_never_moves_during_cool_down(situation: tuple[ControllerState, Consensus, float]) -> None:
    state, consensus, now = situation
    assert decide_at(replace(state, cool_down_until=now + 0.1), consensus, SETTINGS, now).state.move is None


@any_situation
@many_situations
def test_never_moves_more_often_than_the_limit(situation: tuple[ControllerState, Consensus, float]) -> None:
    state, consensus, now = situation
    recent_moves = tuple(now - at for at in range(SETTINGS.max_automatic_moves_per_day))
    assert decide_at(replace(state, automatic_move_times=recent_moves), consensus, SETTINGS, now).state.move is None


@any_situation
@many_situations
def test_never_moves_while_automation_is_held(situation: tuple[ControllerState, Consensus, float]) -> None:
    state, consensus, now = situation
    held = replace(state, hold=Hold(since=now - 5, reason="edited"))
    assert decide_at(held, consensus, SETTINGS, now).state.move is None


@any_situation
@many_situations
def test_observe_only_never_moves_and_reports_the_withheld_move(
    situation: tuple[ControllerState, Consensus, float],
) -> None:
    state, consensus, now = situation
    free = replace(state, is_observe_only=False, pause=None)
    observing = decide_at(replace(free, is_observe_only=True, blocked_by=""), consensus, SETTINGS, now)
    assert observing.state.move is None
    if get_started_move(decide_at(free, consensus, SETTINGS, now), free):
        assert "would-move" in {event.kind for event in observing.events}


@any_situation
@many_situations
def test_never_decides_during_startup_grace_period(situation: tuple[ControllerState, Consensus, float]) -> None:
    state, consensus, now = situation
    young = replace(state, created_at=now - compute_startup_grace_seconds(SETTINGS) + 0.1)
    assert decide_at(young, consensus, SETTINGS, now).state.move is None


@given(state=states, consensus=consensuses, now=instants)
@settings(max_examples=60)
def test_always_reports_action_or_blocker(state: ControllerState, consensus: Consensus, now: float) -> None:
    decision = decide_at(state, consensus, SETTINGS, now)
    assert decision.message
    assert decision.state.round_message == decision.message


@given(state=states, consensus=consensuses, now=instants)
@settings(max_examples=60)
def test_decision_alone_keeps_active_region_weights_and_hold(
    state: ControllerState, consensus: Consensus, now: float
) -> None:
    after = decide_at(state, consensus, SETTINGS, now).state
    assert (after.active_role, after.weights) == (state.active_role, state.weights)
    assert (after.hold and after.hold.reason) == (state.hold and state.hold.reason)
    assert (after.hold and after.hold.bars_rescue) == (state.hold and state.hold.bars_rescue)
    assert any(weight for _, weight in after.move.weights) if after.move else True


def test_some_moves_start() -> None:
    moves: list[Move] = []

    @any_situation
    @settings(max_examples=100, derandomize=True, database=None)
    def decide_often(situation: tuple[ControllerState, Consensus, float]) -> None:
        state, consensus, now = situation
        moves.extend(filter(None, [get_started_move(decide_at(state, consensus, SETTINGS, now), state)]))

    decide_often()
    assert {move.target for move in moves} == set(RegionRole)


@st.composite
def draw_situation_on_standby(draw: st.DrawFn) -> tuple[ControllerState, Consensus, float]:
    """Return a state and a consensus with users on the standby, in which a failback is often due."""
    state, _, now = draw(draw_situation())
    healthy_streak = VerdictStreak(
        verdict=Verdict.HEALTHY, rounds=draw(mostly_from(40, 3)), since=now - draw(mostly_from(400, 20))
    )
    verdict = draw(mostly_from(Verdict.HEALTHY, *Verdict))
    on_standby = replace(
        state,
        active_role=RegionRole.STANDBY,
        streaks=PerRole(
            primary=healthy_streak,
            standby=VerdictStreak(verdict=verdict, rounds=draw(mostly_from(9, 1)), since=now - 90),
        ),
        suspicion=draw(mostly_from(Suspicion(role=RegionRole.STANDBY), state.suspicion)),
        automatic_move_times=draw(
            st.lists(st.sampled_from([now - 5, now - 50, now - DAY_SECONDS + 1]), max_size=4).map(tuple)
        ),
        is_auto_failback_pending=draw(mostly_from(True, False)),
        pending_weight_sync=draw(mostly_from(None, PendingWeightSync())),
    )
    roles = PerRole(
        primary=_make_region_consensus(draw(mostly_from(Verdict.HEALTHY, *Verdict))),
        standby=_make_region_consensus(verdict),
    )
    return on_standby, Consensus(roles=roles, is_isolated=draw(mostly_from(False, True))), now


any_situation_on_standby = given(situation=draw_situation_on_standby())


@any_situation_on_standby
@many_situations
def test_fails_back_only_own_moves_to_recovered_primary_within_budget(
    situation: tuple[ControllerState, Consensus, float],
) -> None:
    state, consensus, now = situation
    move = get_started_move(decide_at(state, consensus, FAILS_BACK, now), state)
    if move is None or not move.is_automatic_failback:
        return
    recent_moves = [at for at in state.automatic_move_times if now - at < DAY_SECONDS]
    assert (
        state.is_auto_failback_pending,
        state.pending_weight_sync,
        state.hold,
        state.pause,
        state.is_observe_only,
    ) == (
        True,
        None,
        None,
        None,
        False,
    )
    assert (move.target, move.is_stepped) == (RegionRole.PRIMARY, True)
    assert consensus.roles.primary.verdict in SERVING_VERDICTS
    assert not consensus.is_isolated
    assert state.streaks.primary.rounds + 1 >= FAILS_BACK.recovery_rounds
    assert now >= state.cool_down_until
    assert not recent_moves or len(recent_moves) + 1 < FAILS_BACK.max_automatic_moves_per_day


@any_situation_on_standby
@many_situations
def test_fails_back_only_if_policy_allows(situation: tuple[ControllerState, Consensus, float]) -> None:
    state, consensus, now = situation
    move = get_started_move(decide_at(state, consensus, SETTINGS, now), state)
    assert move is None or not move.is_automatic_failback


def test_some_failbacks_start() -> None:
    moves: list[Move] = []

    @any_situation_on_standby
    @settings(max_examples=100, derandomize=True, database=None)
    def decide_often(situation: tuple[ControllerState, Consensus, float]) -> None:
        state, consensus, now = situation
        moves.extend(filter(None, [get_started_move(decide_at(state, consensus, FAILS_BACK, now), state)]))

    decide_often()
    assert any(move.is_automatic_failback for move in moves)
