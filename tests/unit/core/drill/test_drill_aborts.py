"""An aborted drill returns all users, in any round and after any call of its step."""

from collections.abc import Iterator
from typing import Any

import pytest

from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.model.drill import DrillKind, DrillOutcome
from cognito_failover.core.model.event import EventKind
from tests.support.controller_harness import ControllerHarness
from tests.support.drill_requests import get_ended_drill, read_history, request_drill
from tests.support.fault_injector import KilledError

KINDS = (DrillKind.SWITCHOVER, DrillKind.LEVER_TEST, DrillKind.SIMULATED_OUTAGE)
ROUNDS = 60


def make_settled_world() -> ControllerHarness:
    return ControllerHarness(latches=tuple(SteeredName), recovery_rounds=4).settle()


def start_drill(kind: DrillKind) -> ControllerHarness:
    world = make_settled_world()
    fields: dict[str, Any] = {} if kind is DrillKind.LEVER_TEST else {"hold_seconds": 20, "mode": "stepped"}
    request_drill(world, kind, **fields)
    return world


def count_rounds(kind: DrillKind) -> int:
    """Return the number of rounds of a drill without an abort."""
    world = start_drill(kind)
    for rounds in range(ROUNDS):
        world.run(1)
        if world.state.drill is None:
            return rounds
    raise AssertionError("the drill does not end")


def list_every_round() -> Iterator[object]:
    for kind in KINDS:
        for rounds in range(count_rounds(kind)):
            yield pytest.param(kind, rounds, id=f"{kind}-{rounds}")


def assert_all_on_primary(world: ControllerHarness) -> None:
    assert world.state.move is None
    assert world.weights == (255, 0)
    assert not any(latch.thrown for latch in world.latches.values())
    assert get_ended_drill(world).outcome in {DrillOutcome.ABORTED, DrillOutcome.SUCCEEDED}
    assert not {EventKind.MOVE_SUPERSEDED, EventKind.AUTOMATION_HELD} & {event.kind for event in read_history(world)}


@pytest.mark.parametrize(("kind", "rounds"), [*list_every_round()])
def test_abort_in_any_round_returns_all_users(kind: DrillKind, rounds: int) -> None:
    world = start_drill(kind)
    world.run(rounds)
    assert world.request("abort", reason="stop", token="stop")["done"]
    world.run(ROUNDS)
    assert_all_on_primary(world)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("spreads", [True, False])
@pytest.mark.parametrize("calls", range(1, 9))
def test_abort_during_a_step_returns_all_users(kind: DrillKind, spreads: bool, calls: int) -> None:
    world = start_drill(kind)
    world.propagates_changes = spreads
    left = iter(range(calls))

    def die(_: str) -> None:
        if next(left, None) is None:
            raise KilledError

    world.fault_injector.before_call = die
    with pytest.raises(KilledError):
        world.run(ROUNDS)
    world.restore_all().restart()
    assert world.request("abort", reason="stop", token="stop")["done"]
    world.propagates_changes = True
    world.run(ROUNDS)
    assert_all_on_primary(world)
