"""Two controllers with one ledger and one zone, at every point of a round: never two moves."""

from collections.abc import Callable, Iterator

import pytest

from cognito_failover.controller.round import RoundRunner
from cognito_failover.core.model.event import EventKind
from cognito_failover.core.verdict import Verdict
from tests.support.controller_harness import ControllerHarness


def make_second_controller(world: ControllerHarness) -> RoundRunner:
    """Return a second controller with the same ledger and zone."""
    return RoundRunner(
        settings=world.settings,
        ledger=world.ledger,
        prober=world.prober,
        levers=world.levers,
        clock=world.clock,
    )


def start_before_failover() -> ControllerHarness:
    world = ControllerHarness().settle().set_primary(Verdict.SICK)
    world.run(2)
    return world


def start_between_steps() -> ControllerHarness:
    world = ControllerHarness(weights=(0, 255)).settle()
    world.request("failback", reason="well again", token="t")
    world.run(7)
    return world


SCENARIOS: dict[str, tuple[Callable[[], ControllerHarness], list[tuple[int, ...]]]] = {
    "failover": (start_before_failover, [(0, 255)]),
    "failback": (start_between_steps, [(26, 229), (128, 127), (255, 0)]),
}


def list_interruption_points() -> Iterator[object]:
    for name, (story, _) in SCENARIOS.items():
        for before in (True, False):
            for at in range(_count_calls_in_a_round(story())):
                yield pytest.param(name, at, before, id=f"{name}-{'before' if before else 'after'}-call-{at}")


def _count_calls_in_a_round(world: ControllerHarness) -> int:
    calls: list[str] = []
    world.fault_injector.before_call = calls.append
    world.run(1)
    return len(calls)


@pytest.mark.parametrize(("name", "at", "before"), [*list_interruption_points()])
def test_nested_round_of_second_controller_causes_no_second_move(name: str, at: int, before: bool) -> None:
    story, traffic = SCENARIOS[name]
    world = story()
    other = make_second_controller(world)
    other.run()
    seen: list[str] = []

    def run_second_controller(call_name: str) -> None:
        seen.append(call_name)
        if len(seen) == at + 1:
            world.fault_injector.clear()
            other.run()

    if before:
        world.fault_injector.before_call = run_second_controller
    else:
        world.fault_injector.after_call = run_second_controller
    world.run(1)
    world.fault_injector.clear()
    world.run(30)
    assert world.zone.weight_history == traffic
    assert world.state.move is None
    kinds = [entry.kind for entry in world.memory.load_history(limit=200).events]
    assert kinds.count(EventKind.MOVE_DECIDED) == kinds.count(EventKind.MOVE_CONFIRMED) == 1
    assert not {EventKind.MOVE_SUPERSEDED, EventKind.AUTOMATION_HELD} & set(kinds)


def test_two_parallel_controllers_make_one_move() -> None:
    world = ControllerHarness().settle()
    other = make_second_controller(world)
    world.set_primary(Verdict.SICK)
    for _ in range(30):
        other.run()
        world.run(1)
    assert world.zone.weight_history == [(0, 255)]
