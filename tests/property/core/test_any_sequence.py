"""Whatever happens, in whatever order, by whatever clock: each promise is kept over whole rounds."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from failover.levers.latch import LatchName
from failover.probe.verdict import Verdict
from failover.region import Side
from tests.exhaustive.events import EVENTS, Event
from tests.exhaustive.promises import PROMISES, Promise
from tests.exhaustive.walk import POLICY, happen
from tests.support.tap import KilledError
from tests.support.world import World

LEDGER_CALLS = ("ledger.load", "ledger.save", "ledger.put_observation")


def beyond_the_walk() -> Iterator[Event]:
    """Give what an exhaustive walk leaves out: every verdict, clocks that jump, crashes, a ledger in trouble."""
    for primary in Verdict:
        for standby in Verdict:
            yield Event(name=f"round: {primary}, {standby}", happen=_round({}, primary, standby))
    for seconds in (-3600, -5, 7, 45, 4000):
        yield Event(name=f"the clock jumps by {seconds} s", happen=_jump(seconds))
    for call in range(12):
        yield Event(name=f"a round whose process dies at call {call}", happen=_dying_round(call))
    for call_name in LEDGER_CALLS:
        yield Event(name=f"a round in which {call_name} fails", happen=_round({"calls": call_name}))


def _round(
    ledger_fails: dict[str, Any], primary: Verdict = Verdict.SICK, standby: Verdict = Verdict.HEALTHY
) -> Callable[[World], None]:
    def happen_so(world: World) -> None:
        world.probe.verdicts = {Side.PRIMARY: primary, Side.STANDBY: standby}
        if ledger_fails:
            world.ledger_fails(**ledger_fails)
        world.run(1)

    return happen_so


def _jump(seconds: float) -> Callable[[World], None]:
    return lambda world: world.clock.sleep(seconds)


def _dying_round(call: int) -> Callable[[World], None]:
    def happen_so(world: World) -> None:
        left = iter(range(call))

        def die(_: str) -> None:
            if next(left, None) is None:
                raise KilledError

        world.tap.asked = die
        try:
            world.run(1)
        except KilledError:
            world.clock.sleep(world.settings.round_interval_seconds)

    return happen_so


anything = st.sampled_from(EVENTS) | st.sampled_from([*beyond_the_walk()])
policies = st.sampled_from([POLICY, {}, {"suspect_rounds": 2, "max_automatic_moves_per_day": 3, "observe_only": True}])
attached = st.sampled_from([(), (LatchName.RECORDS,), tuple(LatchName)])


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
@given(sequence=st.lists(anything, min_size=10, max_size=60), policy=policies, latches=attached)
@settings(max_examples=40)
def test_no_sequence_breaks_a_promise(
    promise: Promise, sequence: list[Event], policy: dict[str, Any], latches: tuple[LatchName, ...]
) -> None:
    world = World(latches=latches, **policy).settle()
    for event in sequence:
        assert promise(happen(world, event)), event.name
