"""Any step of a drill may be the last one before the process dies; the next round goes on, and users come home.

As for moves, each story is told again with single calls to ledger, Route 53 and latch interrupted: with every call of
each round that brings anything about. The others only look, and are all the same.
"""

from collections.abc import Callable, Iterator

import pytest

from failover.decision.announcement import Kind
from failover.decision.drill import DrillOutcome
from failover.levers.latch import LatchName
from failover.probe.verdict import Verdict
from tests.support.drills import drill, ended, history
from tests.support.world import World
from tests.unit.core.test_interrupted import Interrupter, Interruption, keep_running

CLEAN, ABORTED, OVERTAKEN = DrillOutcome.CLEAN, DrillOutcome.ABORTED, DrillOutcome.OVERTAKEN
HOME, AWAY = (255, 0), (0, 255)


def calm(*latches: LatchName) -> World:
    return World(latches=latches, recovery_rounds=4).settle()


def switchover() -> World:
    """Let users go there and come back by every lever."""
    world = calm(*LatchName)
    drill(world, hold_seconds=20)
    return world


def lever_test() -> World:
    """Let each of two levers take its users there and back."""
    world = calm(LatchName.RECORDS)
    drill(world, "lever-test")
    return world


def blind() -> World:
    """Let a fed sickness move users."""
    world = calm()
    drill(world, "blind", hold_seconds=20)
    return world


def aborted() -> World:
    """Let a person end it while users are away."""
    world = calm(LatchName.RECORDS)
    drill(world, hold_seconds=600)
    world.run(4)
    assert world.request("abort", reason="stop", token="stop")["done"]
    return world


def broken_standby() -> World:
    """Let the standby break while users are there."""
    world = calm()
    drill(world, hold_seconds=600)
    world.run(3)
    return world.standby(Verdict.SICK)


def real_outage() -> World:
    """Let the primary die while one lever alone has moved its users."""
    world = calm(LatchName.RECORDS)
    drill(world, "lever-test")
    world.run(2)
    return world.primary(Verdict.SICK)


type Story = Callable[[], World]
ROUNDS = 60
STORIES: dict[str, tuple[Story, DrillOutcome, tuple[int, int]]] = {
    story.__name__: (story, outcome, weights)
    for story, outcome, weights in (
        (switchover, CLEAN, HOME),
        (lever_test, CLEAN, HOME),
        (blind, CLEAN, HOME),
        (aborted, ABORTED, HOME),
        (broken_standby, ABORTED, HOME),
        (real_outage, OVERTAKEN, AWAY),
    )
}


def calls_of(story: Story) -> dict[int, str]:
    """Return the calls of an undisturbed story by their number, of those rounds that bring anything about."""
    world = story()
    calls, telling = Interrupter(world, None, None).calls, dict[int, str]()
    for _ in range(ROUNDS):
        made, before = len(calls), _progress(world)
        keep_running(world, 1)
        if _progress(world) != before:
            telling |= dict(enumerate(calls[made:], start=made))
        if world.state.drill is None and world.state.move is None:
            return telling
    raise AssertionError("the drill does not end")


def _progress(world: World) -> object:
    state, drill_on = world.state, world.state.drill
    stage = drill_on and (drill_on.stage, drill_on.moves, drill_on.aborted, drill_on.fed)
    return stage, state.move, state.last_move, {name: latch.set_at for name, latch in state.latches.items()}


def interrupted_stories() -> Iterator[object]:
    for name, (story, _, _) in STORIES.items():
        for at, call_name in calls_of(story).items():
            for interruption in Interruption:
                yield pytest.param(name, at, interruption, id=f"{name}-{at}-{call_name}-{interruption}")


@pytest.mark.parametrize(("name", "at", "interruption"), [*interrupted_stories()])
def test_an_interrupted_drill_ends_as_an_undisturbed_one(name: str, at: int, interruption: Interruption) -> None:
    story, outcome, weights = STORIES[name]
    world = story()
    interrupter = Interrupter(world, at, interruption)
    for _ in range(ROUNDS):
        keep_running(world, 1)
        if world.state.drill is None and world.state.move is None and len(interrupter.calls) > at:
            break
    keep_running(world, 5)  # what could not be set is set half a minute later
    last = ended(world)
    assert len(interrupter.calls) > at
    assert (last.outcome, world.weights, world.state.move) == (outcome, weights, None)
    assert all(latch.thrown is (weights == AWAY) for latch in world.latches.values())
    told = [each for each in history(world) if each.drill_id == last.id]
    decided = [each.move.id for each in told if each.kind is Kind.MOVE_DECIDED and each.move]
    assert sorted(decided) == sorted(last.moves), "each of its moves was decided once"
    assert not {Kind.MOVE_OVERTAKEN, Kind.HELD} & {each.kind for each in told}
    assert world.state.automatic_moves == ()
