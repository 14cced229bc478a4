"""The weights move users only in a decided move, and follow a latch only to where DNS sends users at that moment."""

from dataclasses import replace

import pytest

from cognito_failover.common.region import RegionRole
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.model.event import EventKind
from cognito_failover.core.model.move import LeverName
from cognito_failover.core.model.state import require_move
from cognito_failover.core.verdict import Verdict
from tests.support.controller_harness import DOMAIN_RECORD_NAME, ControllerHarness

RECORDS = SteeredName.RECORDS


def fail_over_by_latch() -> ControllerHarness:
    """Return a world whose weights still have to follow its latch, with all of Route 53 reachable again."""
    world = ControllerHarness(latches=(RECORDS,)).settle().fail_route_53().set_primary(Verdict.SICK)
    world.run(20)
    assert world.state.pending_weight_sync
    return world.wait(40).restore_all()


def forget_name_servers(world: ControllerHarness) -> None:
    """Make the controller not know where DNS shows the records, until it reads them again."""
    records = world.state.records
    assert records
    world.patch_state(records=replace(records, dns_watch=None, read_at=world.clock.now, read_failed_at=None))


def release_latch_by_hand(world: ControllerHarness) -> None:
    """Bring users home while the switch can't be read."""
    latch = world.latches[RECORDS]
    latch.thrown = False
    latch.propagate()
    latch.is_available = False


@pytest.mark.parametrize("rounds", [1, 2, 30])
def test_weights_do_not_follow_a_latch_that_dns_shows_released(rounds: int) -> None:
    world = fail_over_by_latch().set_primary(Verdict.HEALTHY)
    release_latch_by_hand(world)
    message = world.run(1)
    assert "DNS does not send all users to us-east-1: 0 of 2 name servers answer with us-east-1 only" in message
    world.run(rounds - 1)
    assert world.user_location is RegionRole.PRIMARY
    assert world.zone.weight_history == []


def test_weights_follow_as_soon_as_route_53_can_be_reached() -> None:
    world = fail_over_by_latch()
    world.run(1)
    assert world.zone.weight_history == [(0, 255)]
    assert world.state.pending_weight_sync is None


def test_weights_do_not_follow_while_the_name_servers_are_unknown() -> None:
    world = fail_over_by_latch()
    forget_name_servers(world)
    assert "no name server shows where the users are." in world.run(1)
    assert world.zone.weight_history == []
    world.run(10)
    assert world.zone.weight_history == [(0, 255)]


def start_failover() -> ControllerHarness:
    """Return a world with a failover that its latch makes alone; the health check has not followed yet."""
    world = ControllerHarness(latches=(RECORDS,)).settle()
    world.propagates_changes = False
    world.fail_route_53().request("failover", reason="test", token="out")
    world.run(1)
    assert world.state.move
    return world


def test_latch_whose_name_servers_are_unknown_confirms_no_move() -> None:
    world = start_failover()
    forget_name_servers(world)
    world.latches[RECORDS].propagate()
    world.run(2)
    assert world.state.move
    assert world.latches[RECORDS].thrown


def test_confirmation_by_the_latch_is_the_message_of_the_round() -> None:
    world = start_failover()
    world.latches[RECORDS].propagate()
    assert "2 of 2 name servers answer with us-east-1 only." in world.run(1)
    assert world.state.move is None


def test_refused_change_of_the_weights_leaves_the_move_to_the_latch() -> None:
    world = ControllerHarness(latches=(RECORDS,)).settle()
    world.zone.protect(DOMAIN_RECORD_NAME, "CNAME")
    world.latches[RECORDS].is_available = False
    world.request("failover", reason="test", token="out")
    assert "The weights can't be changed, and the move continues with the latches" in world.run(1)
    assert world.state.move
    assert "protect" in world.state.move.last_error
    world.latches[RECORDS].is_available = True
    world.run(3)
    assert world.user_location is RegionRole.STANDBY


@pytest.mark.parametrize("edited", [False, True])
def test_weights_that_a_person_changes_between_two_steps_end_the_move(edited: bool) -> None:
    world = ControllerHarness(weights=(0, 255)).settle()
    world.request("failback", reason="test", token="back")
    world.run(3)
    assert world.state.move
    assert world.state.move.step_confirmed_at is not None
    if edited:
        world.edit_weights(0, 255)
    world.run(1)
    assert (EventKind.MOVE_SUPERSEDED in world.event_kinds) is edited


def test_wait_for_a_latch_alone_shows_what_the_name_servers_answer() -> None:
    world = ControllerHarness(latches=(RECORDS,)).settle().run_quietly(8)
    world.request("drill", kind="lever-test", reason="monthly", token="drill", hold_seconds=0)
    world.propagates_changes = False
    while world.state.move is None or world.state.move.levers != (LeverName.RECORDS_LATCH,):
        world.run(1)
    assert "0 of 2 name servers answer with us-east-1 only; not yet: ns-1.example.net" in world.run(1)
    world.latches[RECORDS].propagate()
    assert "2 of 2 name servers answer with us-east-1 only" in world.run(1)


def start_weights(*, automatic: bool = False) -> ControllerHarness:
    """Return a world with a decided failover whose change Route 53 has not taken."""
    world = ControllerHarness().settle().fail_route_53(calls="zone.submit")
    if automatic:
        world.set_primary(Verdict.SICK).run(3)
    else:
        world.request("failover", reason="test", token="out")
        world.run(1)
    assert world.state.move
    return world.restore_all()


@pytest.mark.parametrize("verdict", [Verdict.UNKNOWN, Verdict.SICK])
def test_weights_wait_for_a_round_in_which_the_target_serves(verdict: Verdict) -> None:
    world = start_weights().set_standby(verdict)
    assert "waits for a round that confirms that us-east-1 serves users" in world.run(1)
    assert world.weights == (255, 0)
    world.set_standby(Verdict.HEALTHY).run(1)
    assert world.weights == (0, 255)


def test_weights_of_an_automatic_failover_wait_for_a_round_with_its_cause() -> None:
    world = start_weights(automatic=True).set_primary(Verdict.HEALTHY)
    assert "that ap-northeast-1 does not" in world.run(1)
    assert world.weights == (255, 0)
    world.set_primary(Verdict.SICK).run(1)
    assert world.weights == (0, 255)


def test_change_whose_response_was_lost_is_repeated_as_it_was_saved() -> None:
    world = ControllerHarness().settle().lose_response("zone.submit")
    world.name_servers.freeze("ns-1.example.net")
    world.request("failover", reason="test", token="out")
    world.run(1)
    assert world.state.move
    lost = world.state.move.progress
    assert lost
    assert (world.weights, lost.change_id) == ((0, 255), None)
    world.restore_all().set_standby(Verdict.UNKNOWN).run(1)
    repeated = require_move(world.state).progress
    assert repeated
    assert repeated.intent == lost.intent
    assert repeated.change_id, "the move has begun, so it needs no round with a serving target"


def test_move_without_known_name_servers_is_not_confirmed() -> None:
    world = start_weights()
    forget_name_servers(world)
    assert "0 of 0 name servers answer with us-east-1 only." in world.run(2)
    assert world.state.move
    assert world.weights == (0, 255)
