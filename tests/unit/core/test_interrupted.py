"""Rule 10: any step may be the last one before the process dies; the next round finishes it, without a second move.

Each story is told again with every single call to ledger and Route 53 interrupted once, in each way there is.
"""

import random
from collections.abc import Callable, Iterator
from enum import StrEnum

import pytest

from failover.decision.announcement import Kind
from failover.errors import LedgerUnavailableError, LeverUnavailableError
from failover.levers.latch import LatchName
from failover.probe.verdict import Verdict
from tests.support.tap import KilledError
from tests.support.world import World


class Interruption(StrEnum):
    DIES_BEFORE = "dies-before"
    DIES_AFTER = "dies-after"
    FAILS = "fails"
    ANSWER_LOST = "answer-lost"


class Interrupter:
    """Counts the calls that pass, and interrupts one of them."""

    def __init__(self, world: World, at: int | None, interruption: Interruption | None) -> None:
        self.calls: list[str] = []
        self._at = at
        self._interruption = interruption
        world.tap.asked = self._asked
        world.tap.answered = self._answered

    @property
    def _due(self) -> bool:
        return len(self.calls) - 1 == self._at

    def _asked(self, call_name: str) -> None:
        self.calls.append(call_name)
        if self._due and self._interruption is Interruption.DIES_BEFORE:
            raise KilledError
        if self._due and self._interruption is Interruption.FAILS:
            raise _unavailable(call_name)

    def _answered(self, call_name: str) -> None:
        if self._due and self._interruption is Interruption.DIES_AFTER:
            raise KilledError
        if self._due and self._interruption is Interruption.ANSWER_LOST:
            raise _unavailable(call_name)


def _unavailable(call_name: str) -> Exception:
    if call_name.startswith("ledger."):
        return LedgerUnavailableError(f"{call_name} gave no answer")
    return LeverUnavailableError(f"{call_name} gave no answer")


def keep_running(world: World, rounds: int) -> None:
    """Make rounds, each time with a new process where the one before died."""
    for _ in range(rounds):
        try:
            world.run(1)
        except KilledError:
            world.clock.now += world.settings.round_interval_seconds
            world.new_process()


def failover() -> World:
    """Let the primary die under a controller that is well."""
    return World().settle().primary(Verdict.SICK)


def stepped_failback() -> World:
    """Let a person ask for a failback in steps."""
    world = World(weights=(0, 255)).settle()
    assert world.request("failback", reason="well again", token="t")["done"]
    return world


def turned_back() -> World:
    """Let the primary fall sick again after the first step of a failback."""
    world = stepped_failback()
    world.run(3)
    return world.primary(Verdict.SICK)


def failover_by_every_lever() -> World:
    """Let the primary die under a controller with latches."""
    return World(latches=tuple(LatchName)).settle().primary(Verdict.SICK)


def failback_by_every_lever() -> World:
    """Let a person ask for a failback in steps of what the latches have moved, too."""
    world = failover_by_every_lever()
    world.run(8)
    world.zone.traffic.clear()
    for latch in world.latches.values():
        latch.sets.clear()
    world.told.announcements.clear()
    world.primary(Verdict.HEALTHY).run(3)
    assert world.request("failback", reason="well again", token="t")["done"]
    return world


type Story = Callable[[], World]
ROUNDS = 40
STORIES: dict[str, tuple[Story, list[tuple[int, ...]]]] = {
    "failover": (failover, [(0, 255)]),
    "stepped-failback": (stepped_failback, [(26, 229), (128, 127), (255, 0)]),
    "turned-back": (turned_back, [(26, 229), (0, 255)]),
    "failover-by-every-lever": (failover_by_every_lever, [(0, 255)]),
    "failback-by-every-lever": (failback_by_every_lever, [(26, 229), (128, 127), (255, 0)]),
}


def calls_of(story: Story) -> list[str]:
    """Return the calls of a story that nothing interrupts, up to the end of its move."""
    world = story()
    last_move = world.state.last_move
    calls = Interrupter(world, None, None).calls
    for _ in range(ROUNDS):
        keep_running(world, 1)
        if world.state.last_move != last_move and not world.state.move:
            return calls
    raise AssertionError("the move does not end")


def interrupted_stories() -> Iterator[object]:
    for name, (story, _) in STORIES.items():
        for at, call_name in enumerate(calls_of(story)):
            for interruption in Interruption:
                yield pytest.param(name, at, interruption, id=f"{name}-{at}-{call_name}-{interruption}")


@pytest.mark.parametrize(("name", "at", "interruption"), [*interrupted_stories()])
def test_an_interrupted_move_ends_as_an_undisturbed_one(name: str, at: int, interruption: Interruption) -> None:
    story, traffic = STORIES[name]
    world = story()
    earlier = world.state.last_move
    interrupter = Interrupter(world, at, interruption)
    keep_running(world, ROUNDS)
    assert len(interrupter.calls) > at
    assert world.zone.traffic == traffic
    assert world.state.move is None
    assert world.weights == traffic[-1]
    assert tuple(weight for _, weight in world.state.weights) == traffic[-1]
    told = [
        entry.kind
        for entry in world.memory.history(limit=200)
        if earlier is None or (entry.move and entry.move.id != earlier.id)
    ]
    assert told.count(Kind.MOVE_DECIDED) == told.count(Kind.MOVE_CONFIRMED) == 1
    assert not {Kind.MOVE_OVERTAKEN, Kind.HELD} & set(told)
    assert Kind.MOVE_CONFIRMED in world.kinds
    assert all(latch.thrown is (traffic[-1] == (0, 255)) for latch in world.latches.values())
    assert all(set(latch.sets) <= {latch.thrown} for latch in world.latches.values())


@pytest.mark.parametrize("seed", range(20))
def test_a_process_that_dies_at_every_tenth_call_gets_there_all_the_same(seed: int) -> None:
    world = failover()
    fate = random.Random(seed)  # noqa: S311 - no secret is made of it

    def die_often(_: str) -> None:
        if fate.random() < 0.1:
            raise KilledError

    world.tap.asked = die_often
    keep_running(world, 3 * ROUNDS)
    assert world.zone.traffic == [(0, 255)]
    assert world.state.move is None
