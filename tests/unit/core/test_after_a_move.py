"""What is remembered and shown once a move has ended."""

from failover.decision.announcement import Kind
from failover.probe.verdict import Verdict
from tests.support.world import World


def test_the_records_are_read_again_by_the_next_round() -> None:
    world = World().settle().primary(Verdict.SICK)
    world.run(4)
    assert world.state.last_move
    world.run(1)
    assert world.state.surveyed
    assert world.state.surveyed.weights == world.state.weights


def test_the_reason_tells_how_far_the_move_came() -> None:
    world = World().settle().primary(Verdict.SICK)
    world.run(3)
    assert world.state.reason.startswith(("Route 53 has taken the change", "All users are on us-east-1"))


def overtaken() -> World:
    """Return a world in which somebody edited the records in the middle of a move, in the last round."""
    world = World().settle().primary(Verdict.SICK)
    world.run(2)
    world.route_53_fails(calls="zone.submit").run(1)
    world.all_works().someone_sets(128, 127)
    world.run(1)
    return world


def test_a_person_who_edits_the_records_during_a_move_is_asked_once_to_acknowledge() -> None:
    world = overtaken()
    world.run(12)
    assert world.kinds.count(Kind.MOVE_OVERTAKEN) == 1
    assert Kind.HELD not in world.kinds
    assert world.state.hold
    assert "during the move" in world.state.hold.reason


def test_records_are_acknowledged_only_as_they_were_last_read() -> None:
    world = overtaken()
    answer = world.ask("acknowledge", reason="mine")
    assert (answer["done"], answer["refused_by"]) == (False, "world-understood")
    world.run(1)
    answer = world.ask("acknowledge", reason="mine")
    assert answer["done"]
    assert "goes on from ap-northeast-1 128, us-east-1 127" in answer["message"]
