"""A drill survives a process that dies at any step: the next round continues, and users return.

Each scenario runs once for each interrupted call to the ledger, Route 53 or a latch, as for moves. Only rounds that
change the drill or its move are interrupted. The other rounds only read.
"""

from collections.abc import Callable, Iterator

import pytest

from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.model.drill import DrillOutcome
from cognito_failover.core.model.event import EventKind
from cognito_failover.core.verdict import Verdict
from tests.support.controller_harness import ControllerHarness
from tests.support.drill_requests import get_ended_drill, read_history, request_drill
from tests.unit.core.move.test_interrupted_moves import CallInterrupter, CallInterruption, run_with_restarts

SUCCEEDED, ABORTED, INTERRUPTED = DrillOutcome.SUCCEEDED, DrillOutcome.ABORTED, DrillOutcome.INTERRUPTED
ON_PRIMARY, ON_STANDBY = (255, 0), (0, 255)


def make_settled_world(*latches: SteeredName) -> ControllerHarness:
    return ControllerHarness(latches=latches, recovery_rounds=4).settle()


def start_switchover() -> ControllerHarness:
    """Start a switchover by every lever."""
    world = make_settled_world(*SteeredName)
    request_drill(world, hold_seconds=20)
    return world


def start_lever_test() -> ControllerHarness:
    """Start a lever test of two levers."""
    world = make_settled_world(SteeredName.RECORDS)
    request_drill(world, "lever-test")
    return world


def start_simulated_outage() -> ControllerHarness:
    """Start a simulated outage that moves users."""
    world = make_settled_world()
    request_drill(world, "simulated-outage", hold_seconds=20)
    return world


def start_aborted_drill() -> ControllerHarness:
    """Abort a switchover while users are on the standby."""
    world = make_settled_world(SteeredName.RECORDS)
    request_drill(world, hold_seconds=600)
    world.run(4)
    assert world.request("abort", reason="stop", token="stop")["done"]
    return world


def start_drill_with_failing_standby() -> ControllerHarness:
    """Make the standby sick while users are there."""
    world = make_settled_world()
    request_drill(world, hold_seconds=600)
    world.run(3)
    return world.set_standby(Verdict.SICK)


def start_drill_with_real_outage() -> ControllerHarness:
    """Make the primary sick while one lever alone has moved users."""
    world = make_settled_world(SteeredName.RECORDS)
    request_drill(world, "lever-test")
    world.run(2)
    return world.set_primary(Verdict.SICK)


type InterruptibleDrill = Callable[[], ControllerHarness]
ROUNDS = 60
SCENARIOS: dict[str, tuple[InterruptibleDrill, DrillOutcome, tuple[int, int]]] = {
    scenario.__name__: (scenario, outcome, weights)
    for scenario, outcome, weights in (
        (start_switchover, SUCCEEDED, ON_PRIMARY),
        (start_lever_test, SUCCEEDED, ON_PRIMARY),
        (start_simulated_outage, SUCCEEDED, ON_PRIMARY),
        (start_aborted_drill, ABORTED, ON_PRIMARY),
        (start_drill_with_failing_standby, ABORTED, ON_PRIMARY),
        (start_drill_with_real_outage, INTERRUPTED, ON_STANDBY),
    )
}


def list_calls(scenario: InterruptibleDrill) -> dict[int, str]:
    """Return the calls of an uninterrupted scenario by number, only of rounds that change something."""
    world = scenario()
    calls, changing_calls = CallInterrupter(world, None, None).calls, dict[int, str]()
    for _ in range(ROUNDS):
        call_count, before = len(calls), _describe_progress(world)
        run_with_restarts(world, 1)
        if _describe_progress(world) != before:
            changing_calls |= dict(enumerate(calls[call_count:], start=call_count))
        if world.state.drill is None and world.state.move is None:
            return changing_calls
    raise AssertionError("the drill does not end")


def _describe_progress(world: ControllerHarness) -> object:
    state, drill_on = world.state, world.state.drill
    stage = drill_on and (drill_on.stage, drill_on.move_ids, drill_on.abort_reason, drill_on.simulated_rounds)
    return stage, state.move, state.last_move, {name: latch.set_at for name, latch in state.latches.items()}


def list_interrupted_scenarios() -> Iterator[object]:
    for name, (scenario, _, _) in SCENARIOS.items():
        for at, call_name in list_calls(scenario).items():
            for interruption in CallInterruption:
                yield pytest.param(name, at, interruption, id=f"{name}-{at}-{call_name}-{interruption}")


@pytest.mark.parametrize(("name", "at", "interruption"), [*list_interrupted_scenarios()])
def test_interrupted_drill_ends_like_uninterrupted_one(name: str, at: int, interruption: CallInterruption) -> None:
    scenario, outcome, weights = SCENARIOS[name]
    world = scenario()
    interrupter = CallInterrupter(world, at, interruption)
    for _ in range(ROUNDS):
        run_with_restarts(world, 1)
        if world.state.drill is None and world.state.move is None and len(interrupter.calls) > at:
            break
    run_with_restarts(world, 5)  # a failed latch is set again after half a minute
    last = get_ended_drill(world)
    assert len(interrupter.calls) > at
    assert (last.outcome, world.weights, world.state.move) == (outcome, weights, None)
    assert all(latch.thrown is (weights == ON_STANDBY) for latch in world.latches.values())
    events = [event for event in read_history(world) if event.drill_id == last.id]
    decided = [event.move.id for event in events if event.kind is EventKind.MOVE_DECIDED and event.move]
    assert sorted(decided) == sorted(last.move_ids), "each move was decided once"
    assert not {EventKind.MOVE_SUPERSEDED, EventKind.AUTOMATION_HELD} & {event.kind for event in events}
    assert world.state.automatic_move_times == ()
