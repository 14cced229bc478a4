"""Three observers in simulated time: one alone does not move users, and three are nearly as fast as one."""

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from cognito_failover.common.region import route_all_to
from cognito_failover.core.verdict import Verdict
from tests.support.multi_observer import (
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

SETTLED_SECONDS = 125.0
HANGING, REFUSING = 5.0, 0.1

sights_strategy = st.tuples(st.sampled_from(Verdict), st.sampled_from(Verdict), st.booleans())


def measure_decision_seconds(
    further: tuple[str, ...], *, began_after: float, dies_after: float, sick_look_seconds: float
) -> float:
    """Return the seconds from the failure of the primary to the decision to move."""
    together = MultiObserver(further, start_delay_seconds=began_after).run(SETTLED_SECONDS)
    died_at = together.world.clock.now + dies_after
    for eyes in together.views.values():
        eyes.state_at = fail_primary_at(died_at)
        eyes.duration_of = lambda sight: sick_look_seconds if sight[0] is SICK else 0.1
    decided_at = together.run_until_decided(timeout_seconds=dies_after + 100)
    assert decided_at
    return decided_at - died_at


@settings(max_examples=40)
@given(
    began_after=st.floats(0, 9.99),
    dies_after=st.floats(0, 90),
    sick_look_seconds=st.sampled_from([HANGING, REFUSING]),
)
def test_three_observers_decide_at_most_one_interval_later_than_one(
    began_after: float, dies_after: float, sick_look_seconds: float
) -> None:
    def decide(further: tuple[str, ...]) -> float:
        return measure_decision_seconds(
            further, began_after=began_after, dies_after=dies_after, sick_look_seconds=sick_look_seconds
        )

    assert decide(REMOTE_REGIONS) <= decide(()) + 10


@settings(max_examples=40)
@given(
    liar=st.sampled_from([VIRGINIA, IRELAND, OREGON]),
    lies=st.lists(sights_strategy, min_size=1, max_size=30),
    clock_error_seconds=st.floats(-100, 100),
    mute_from=st.integers(0, 30),
)
def test_one_of_three_observers_never_causes_a_move(
    liar: str, lies: list[ScriptedState], clock_error_seconds: float, mute_from: int
) -> None:
    together = MultiObserver().run(SETTLED_SECONDS)
    began_at = together.world.clock.now
    together.views[liar].state_at = _draw_sights_in_sequence(lies, began_at)
    if liar != VIRGINIA:
        together.views[liar].clock_error_seconds = clock_error_seconds
    together.run(5.0 * mute_from)
    together.disconnected = {liar}
    together.run(60)
    assert together.world.zone.weight_history == []
    assert together.world.state.weights == route_all_to(together.world.state.active_role)


def _draw_sights_in_sequence(sights_seen: list[ScriptedState], began_at: float) -> Callable[[float], ScriptedState]:
    return lambda at: sights_seen[int((at - began_at) // 5) % len(sights_seen)]


@settings(max_examples=20)
@given(began_after=st.floats(0, 9.99), liar=st.sampled_from(REMOTE_REGIONS), lie=sights_strategy)
def test_one_of_three_observers_never_prevents_a_needed_move(began_after: float, liar: str, lie: ScriptedState) -> None:
    together = MultiObserver(start_delay_seconds=began_after).run(SETTLED_SECONDS)
    together.set_view(PRIMARY_SICK)
    together.set_view(lie, liar)
    assert together.run_until_decided(timeout_seconds=60)
