"""Two controllers over one ledger and one zone, in each other's way at every call: never two moves."""

from collections.abc import Callable, Iterator

import pytest

from failover.decision.announcement import Kind
from failover.probe.verdict import Verdict
from failover.rounds.look import Levers
from failover.rounds.round import Rounds
from tests.support.world import World


def another(world: World) -> Rounds:
    """Return a second controller of the same world."""
    return Rounds(
        settings=world.settings,
        ledger=world.ledger,
        probe=world.probe,
        levers=Levers(records=world.lever),
        clock=world.clock,
    )


def about_to_fail_over() -> World:
    world = World().settle().primary(Verdict.SICK)
    world.run(2)
    return world


def between_steps() -> World:
    world = World(weights=(0, 255)).settle()
    world.request("failback", reason="well again", token="t")
    world.run(7)
    return world


STORIES: dict[str, tuple[Callable[[], World], list[tuple[int, ...]]]] = {
    "failover": (about_to_fail_over, [(0, 255)]),
    "failback": (between_steps, [(26, 229), (128, 127), (255, 0)]),
}


def moments() -> Iterator[object]:
    for name, (story, _) in STORIES.items():
        for before in (True, False):
            for at in range(_calls_in_a_round(story())):
                yield pytest.param(name, at, before, id=f"{name}-{'before' if before else 'after'}-call-{at}")


def _calls_in_a_round(world: World) -> int:
    calls: list[str] = []
    world.tap.asked = calls.append
    world.run(1)
    return len(calls)


@pytest.mark.parametrize(("name", "at", "before"), [*moments()])
def test_a_whole_round_of_another_in_the_middle_of_a_round(name: str, at: int, before: bool) -> None:
    story, traffic = STORIES[name]
    world = story()
    other = another(world)
    other.run()
    seen: list[str] = []

    def intrude(call_name: str) -> None:
        seen.append(call_name)
        if len(seen) == at + 1:
            world.tap.clear()
            other.run()

    if before:
        world.tap.asked = intrude
    else:
        world.tap.answered = intrude
    world.run(1)
    world.tap.clear()
    world.run(30)
    assert world.zone.traffic == traffic
    assert world.state.move is None
    told = [entry.kind for entry in world.memory.history(limit=200)]
    assert told.count(Kind.MOVE_DECIDED) == told.count(Kind.MOVE_CONFIRMED) == 1
    assert not {Kind.MOVE_OVERTAKEN, Kind.HELD} & set(told)


def test_two_controllers_side_by_side_all_the_time_make_one_move() -> None:
    world = World().settle()
    other = another(world)
    world.primary(Verdict.SICK)
    for _ in range(30):
        other.run()
        world.run(1)
    assert world.zone.traffic == [(0, 255)]
