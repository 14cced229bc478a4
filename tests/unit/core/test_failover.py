"""The main job, round by round, over the in-memory twins."""

from failover.decision.announcement import Kind
from failover.probe.verdict import Verdict
from tests.support.world import World

SICK, HEALTHY = Verdict.SICK, Verdict.HEALTHY


def test_traffic_stays_while_the_primary_is_healthy() -> None:
    world = World().settle()
    world.run(100)
    assert world.weights == (255, 0)
    assert world.kinds == []


def test_traffic_moves_after_three_sick_rounds_and_not_after_two() -> None:
    world = World().settle().primary(SICK)
    world.run(2)
    assert world.weights == (255, 0)
    world.run(1)
    assert world.weights == (0, 255)
    assert world.kinds == [Kind.SUSPECTED, Kind.MOVE_DECIDED, Kind.MOVE_SUBMITTED, Kind.MOVE_CONFIRMED]


def test_nothing_moves_back_by_itself_when_the_primary_recovers() -> None:
    world = World().settle().primary(SICK)
    world.run(5)
    world.primary(HEALTHY).run(200)
    assert world.weights == (0, 255)
    assert world.kinds.count(Kind.RECOVERED) == 1
