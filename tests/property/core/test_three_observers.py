"""Three observers in simulated time: one alone does not move users, and three are nearly as fast as one."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cognito_failover.common.region import route_all_to
from cognito_failover.core.model.event import EventKind
from cognito_failover.core.verdict import Verdict
from tests.support.multi_observer import (
    ALL_HEALTHY,
    IRELAND,
    OREGON,
    PRIMARY_SICK,
    REMOTE_REGIONS,
    SICK,
    MultiObserver,
    ScriptedState,
    fail_primary_at,
)
from tests.support.settings import VIRGINIA

SETTLING_SECONDS = 125.0
HANGING, REFUSING = 5.0, 0.1

observed_states = st.tuples(st.sampled_from(Verdict), st.sampled_from(Verdict), st.booleans())


def measure_decision_seconds(
    remote_observers: tuple[str, ...], *, starts_after: float, fails_after: float, sick_probe_seconds: float
) -> float:
    """Return the seconds from the failure of the primary to the decision to move."""
    together = MultiObserver(remote_observers, start_delay_seconds=starts_after).run(SETTLING_SECONDS)
    failed_at = together.world.clock.now + fails_after
    for view in together.views.values():
        view.state_at = fail_primary_at(failed_at)
        view.duration_of = lambda sight: sick_probe_seconds if sight[0] is SICK else 0.1
    decided_at = together.run_until_decided(timeout_seconds=fails_after + 100)
    assert decided_at
    return decided_at - failed_at


@settings(max_examples=40)
@given(
    starts_after=st.floats(0, 9.99),
    fails_after=st.floats(0, 90),
    sick_probe_seconds=st.sampled_from([HANGING, REFUSING]),
)
def test_three_observers_decide_at_most_one_interval_later_than_one(
    starts_after: float, fails_after: float, sick_probe_seconds: float
) -> None:
    def decide(remote_observers: tuple[str, ...]) -> float:
        return measure_decision_seconds(
            remote_observers, starts_after=starts_after, fails_after=fails_after, sick_probe_seconds=sick_probe_seconds
        )

    assert decide(REMOTE_REGIONS) <= decide(()) + 10


@settings(max_examples=40)
@given(
    faulty_observer=st.sampled_from([VIRGINIA, IRELAND, OREGON]),
    states=st.lists(observed_states, min_size=1, max_size=30),
    clock_error_seconds=st.floats(-100, 100),
    disconnects_after=st.integers(0, 30),
)
def test_one_of_three_observers_never_causes_a_move(
    faulty_observer: str, states: list[ScriptedState], clock_error_seconds: float, disconnects_after: int
) -> None:
    together = MultiObserver().run(SETTLING_SECONDS)
    began_at = together.world.clock.now
    together.views[faulty_observer].state_at = _repeat_states(states, began_at)
    if faulty_observer != VIRGINIA:
        together.views[faulty_observer].clock_error_seconds = clock_error_seconds
    together.run(5.0 * disconnects_after)
    together.disconnected = {faulty_observer}
    together.run(60)
    assert together.world.zone.weight_history == []
    assert together.world.state.weights == route_all_to(together.world.state.active_role)


def _repeat_states(states: list[ScriptedState], began_at: float) -> Callable[[float], ScriptedState]:
    return lambda at: states[int((at - began_at) // 5) % len(states)]


@settings(max_examples=20)
@given(starts_after=st.floats(0, 9.99), faulty_observer=st.sampled_from(REMOTE_REGIONS), state=observed_states)
def test_one_of_three_observers_never_prevents_a_needed_move(
    starts_after: float, faulty_observer: str, state: ScriptedState
) -> None:
    together = MultiObserver(start_delay_seconds=starts_after).run(SETTLING_SECONDS)
    together.set_view(PRIMARY_SICK)
    together.set_view(state, faulty_observer)
    assert together.run_until_decided(timeout_seconds=60)


@pytest.mark.parametrize("interval_seconds", [2, 3, 5])
@pytest.mark.parametrize("starts_after", [0.5, 1.0, 1.5, 2.0])
def test_one_look_of_other_observers_counts_once_in_faster_rounds(interval_seconds: int, starts_after: float) -> None:
    together = MultiObserver(start_delay_seconds=starts_after, suspect_interval_seconds=interval_seconds)
    together.run(SETTLING_SECONDS)
    look_at = (together.world.clock.now // 90 + 1) * 90.0  # all remote observers look, just before a usual round
    for region in REMOTE_REGIONS:
        together.views[region].state_at = lambda at: PRIMARY_SICK if look_at <= at < look_at + 0.5 else ALL_HEALTHY
    together.run(look_at - together.world.clock.now + 60)
    events = together.world.memory.load_history(limit=10).events
    assert EventKind.SUSPECTED in {event.kind for event in events}
    assert together.world.zone.weight_history == []


@pytest.mark.parametrize("interval_seconds", [2, 3, 5, 10])
def test_outage_is_decided_in_time_whatever_the_interval_of_rounds(interval_seconds: int) -> None:
    together = MultiObserver(suspect_interval_seconds=interval_seconds).run(SETTLING_SECONDS)
    together.set_view(PRIMARY_SICK)
    failed_at = together.world.clock.now
    decided_at = together.run_until_decided(timeout_seconds=60)
    assert decided_at
    assert decided_at - failed_at <= 40
