"""State and status after a move."""

from cognito_failover.core.model.event import EventKind
from cognito_failover.core.verdict import Verdict
from tests.support.controller_harness import ControllerHarness


def test_records_are_read_in_round_after_move() -> None:
    world = ControllerHarness().settle().set_primary(Verdict.SICK)
    world.run(4)
    assert world.state.last_move
    world.run(1)
    assert world.state.records
    assert world.state.records.weights == world.state.weights


def test_round_message_states_progress_of_move() -> None:
    world = ControllerHarness().settle().set_primary(Verdict.SICK)
    world.run(3)
    assert world.state.round_message.startswith(("Route 53 has accepted the change", "All users are on us-east-1"))


def start_superseded_move() -> ControllerHarness:
    """Return a world in which a person edited the records in the middle of a move, in the last round."""
    world = ControllerHarness().settle().set_primary(Verdict.SICK)
    world.run(2)
    world.fail_route_53(calls="zone.submit").run(1)
    world.restore_all().edit_weights(128, 127)
    world.run(1)
    return world


def test_external_edit_during_move_asks_once_for_acknowledgement() -> None:
    world = start_superseded_move()
    world.run(12)
    assert world.event_kinds.count(EventKind.MOVE_SUPERSEDED) == 1
    assert EventKind.AUTOMATION_HELD not in world.event_kinds
    assert world.state.hold
    assert "during the move" in world.state.hold.reason


def test_acknowledge_continues_from_the_records_as_read() -> None:
    world = start_superseded_move()
    world.run(1)
    answer = world.invoke_operator("acknowledge", reason="mine")
    assert answer["done"]
    assert "continues from ap-northeast-1 128, us-east-1 127" in answer["message"]
