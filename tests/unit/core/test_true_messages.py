"""Messages claim only what is known, also when answers are lost."""

from cognito_failover.common.errors import LeverUnavailableError
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.model.event import EventKind
from cognito_failover.core.model.move import Move
from cognito_failover.core.verdict import Verdict
from tests.support.controller_harness import ControllerHarness
from tests.support.dns_view import NAME_SERVERS
from tests.support.message_checker import MessageChecker

SICK, HEALTHY = Verdict.SICK, Verdict.HEALTHY


def lose_answer_of_latch_and_refuse_weights(world: ControllerHarness) -> None:
    def lose(call: str) -> None:
        if call == "latch-records.set":
            raise LeverUnavailableError("S3 gave no answer")

    def refuse(call: str) -> None:
        if call == "zone.submit":
            raise LeverUnavailableError("Route 53 is down")

    world.fault_injector.after_call, world.fault_injector.before_call = lose, refuse


def test_latch_with_a_lost_answer_is_never_said_to_have_moved_no_user() -> None:
    world = ControllerHarness(latches=[SteeredName.RECORDS]).settle()
    checker = MessageChecker(world)
    world.set_primary(SICK).run(2)
    lose_answer_of_latch_and_refuse_weights(world)
    world.run(1)
    world.latches[SteeredName.RECORDS].is_available = False
    world.set_primary(HEALTHY).run(60)
    world.restore_all()
    world.latches[SteeredName.RECORDS].is_available = True
    world.run(30)

    assert EventKind.MOVE_CANCELLED not in world.event_kinds
    assert EventKind.MOVE_CONFIRMED in world.event_kinds
    assert checker.errors == []


def test_rolled_back_move_claims_nothing_about_a_hidden_domain() -> None:
    world = ControllerHarness(latches=tuple(SteeredName)).settle()
    checker = MessageChecker(world)
    world.latches[SteeredName.DOMAIN].has_state_record = False
    world.set_primary(SICK).run(2)
    world.fail_route_53().lose_response("latch-domain.set")
    world.latches[SteeredName.RECORDS].is_available = False
    world.run(1)
    assert world.latches[SteeredName.DOMAIN].thrown
    world.latches[SteeredName.DOMAIN].is_available = False
    world.set_primary(HEALTHY).run(20)
    for latch in world.latches.values():
        latch.is_available = True
    world.restore_all().run(30)

    assert EventKind.MOVE_CANCELLED not in world.event_kinds
    assert "All users that DNS shows are on" in world.get_latest_message(EventKind.MOVE_CONFIRMED)
    assert checker.errors == []


def test_ended_drill_does_not_say_where_a_person_moved_users_away() -> None:
    world = ControllerHarness(latches=[SteeredName.RECORDS]).settle()
    checker = MessageChecker(world)
    world.request("drill", kind="simulated-outage", reason="monthly", token="t", rounds=2)
    world.run(1)
    world.latches[SteeredName.RECORDS].thrown = True
    world.run(4)

    assert "The status shows where users are." in world.get_latest_message(EventKind.DRILL_ENDED)
    assert checker.errors == []


def test_move_without_any_answer_of_a_name_server_is_never_confirmed() -> None:
    world = ControllerHarness().settle()
    checker = MessageChecker(world)
    world.name_servers.silent = set(NAME_SERVERS)
    world.set_primary(SICK).run(60)

    assert EventKind.MOVE_DELAYED in world.event_kinds
    assert EventKind.MOVE_CONFIRMED not in world.event_kinds
    assert checker.errors == []


def list_moves(world: ControllerHarness) -> list[Move]:
    """Return the move under way, if any."""
    return [world.state.move] if world.state.move else []


def make_world_that_waits_for_the_domain() -> ControllerHarness:
    """Return a move whose records are confirmed, while the latch of the domain can't be set."""
    world = ControllerHarness(latches=[SteeredName.DOMAIN]).settle()
    world.latches[SteeredName.DOMAIN].is_available = False
    world.set_primary(SICK).run(8)
    assert world.state.move
    assert world.state.move.records_confirmed_at is not None
    return world


def test_records_that_a_person_moves_back_meanwhile_end_the_move() -> None:
    world = make_world_that_waits_for_the_domain()
    world.edit_weights(255, 0)
    world.run(2)
    assert world.state.move is None
    assert "the records were changed outside" in world.get_latest_message(EventKind.MOVE_SUPERSEDED)


def test_move_ends_only_while_every_name_is_on_its_destination() -> None:
    world = make_world_that_waits_for_the_domain()
    checker = MessageChecker(world)
    stale = ({**each, "Weight": 255 - each["Weight"]} for each in world.zone.list_record_sets(("auth.example.com.",)))
    world.name_servers.stale_records["ns-2.example.org"] = tuple(stale)
    world.latches[SteeredName.DOMAIN].is_available = True
    world.run(8)
    assert [move.records_confirmed_at for move in list_moves(world)] == [None]
    world.name_servers.stale_records.clear()
    world.run(2)
    assert list_moves(world) == []
    assert checker.errors == []
