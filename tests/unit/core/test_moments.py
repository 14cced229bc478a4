"""Saved moments of the future are not believed."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cognito_failover.common.region import RegionRole, route_all_to
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.model.state import ControllerState, LatchState, Pause
from cognito_failover.core.moments import is_in_future, is_waiting, replace_future_moments
from tests.support.state_strategies import instants, states

NOW = 1_800_000_000.0


def test_moment_within_the_tolerated_skew_is_believed() -> None:
    assert not is_in_future(NOW + 5, NOW)
    assert is_in_future(NOW + 5.1, NOW)


@pytest.mark.parametrize(("until", "is_on"), [(0.0, False), (0.1, True), (60.0, True), (65.0, True), (65.1, False)])
def test_wait_is_on_only_as_long_as_it_may_last(until: float, is_on: bool) -> None:
    assert is_waiting(NOW + until, 60.0, NOW) is is_on


@given(state=states, now=instants)
@settings(max_examples=100)
def test_past_is_kept_and_replacing_twice_changes_nothing(state: ControllerState, now: float) -> None:
    replaced = replace_future_moments(state, now)
    assert replace_future_moments(replaced, now) is replaced
    assert replace_future_moments(state, 5e9) is state


@given(state=states, now=instants)
@settings(max_examples=100)
def test_no_wait_starts_in_the_future(state: ControllerState, now: float) -> None:
    replaced = replace_future_moments(state, now)
    moments = [
        replaced.created_at,
        replaced.active_since,
        replaced.last_round_at,
        replaced.suspicion.since,
        *(streak.since for _, streak in replaced.streaks),
        *([replaced.records.read_at] if replaced.records else []),
        *([replaced.move.step_started_at, replaced.move.first_submitted_at] if replaced.move else []),
        *([replaced.move.progress.submitted_at] if replaced.move and replaced.move.progress else []),
        *([replaced.drill.stage_since] if replaced.drill else []),
        *([replaced.hold.since] if replaced.hold else []),
        replaced.lag_state.attempted_at,
    ]
    assert all(at is None or not is_in_future(at, now) for at in moments)


@given(state=states, now=instants)
@settings(max_examples=100)
def test_what_a_person_or_the_past_has_set_is_kept(state: ControllerState, now: float) -> None:
    replaced = replace_future_moments(state, now)
    assert replaced.pause == state.pause
    assert replaced.automatic_move_times == state.automatic_move_times
    assert replaced.undelivered_events == state.undelivered_events
    assert replaced.completed_requests == state.completed_requests
    assert replaced.cool_down_until == state.cool_down_until
    assert replaced.active_role is state.active_role
    assert replaced.weights == state.weights


@given(ahead=st.floats(5.1, 1e8))
def test_moment_inside_a_mapping_is_replaced(ahead: float) -> None:
    latch = LatchState(is_thrown=True, set_failed_at=NOW + ahead, set_at=NOW - 1)
    state = ControllerState(
        created_at=NOW,
        active_role=RegionRole.PRIMARY,
        active_since=NOW,
        weights=route_all_to(RegionRole.PRIMARY),
        latches={SteeredName.RECORDS: latch, SteeredName.DOMAIN: LatchState(is_thrown=False)},
        pause=Pause(until=NOW + ahead, reason="work", requested_by="Aiko"),
    )
    replaced = replace_future_moments(state, NOW)
    assert replaced.latches[SteeredName.RECORDS] == replace(latch, set_failed_at=NOW)
    assert replaced.latches[SteeredName.DOMAIN] is state.latches[SteeredName.DOMAIN]
