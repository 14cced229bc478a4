"""A look of an observer counts once, however many rounds see it: for suspicion, recovery, and the counts of drills."""

from dataclasses import replace
from typing import Any

import pytest

from cognito_failover.common.region import PerRole, RegionRole, route_all_to
from cognito_failover.core.decide import decide
from cognito_failover.core.model.drill import DrillKind, DrillStage
from cognito_failover.core.model.event import EventKind
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.quorum import form_consensus
from cognito_failover.core.round_context import RoundContext
from cognito_failover.core.transition import Transition
from cognito_failover.core.verdict import Verdict
from tests.support.drill_fixtures import make_drill
from tests.support.multi_observer import ALL_HEALTHY, IRELAND, OREGON, PRIMARY_SICK, make_observation
from tests.support.settings import VIRGINIA, make_settings

NOW = 1_800_000_000.0
SETTINGS = make_settings(remote_observers=(IRELAND, OREGON))
STANDBY_SICK = (Verdict.HEALTHY, Verdict.SICK, True)


def make_state(**changes: Any) -> ControllerState:
    usual: dict[str, Any] = {
        "created_at": NOW - 10_000,
        "active_role": RegionRole.PRIMARY,
        "active_since": NOW - 9_000,
        "weights": route_all_to(RegionRole.PRIMARY),
        "last_round_at": NOW - 5,
    }
    return ControllerState(**{**usual, **changes})


def decide_at(state: ControllerState, seconds: float, looks: dict[str, tuple[Any, float]]) -> Transition:
    """Decide a round this many seconds after the start, with the last look of each observer and when it was made."""
    now = NOW + seconds
    observations = [make_observation(observer, view, NOW + at) for observer, (view, at) in looks.items()]
    consensus = form_consensus(
        observations, configured=SETTINGS.observers, now=now, observation_ttl_seconds=SETTINGS.observation_ttl_seconds
    )
    return decide(state, RoundContext(settings=SETTINGS, consensus=consensus, now=now))


def test_sick_look_of_a_majority_counts_in_one_round_only() -> None:
    looks = {IRELAND: (PRIMARY_SICK, 0.0), OREGON: (PRIMARY_SICK, 0.0)}
    first = decide_at(make_state(), 1, {VIRGINIA: (ALL_HEALTHY, 1), **looks})
    assert [event.kind for event in first.events] == [EventKind.SUSPECTED]
    second = decide_at(first.state, 3, {VIRGINIA: (ALL_HEALTHY, 3), **looks})
    assert second.events == ()
    assert second.state.suspicion == first.state.suspicion
    assert second.state.streaks.primary == first.state.streaks.primary


def test_new_look_of_one_observer_is_no_majority_of_new_looks() -> None:
    looks = {IRELAND: (PRIMARY_SICK, 0.0), OREGON: (PRIMARY_SICK, 0.0)}
    state = decide_at(make_state(), 1, {VIRGINIA: (PRIMARY_SICK, 1), **looks}).state
    for seconds in (3, 5, 7):
        state = decide_at(state, seconds, {VIRGINIA: (PRIMARY_SICK, seconds), **looks}).state
    assert state.suspicion.sick_rounds == 1
    state = decide_at(state, 9, {VIRGINIA: (PRIMARY_SICK, 9), IRELAND: (PRIMARY_SICK, 8), OREGON: looks[OREGON]}).state
    assert state.suspicion.sick_rounds == 2


def test_healthy_look_that_was_counted_ends_no_suspicion() -> None:
    sick = {IRELAND: (PRIMARY_SICK, 0.0), OREGON: (PRIMARY_SICK, 0.0)}
    healthy = {IRELAND: (ALL_HEALTHY, 2.0), OREGON: (ALL_HEALTHY, 2.0)}
    state = decide_at(make_state(), 1, {VIRGINIA: (PRIMARY_SICK, 1), **sick}).state
    for seconds in (3, 5, 7, 9):
        state = decide_at(state, seconds, {VIRGINIA: (PRIMARY_SICK, seconds), **healthy}).state
    assert state.suspicion.score == 2, "three points for the sick look, one less for the healthy one"


def test_looks_after_a_silence_count_whenever_they_were_made() -> None:
    looks = {IRELAND: (PRIMARY_SICK, 0.0), OREGON: (PRIMARY_SICK, 0.0)}
    first = decide_at(make_state(), 1, {VIRGINIA: (PRIMARY_SICK, 1), **looks})
    silent = replace(first.state, last_round_at=NOW - 100)
    assert decide_at(silent, 2, {VIRGINIA: (PRIMARY_SICK, 2), **looks}).state.suspicion.sick_rounds == 1


def test_failed_sign_in_of_one_look_does_not_abort_a_drill() -> None:
    drill = make_drill(stage=DrillStage.ON_STANDBY, stage_since=NOW, hold_seconds=600.0, started_at=NOW)
    state = make_state(
        drill=drill, active_role=RegionRole.STANDBY, weights=route_all_to(RegionRole.STANDBY), active_since=NOW - 10
    )
    looks = {IRELAND: (STANDBY_SICK, 0.0), OREGON: (STANDBY_SICK, 0.0)}
    for seconds in (1, 3, 5, 7):
        state = decide_at(state, seconds, {VIRGINIA: (ALL_HEALTHY, seconds), **looks}).state
    assert state.drill
    assert (state.drill.failed_sign_in_count, state.drill.abort_reason) == (1, "")


def test_simulated_rounds_are_as_many_as_the_suspicion_counts() -> None:
    drill = make_drill(
        kind=DrillKind.SIMULATED_OUTAGE,
        stage=DrillStage.SIMULATING,
        stage_since=NOW,
        max_simulated_rounds=3,
        started_at=NOW,
        move_ids=(),
    )
    looks = {IRELAND: (ALL_HEALTHY, 0.0), OREGON: (ALL_HEALTHY, 0.0)}
    state = make_state(drill=drill)
    for seconds in (1, 3, 5, 7):
        state = decide_at(state, seconds, {VIRGINIA: (ALL_HEALTHY, seconds), **looks}).state
    assert state.drill
    assert state.drill.simulated_rounds == state.suspicion.sick_rounds == 1


@pytest.mark.parametrize("role", RegionRole)
def test_counted_looks_are_kept_for_each_region(role: RegionRole) -> None:
    looks = {VIRGINIA: (PRIMARY_SICK, 1.0), IRELAND: (PRIMARY_SICK, 0.0), OREGON: (ALL_HEALTHY, 0.0)}
    state = decide_at(make_state(), 1, looks).state
    agreeing = PerRole(primary={VIRGINIA, IRELAND}, standby={VIRGINIA, IRELAND, OREGON})
    assert set(state.streaks[role].looks) == agreeing[role]
