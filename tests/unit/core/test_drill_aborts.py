"""A drill that is aborted, in whatever round and however far its step has come, brings everybody home."""

from collections.abc import Iterator
from typing import Any

import pytest

from failover.decision.announcement import Kind
from failover.decision.drill import DrillKind, DrillOutcome
from failover.levers.latch import LatchName
from tests.support.drills import drill, ended, history
from tests.support.tap import KilledError
from tests.support.world import World

KINDS = (DrillKind.SWITCHOVER, DrillKind.LEVER_TEST, DrillKind.BLIND)
ROUNDS = 60


def calm() -> World:
    return World(latches=tuple(LatchName), recovery_rounds=4).settle()


def begun(kind: DrillKind) -> World:
    world = calm()
    fields: dict[str, Any] = {} if kind is DrillKind.LEVER_TEST else {"hold_seconds": 20, "pace": "in-steps"}
    drill(world, kind, **fields)
    return world


def rounds_of(kind: DrillKind) -> int:
    """Return how many rounds an undisturbed drill takes."""
    world = begun(kind)
    for rounds in range(ROUNDS):
        world.run(1)
        if world.state.drill is None:
            return rounds
    raise AssertionError("the drill does not end")


def every_round() -> Iterator[object]:
    for kind in KINDS:
        for rounds in range(rounds_of(kind)):
            yield pytest.param(kind, rounds, id=f"{kind}-{rounds}")


def all_are_home(world: World) -> None:
    assert world.state.move is None
    assert world.weights == (255, 0)
    assert not any(latch.thrown for latch in world.latches.values())
    assert ended(world).outcome in {DrillOutcome.ABORTED, DrillOutcome.CLEAN}
    assert not {Kind.MOVE_OVERTAKEN, Kind.HELD} & {each.kind for each in history(world)}


@pytest.mark.parametrize(("kind", "rounds"), [*every_round()])
def test_an_abort_in_any_round_brings_everybody_home(kind: DrillKind, rounds: int) -> None:
    world = begun(kind)
    world.run(rounds)
    assert world.request("abort", reason="stop", token="stop")["done"]
    world.run(ROUNDS)
    all_are_home(world)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("spreads", [True, False])
@pytest.mark.parametrize("calls", range(1, 9))
def test_an_abort_in_the_middle_of_a_step_brings_everybody_home(kind: DrillKind, spreads: bool, calls: int) -> None:
    world = begun(kind)
    world.spreads = spreads
    left = iter(range(calls))

    def die(_: str) -> None:
        if next(left, None) is None:
            raise KilledError

    world.tap.asked = die
    with pytest.raises(KilledError):
        world.run(ROUNDS)
    world.all_works().new_process()
    assert world.request("abort", reason="stop", token="stop")["done"]
    world.spreads = True
    world.run(ROUNDS)
    all_are_home(world)
