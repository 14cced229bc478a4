"""A delayed move: the controller reports it once, retries every round, and never moves twice."""

import pytest

from cognito_failover.common.region import RegionRole
from cognito_failover.core.model.event import EventKind
from cognito_failover.core.verdict import Verdict
from tests.support.controller_harness import ControllerHarness

SICK, HEALTHY = Verdict.SICK, Verdict.HEALTHY
SERVERS = ("ns-1.example.net", "ns-2.example.org")


@pytest.mark.parametrize("calls", ["zone.", "zone.list_record_sets", "zone.submit"])
@pytest.mark.parametrize("error", ["Throttling: Rate exceeded", "nothing in time", "AccessDenied: not authorized"])
def test_route_53_outage_during_move_results_in_one_move(calls: str, error: str) -> None:
    world = ControllerHarness().settle().set_primary(SICK)
    world.run(2)
    world.fail_route_53(error, calls=calls).run(14)
    assert world.zone.weight_history == []
    assert world.event_kinds.count(EventKind.MOVE_DELAYED) == 1
    message = world.get_latest_message(EventKind.MOVE_DELAYED)
    assert "It takes longer than 120 s: Route 53 has not accepted a change yet." in message
    assert f"Last error: Route 53 answered {error}" in message
    world.restore_all().run(2)
    assert world.zone.weight_history == [(0, 255)]
    assert world.event_kinds.count(EventKind.MOVE_DECIDED) == world.event_kinds.count(EventKind.MOVE_CONFIRMED) == 1
    assert world.state.active_role is RegionRole.STANDBY
    assert world.state.last_move
    assert world.state.last_move.last_error == ""


def test_primary_recovering_before_any_change_cancels_move() -> None:
    world = ControllerHarness().settle().set_primary(SICK)
    world.run(2)
    world.fail_route_53(calls="zone.list_record_sets").run(3)
    world.set_primary(HEALTHY).run(3)
    world.restore_all().run(5)
    assert world.zone.weight_history == []
    assert "ap-northeast-1 is healthy again, for 3 rounds" in world.get_latest_message(EventKind.MOVE_CANCELLED)


def test_move_with_saved_intent_rolls_back_when_primary_recovers() -> None:
    world = ControllerHarness().settle().set_primary(SICK)
    world.run(2)
    world.fail_route_53(calls="zone.submit").run(3)
    world.set_primary(HEALTHY).run(3)
    assert "Traffic goes back to ap-northeast-1" in world.get_latest_message(EventKind.MOVE_ROLLING_BACK)
    world.restore_all().run(3)
    assert world.zone.weight_history == []
    assert world.state.active_role is RegionRole.PRIMARY
    assert world.state.move is None


def test_lost_answer_of_change_continues_the_same_move() -> None:
    world = ControllerHarness().settle().set_primary(SICK)
    world.run(2)
    world.lose_response("zone.submit").run(1)
    world.restore_all().set_primary(HEALTHY).run(3)
    assert world.zone.weight_history == [(0, 255)]
    assert world.state.active_role is RegionRole.STANDBY


def test_stale_name_server_delays_confirmation() -> None:
    world = ControllerHarness().settle().set_primary(SICK)
    world.name_servers.freeze("ns-1.example.net")
    world.run(20)
    assert world.state.move
    assert "not yet: ns-1.example.net" in world.get_latest_message(EventKind.MOVE_DELAYED)
    assert "it is not confirmed by the name servers yet" in world.get_latest_message(EventKind.MOVE_DELAYED)
    world.name_servers.stale_records.clear()
    world.run(1)
    assert world.event_kinds[-1] is EventKind.MOVE_CONFIRMED


def test_silent_name_server_is_awaited_for_two_minutes() -> None:
    world = ControllerHarness().settle().set_primary(SICK)
    world.name_servers.silent.add("ns-1.example.net")
    world.run(14)
    assert EventKind.MOVE_CONFIRMED not in world.event_kinds
    world.run(2)
    assert world.event_kinds[-1] is EventKind.MOVE_CONFIRMED
    assert "no answer from ns-1.example.net" in world.get_latest_message(EventKind.MOVE_CONFIRMED)


def test_silent_name_server_without_in_sync_is_awaited_longer() -> None:
    world = ControllerHarness().settle().set_primary(SICK)
    world.propagates_changes = False
    world.name_servers.silent.add("ns-1.example.net")
    world.run(40)
    assert world.state.move
    world.zone.propagate()
    world.run(1)
    assert world.state.move is None


def test_in_sync_alone_never_confirms_a_move() -> None:
    world = ControllerHarness().settle().set_primary(SICK)
    world.name_servers.silent.update(SERVERS)
    assert "0 of 2 name servers answer" in world.run(60)
    assert world.state.move
    world.name_servers.silent.discard(SERVERS[0])
    world.run(1)
    assert world.state.active_role is RegionRole.STANDBY


def test_name_servers_confirm_move_while_control_plane_is_down() -> None:
    world = ControllerHarness().settle().set_primary(SICK)
    world.name_servers.freeze("ns-1.example.net")
    world.run(3)
    world.name_servers.stale_records.clear()
    world.fail_route_53(calls="zone.is_in_sync").run(1)
    assert world.state.active_role is RegionRole.STANDBY


def test_forgotten_change_id_is_replaced_without_another_move() -> None:
    world = ControllerHarness().settle().set_primary(SICK)
    world.propagates_changes = False
    world.name_servers.freeze("ns-1.example.net")
    world.run(3)
    world.zone.forget_changes()
    world.run(2)
    world.name_servers.stale_records.clear()
    world.propagates_changes = True
    world.run(2)
    assert world.zone.weight_history == [(0, 255)]
    assert world.state.active_role is RegionRole.STANDBY


def test_persistent_read_failure_is_notified_once_and_blocks_no_move() -> None:
    world = ControllerHarness().settle().fail_route_53("ServiceUnavailable")
    world.run(60)
    assert world.event_kinds == [EventKind.LEVER_PROBLEM]
    assert "have not been read for 5 min" in world.get_latest_message(EventKind.LEVER_PROBLEM)
    assert "ServiceUnavailable" in world.get_latest_message(EventKind.LEVER_PROBLEM)
    world.set_primary(SICK).run(3)
    assert world.state.move
    world.restore_all().run(2)
    assert world.state.active_role is RegionRole.STANDBY


def test_restored_record_reads_are_notified() -> None:
    world = ControllerHarness().settle().fail_route_53()
    world.run(60)
    world.restore_all().run(7)
    assert world.event_kinds == [EventKind.LEVER_PROBLEM, EventKind.LEVER_RECOVERED]


def test_move_stages_are_recorded() -> None:
    world = ControllerHarness().settle().set_primary(SICK)
    world.name_servers.freeze("ns-1.example.net")
    world.run(5)
    world.name_servers.stale_records.clear()
    world.run(1)
    stages = world.request("status")["status"]["last_move"]["stages_seconds"]
    assert stages == {"decided": 20.0, "submitted": 20.0, "in_sync": 30.0, "confirmed": 50.0}


def test_move_rolled_back_before_start_uses_no_cool_down_or_budget() -> None:
    world = ControllerHarness().settle().set_primary(SICK)
    world.run(2)
    world.fail_route_53(calls="zone.submit")
    world.run(1)
    world.set_primary(HEALTHY).run(4)
    world.restore_all()
    world.run(3)
    assert world.state.move is None
    assert world.zone.weight_history == []
    assert world.state.cool_down_until == 0
    assert world.state.automatic_move_times == ()
