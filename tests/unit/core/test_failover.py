"""Failover round by round, with the in-memory twins."""

from cognito_failover.core.model.event import EventKind
from cognito_failover.core.verdict import Verdict
from tests.support.controller_harness import ControllerHarness

SICK, HEALTHY = Verdict.SICK, Verdict.HEALTHY


def test_healthy_primary_keeps_traffic() -> None:
    world = ControllerHarness().settle()
    world.run(100)
    assert world.weights == (255, 0)
    assert world.event_kinds == []


def test_failover_starts_after_three_sick_rounds() -> None:
    world = ControllerHarness().settle().set_primary(SICK)
    world.run(2)
    assert world.weights == (255, 0)
    world.run(1)
    assert world.weights == (0, 255)
    assert world.event_kinds == [
        EventKind.SUSPECTED,
        EventKind.MOVE_DECIDED,
        EventKind.MOVE_SUBMITTED,
        EventKind.MOVE_CONFIRMED,
    ]


def test_recovered_primary_causes_no_automatic_failback() -> None:
    world = ControllerHarness().settle().set_primary(SICK)
    world.run(5)
    world.set_primary(HEALTHY).run(200)
    assert world.weights == (0, 255)
    assert world.event_kinds.count(EventKind.REGION_RECOVERED) == 1
