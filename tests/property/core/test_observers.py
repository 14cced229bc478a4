"""Three observers in simulated time: none of them alone moves anybody, and together they are nearly as quick as one."""

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from failover.probe.verdict import Verdict
from failover.region import all_to
from tests.support.observers import FURTHER, IRELAND, OREGON, PRIMARY_SICK, SICK, Sight, Together, dies_at
from tests.support.settings import VIRGINIA

SETTLED_SECONDS = 125.0
HANGING, REFUSING = 5.0, 0.1

sights = st.tuples(st.sampled_from(Verdict), st.sampled_from(Verdict), st.booleans())


def decision_seconds(
    further: tuple[str, ...], *, began_after: float, dies_after: float, sick_look_seconds: float
) -> float:
    """Return how long after its death the move away from a primary is decided."""
    together = Together(further, began_after=began_after).run(SETTLED_SECONDS)
    died_at = together.world.clock.now + dies_after
    for eyes in together.eyes.values():
        eyes.sees = dies_at(died_at)
        eyes.takes = lambda sight: sick_look_seconds if sight[0] is SICK else 0.1
    decided_at = together.decided_at(at_most_seconds=dies_after + 100)
    assert decided_at
    return decided_at - died_at


@settings(max_examples=40)
@given(
    began_after=st.floats(0, 9.99),
    dies_after=st.floats(0, 90),
    sick_look_seconds=st.sampled_from([HANGING, REFUSING]),
)
def test_three_decide_at_most_one_interval_later_than_one(
    began_after: float, dies_after: float, sick_look_seconds: float
) -> None:
    def decides(further: tuple[str, ...]) -> float:
        return decision_seconds(
            further, began_after=began_after, dies_after=dies_after, sick_look_seconds=sick_look_seconds
        )

    assert decides(FURTHER) <= decides(()) + 10


@settings(max_examples=40)
@given(
    liar=st.sampled_from([VIRGINIA, IRELAND, OREGON]),
    lies=st.lists(sights, min_size=1, max_size=30),
    clock_error_seconds=st.floats(-100, 100),
    mute_from=st.integers(0, 30),
)
def test_one_of_three_moves_nobody_whatever_it_says(
    liar: str, lies: list[Sight], clock_error_seconds: float, mute_from: int
) -> None:
    together = Together().run(SETTLED_SECONDS)
    began_at = together.world.clock.now
    together.eyes[liar].sees = _one_after_another(lies, began_at)
    if liar != VIRGINIA:
        together.eyes[liar].clock_error_seconds = clock_error_seconds
    together.run(5.0 * mute_from)
    together.mute = {liar}
    together.run(60)
    assert together.world.zone.traffic == []
    assert together.world.state.weights == all_to(together.world.state.active)


def _one_after_another(sights_seen: list[Sight], began_at: float) -> Callable[[float], Sight]:
    return lambda at: sights_seen[int((at - began_at) // 5) % len(sights_seen)]


@settings(max_examples=20)
@given(began_after=st.floats(0, 9.99), liar=st.sampled_from(FURTHER), lie=sights)
def test_one_of_three_keeps_nobody_on_a_dead_primary_whatever_it_says(
    began_after: float, liar: str, lie: Sight
) -> None:
    together = Together(began_after=began_after).run(SETTLED_SECONDS)
    together.see(PRIMARY_SICK)
    together.see(lie, liar)
    assert together.decided_at(at_most_seconds=60)
