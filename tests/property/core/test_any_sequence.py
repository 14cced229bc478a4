"""Each invariant holds for any sequence of events and any clock."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cognito_failover.common.region import RegionRole
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.verdict import Verdict
from tests.exhaustive.events import EVENTS, WalkEvent
from tests.exhaustive.invariants import INVARIANTS, Invariant
from tests.exhaustive.state_space import SMALLEST_SETTINGS, apply_event
from tests.support.controller_harness import ControllerHarness
from tests.support.fault_injector import KilledError

LEDGER_CALLS = ("ledger.load", "ledger.save", "ledger.save_observation")


def list_extra_events() -> Iterator[WalkEvent]:
    """Yield events that the exhaustive walk leaves out: every verdict, clock jumps, crashes, ledger failures."""
    for primary in Verdict:
        for standby in Verdict:
            yield WalkEvent(name=f"round: {primary}, {standby}", trigger=_make_round({}, primary, standby))
    for seconds in (-3600, -5, 7, 45, 4000):
        yield WalkEvent(name=f"the clock jumps by {seconds} s", trigger=_make_clock_jump(seconds))
    for call in range(12):
        yield WalkEvent(name=f"a round whose process dies at call {call}", trigger=_make_killed_round(call))
    for call_name in LEDGER_CALLS:
        yield WalkEvent(name=f"a round in which {call_name} fails", trigger=_make_round({"calls": call_name}))


def _make_round(
    ledger_fails: dict[str, Any], primary: Verdict = Verdict.SICK, standby: Verdict = Verdict.HEALTHY
) -> Callable[[ControllerHarness], None]:
    def run_round(world: ControllerHarness) -> None:
        world.prober.verdicts = {RegionRole.PRIMARY: primary, RegionRole.STANDBY: standby}
        if ledger_fails:
            world.fail_ledger(**ledger_fails)
        world.run(1)

    return run_round


def _make_clock_jump(seconds: float) -> Callable[[ControllerHarness], None]:
    return lambda world: world.clock.sleep(seconds)


def _make_killed_round(call: int) -> Callable[[ControllerHarness], None]:
    def run_killed_round(world: ControllerHarness) -> None:
        left = iter(range(call))

        def die(_: str) -> None:
            if next(left, None) is None:
                raise KilledError

        world.fault_injector.before_call = die
        try:
            world.run(1)
        except KilledError:
            world.clock.sleep(world.settings.round_interval_seconds)

    return run_killed_round


any_events = st.sampled_from(EVENTS) | st.sampled_from([*list_extra_events()])
policies = st.sampled_from(
    [SMALLEST_SETTINGS, {}, {"suspect_rounds": 2, "max_automatic_moves_per_day": 3, "observe_only": True}]
)
attached = st.sampled_from([(), (SteeredName.RECORDS,), tuple(SteeredName)])


@pytest.mark.parametrize("invariant", INVARIANTS, ids=lambda invariant: invariant.__name__)
@given(sequence=st.lists(any_events, min_size=10, max_size=60), policy=policies, latches=attached)
@settings(max_examples=40)
def test_no_sequence_breaks_an_invariant(
    invariant: Invariant, sequence: list[WalkEvent], policy: dict[str, Any], latches: tuple[SteeredName, ...]
) -> None:
    world = ControllerHarness(latches=latches, **policy).settle()
    for event in sequence:
        assert invariant(apply_event(world, event)), event.name
