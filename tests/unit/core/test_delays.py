"""A move takes as long as Route 53 and its name servers do: told once, tried every round, never twice."""

import pytest

from failover.decision.announcement import Kind
from failover.probe.verdict import Verdict
from failover.region import Side
from tests.support.world import World

SICK, HEALTHY = Verdict.SICK, Verdict.HEALTHY
SERVERS = ("ns-1.example.net", "ns-2.example.org")


@pytest.mark.parametrize("calls", ["zone.", "zone.record_sets", "zone.submit"])
@pytest.mark.parametrize("error", ["Throttling: Rate exceeded", "nothing in time", "AccessDenied: not authorized"])
def test_two_minutes_without_route_53_in_the_middle_of_a_move_end_in_one_move(calls: str, error: str) -> None:
    world = World().settle().primary(SICK)
    world.run(2)
    world.route_53_fails(error, calls=calls).run(14)
    assert world.zone.traffic == []
    assert world.kinds.count(Kind.MOVE_DELAYED) == 1
    told = world.said(Kind.MOVE_DELAYED)
    assert "It takes longer than 120 s: Route 53 has taken no change yet." in told
    assert f"Last trouble: Route 53 answered {error}" in told
    world.all_works().run(2)
    assert world.zone.traffic == [(0, 255)]
    assert world.kinds.count(Kind.MOVE_DECIDED) == world.kinds.count(Kind.MOVE_CONFIRMED) == 1
    assert world.state.active is Side.STANDBY
    assert world.state.last_move
    assert world.state.last_move.trouble == ""


def test_a_primary_that_recovers_before_route_53_took_anything_keeps_its_users() -> None:
    world = World().settle().primary(SICK)
    world.run(2)
    world.route_53_fails(calls="zone.record_sets").run(3)
    world.primary(HEALTHY).run(3)
    world.all_works().run(5)
    assert world.zone.traffic == []
    assert "ap-northeast-1 is healthy again, for 3 rounds" in world.said(Kind.MOVE_WITHDRAWN)


def test_a_move_whose_intent_was_saved_is_turned_back_instead() -> None:
    world = World().settle().primary(SICK)
    world.run(2)
    world.route_53_fails(calls="zone.submit").run(3)
    world.primary(HEALTHY).run(3)
    assert "Traffic goes back to ap-northeast-1" in world.said(Kind.MOVE_REVERTING)
    world.all_works().run(3)
    assert world.zone.traffic == []
    assert world.state.active is Side.PRIMARY
    assert world.state.move is None


def test_a_change_whose_answer_was_lost_is_found_and_carried_on_even_if_the_primary_blinks() -> None:
    world = World().settle().primary(SICK)
    world.run(2)
    world.answer_is_lost("zone.submit").run(1)
    world.all_works().primary(HEALTHY).run(3)
    assert world.zone.traffic == [(0, 255)]
    assert world.state.active is Side.STANDBY


def test_a_name_server_that_is_behind_holds_the_confirmation_up() -> None:
    world = World().settle().primary(SICK)
    world.servers.hold_back("ns-1.example.net")
    world.run(20)
    assert world.state.move
    assert "not yet: ns-1.example.net" in world.said(Kind.MOVE_DELAYED)
    assert "it is not confirmed by the name servers yet" in world.said(Kind.MOVE_DELAYED)
    world.servers.behind.clear()
    world.run(1)
    assert world.kinds[-1] is Kind.MOVE_CONFIRMED


def test_a_silent_name_server_is_waited_for_two_minutes_and_no_longer() -> None:
    world = World().settle().primary(SICK)
    world.servers.silent.add("ns-1.example.net")
    world.run(14)
    assert Kind.MOVE_CONFIRMED not in world.kinds
    world.run(2)
    assert world.kinds[-1] is Kind.MOVE_CONFIRMED
    assert "no answer from ns-1.example.net" in world.said(Kind.MOVE_CONFIRMED)


def test_without_in_sync_a_silent_name_server_is_waited_for_longer() -> None:
    world = World().settle().primary(SICK)
    world.spreads = False
    world.servers.silent.add("ns-1.example.net")
    world.run(40)
    assert world.state.move
    world.zone.spread()
    world.run(1)
    assert world.state.move is None


def test_with_all_name_servers_silent_in_sync_alone_suffices_after_two_minutes() -> None:
    world = World().settle().primary(SICK)
    world.servers.silent.update(SERVERS)
    world.run(20)
    assert world.state.active is Side.STANDBY


def test_the_name_servers_confirm_a_move_while_the_control_plane_is_down_again() -> None:
    world = World().settle().primary(SICK)
    world.servers.hold_back("ns-1.example.net")
    world.run(3)
    world.servers.behind.clear()
    world.route_53_fails(calls="zone.in_sync").run(1)
    assert world.state.active is Side.STANDBY


def test_a_change_id_that_route_53_forgot_is_replaced_without_another_move() -> None:
    world = World().settle().primary(SICK)
    world.spreads = False
    world.servers.hold_back("ns-1.example.net")
    world.run(3)
    world.zone.forget_changes()
    world.run(2)
    world.servers.behind.clear()
    world.spreads = True
    world.run(2)
    assert world.zone.traffic == [(0, 255)]
    assert world.state.active is Side.STANDBY


def test_records_that_have_long_not_been_read_are_told_once_and_bar_no_move() -> None:
    world = World().settle().route_53_fails("ServiceUnavailable")
    world.run(60)
    assert world.kinds == [Kind.LEVER_PROBLEM]
    assert "have not been read for 5 min" in world.said(Kind.LEVER_PROBLEM)
    assert "ServiceUnavailable" in world.said(Kind.LEVER_PROBLEM)
    world.primary(SICK).run(3)
    assert world.state.move
    world.all_works().run(2)
    assert world.state.active is Side.STANDBY


def test_records_that_are_read_again_are_told() -> None:
    world = World().settle().route_53_fails()
    world.run(60)
    world.all_works().run(7)
    assert world.kinds == [Kind.LEVER_PROBLEM, Kind.LEVER_MENDED]


def test_the_stages_of_a_move_are_recorded() -> None:
    world = World().settle().primary(SICK)
    world.servers.hold_back("ns-1.example.net")
    world.run(5)
    world.servers.behind.clear()
    world.run(1)
    stages = world.request("status")["status"]["last_move"]["stages_seconds"]
    assert stages == {"decided": 20.0, "submitted": 20.0, "in_sync": 30.0, "confirmed": 50.0}


def test_a_move_turned_round_before_it_began_costs_neither_cool_down_nor_one_of_the_days_moves() -> None:
    world = World().settle().primary(SICK)
    world.run(2)
    world.route_53_fails(calls="zone.submit")
    world.run(1)
    world.primary(HEALTHY).run(4)
    world.all_works()
    world.run(3)
    assert world.state.move is None
    assert world.zone.traffic == []
    assert world.state.cool_down_until == 0
    assert world.state.automatic_moves == ()
