"""Rule 10: a move survives a process that dies at any step. The next round finishes it, without a second move.

Each scenario runs once for each call to the ledger, Route 53 or a latch, and for each kind of interruption.
"""

import random
from collections.abc import Callable, Iterator
from enum import StrEnum

import pytest

from cognito_failover.common.errors import LedgerUnavailableError, LeverUnavailableError
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.model.event import EventKind
from cognito_failover.core.verdict import Verdict
from tests.support.controller_harness import ControllerHarness
from tests.support.fault_injector import KilledError


class CallInterruption(StrEnum):
    DIES_BEFORE = "dies-before"
    DIES_AFTER = "dies-after"
    FAILS = "fails"
    ANSWER_LOST = "answer-lost"


class CallInterrupter:
    """Counts the calls that pass, and interrupts one of them."""

    def __init__(self, world: ControllerHarness, at: int | None, interruption: CallInterruption | None) -> None:
        self.calls: list[str] = []
        self._at = at
        self._interruption = interruption
        world.fault_injector.before_call = self._on_call
        world.fault_injector.after_call = self._on_return

    @property
    def _is_due(self) -> bool:
        return len(self.calls) - 1 == self._at

    def _on_call(self, call_name: str) -> None:
        self.calls.append(call_name)
        if self._is_due and self._interruption is CallInterruption.DIES_BEFORE:
            raise KilledError
        if self._is_due and self._interruption is CallInterruption.FAILS:
            raise _make_unavailable_error(call_name)

    def _on_return(self, call_name: str) -> None:
        if self._is_due and self._interruption is CallInterruption.DIES_AFTER:
            raise KilledError
        if self._is_due and self._interruption is CallInterruption.ANSWER_LOST:
            raise _make_unavailable_error(call_name)


def _make_unavailable_error(call_name: str) -> Exception:
    if call_name.startswith("ledger."):
        return LedgerUnavailableError(f"{call_name} gave no answer")
    return LeverUnavailableError(f"{call_name} gave no answer")


def run_with_restarts(world: ControllerHarness, rounds: int) -> None:
    """Run rounds, with a new process after each that died."""
    for _ in range(rounds):
        try:
            world.run(1)
        except KilledError:
            world.clock.now += world.settings.round_interval_seconds
            world.restart()


def start_failover() -> ControllerHarness:
    """Make the primary sick."""
    return ControllerHarness().settle().set_primary(Verdict.SICK)


def start_stepped_failback() -> ControllerHarness:
    """Request a stepped failback."""
    world = ControllerHarness(weights=(0, 255)).settle()
    assert world.request("failback", reason="well again", token="t")["done"]
    return world


def start_rollback() -> ControllerHarness:
    """Make the primary sick after the first step of a failback."""
    world = start_stepped_failback()
    world.run(3)
    return world.set_primary(Verdict.SICK)


def start_failover_by_every_lever() -> ControllerHarness:
    """Make the primary sick, with both latches attached."""
    return ControllerHarness(latches=tuple(SteeredName)).settle().set_primary(Verdict.SICK)


def start_failback_by_every_lever() -> ControllerHarness:
    """Request a stepped failback after a failover by every lever."""
    world = start_failover_by_every_lever()
    world.run(8)
    world.zone.weight_history.clear()
    for latch in world.latches.values():
        latch.set_calls.clear()
    world.notifier.events.clear()
    world.set_primary(Verdict.HEALTHY).run(3)
    assert world.request("failback", reason="well again", token="t")["done"]
    return world


type InterruptibleScenario = Callable[[], ControllerHarness]
ROUNDS = 40
SCENARIOS: dict[str, tuple[InterruptibleScenario, list[tuple[int, ...]]]] = {
    "failover": (start_failover, [(0, 255)]),
    "stepped-failback": (start_stepped_failback, [(26, 229), (128, 127), (255, 0)]),
    "rollback": (start_rollback, [(26, 229), (0, 255)]),
    "failover-by-every-lever": (start_failover_by_every_lever, [(0, 255)]),
    "failback-by-every-lever": (start_failback_by_every_lever, [(26, 229), (128, 127), (255, 0)]),
}


def list_calls(scenario: InterruptibleScenario) -> list[str]:
    """Return the calls of an uninterrupted scenario, up to the end of its move."""
    world = scenario()
    last_move = world.state.last_move
    calls = CallInterrupter(world, None, None).calls
    for _ in range(ROUNDS):
        run_with_restarts(world, 1)
        if world.state.last_move != last_move and not world.state.move:
            return calls
    raise AssertionError("the move does not end")


def list_interrupted_scenarios() -> Iterator[object]:
    for name, (scenario, _) in SCENARIOS.items():
        for at, call_name in enumerate(list_calls(scenario)):
            for interruption in CallInterruption:
                yield pytest.param(name, at, interruption, id=f"{name}-{at}-{call_name}-{interruption}")


@pytest.mark.parametrize(("name", "at", "interruption"), [*list_interrupted_scenarios()])
def test_interrupted_move_ends_like_uninterrupted_one(name: str, at: int, interruption: CallInterruption) -> None:
    scenario, expected_weights = SCENARIOS[name]
    world = scenario()
    earlier = world.state.last_move
    interrupter = CallInterrupter(world, at, interruption)
    run_with_restarts(world, ROUNDS)
    assert len(interrupter.calls) > at
    assert world.zone.weight_history == expected_weights
    assert world.state.move is None
    assert world.weights == expected_weights[-1]
    assert tuple(weight for _, weight in world.state.weights) == expected_weights[-1]
    kinds = [
        entry.kind
        for entry in world.memory.load_history(limit=200).events
        if earlier is None or (entry.move and entry.move.id != earlier.id)
    ]
    assert kinds.count(EventKind.MOVE_DECIDED) == kinds.count(EventKind.MOVE_CONFIRMED) == 1
    assert not {EventKind.MOVE_SUPERSEDED, EventKind.AUTOMATION_HELD} & set(kinds)
    assert EventKind.MOVE_CONFIRMED in world.event_kinds
    assert all(latch.thrown is (expected_weights[-1] == (0, 255)) for latch in world.latches.values())
    assert all(set(latch.set_calls) <= {latch.thrown} for latch in world.latches.values())


@pytest.mark.parametrize("seed", range(20))
def test_process_dying_every_tenth_call_still_completes(seed: int) -> None:
    world = start_failover()
    generator = random.Random(seed)  # noqa: S311 - not used for a secret

    def die_sometimes(_: str) -> None:
        if generator.random() < 0.1:
            raise KilledError

    world.fault_injector.before_call = die_sometimes
    run_with_restarts(world, 3 * ROUNDS)
    assert world.zone.weight_history == [(0, 255)]
    assert world.state.move is None
