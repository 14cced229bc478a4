"""Rule 4: automatic moves are bounded in pace and number, and go back only in need."""

from dataclasses import replace
from typing import Any

from failover.decision.announcement import Kind
from failover.probe.verdict import Verdict
from tests.support.world import World

SICK, HEALTHY = Verdict.SICK, Verdict.HEALTHY


def failed_over(**changes: Any) -> World:
    """Return a world whose controller has just failed over by itself."""
    world = World(**changes).settle().primary(SICK)
    world.run(3)
    assert world.weights == (0, 255)
    world.told.announcements.clear()
    world.zone.traffic.clear()
    return world


def test_a_sick_standby_and_a_primary_healthy_for_the_threshold_is_a_failover_in_one_step() -> None:
    world = failed_over().primary(HEALTHY)
    world.run(100)
    world.standby(SICK).run(3)
    assert world.zone.traffic == [(255, 0)]
    assert world.state.last_move
    assert world.state.last_move.automatic


def test_the_cool_down_is_counted_from_the_confirmed_end_of_the_move() -> None:
    world = World().settle().primary(SICK)
    world.spreads = False
    world.servers.hold_back("ns-1.example.net")
    world.run(3)
    world.wait(400)
    world.servers.behind.clear()
    confirmed_at = world.clock.now
    world.run(1)
    assert world.state.last_move_ended_at == confirmed_at
    assert world.state.cool_down_until == confirmed_at + 900


def test_inside_the_cool_down_nothing_moves_and_the_refusal_says_until_when() -> None:
    world = failed_over().primary(HEALTHY)
    world.run(60)
    world.standby(SICK)
    reason = world.run(5)
    assert world.zone.traffic == []
    assert "The cool-down after the last automatic move lasts 4 min 10 s more, until 2027-01-15T08:16:40Z" in reason


def test_the_move_waits_for_the_end_of_the_cool_down_and_then_begins_by_itself() -> None:
    world = failed_over().primary(HEALTHY)
    world.run(60)
    world.standby(SICK).run(29)
    assert world.zone.traffic == []
    world.run(2)
    assert world.zone.traffic == [(255, 0)]


def test_after_the_days_last_automatic_move_a_person_decides() -> None:
    world = failed_over().primary(HEALTHY)
    world.run(100)
    world.standby(SICK).run(3)
    world.standby(HEALTHY).run(100)
    world.primary(SICK)
    reason = world.run(20)
    assert world.zone.traffic == [(255, 0)]
    assert "2 automatic moves were made within a day, and 2 is the bound; from here a person decides" in reason


def test_a_day_later_the_bound_counts_anew() -> None:
    world = failed_over(max_automatic_moves_per_day=1).primary(HEALTHY)
    world.run(100)
    world.standby(SICK).run(3)
    assert world.zone.traffic == []
    world.wait(86_400)
    world.standby(HEALTHY).run(30)
    world.standby(SICK).run(3)
    assert world.zone.traffic == [(255, 0)]


def test_an_acknowledgement_ends_cool_down_and_bound() -> None:
    world = failed_over(max_automatic_moves_per_day=1).primary(HEALTHY)
    world.run(40)
    world.request("acknowledge", reason="It was us")
    world.standby(SICK).run(3)
    assert world.zone.traffic == [(255, 0)]


def test_a_withdrawn_move_is_not_counted() -> None:
    world = World(max_automatic_moves_per_day=1).settle()
    world.remember(automatic_moves=())
    world.primary(SICK).run(2)
    world.route_53_fails(calls="zone.record_sets").run(1)
    world.primary(HEALTHY).run(3)
    assert world.kinds[-1] is Kind.MOVE_WITHDRAWN
    assert world.state.automatic_moves == ()
    world.all_works().primary(SICK).run(3)
    assert world.weights == (0, 255)


def test_a_manual_move_leaves_nothing_to_cool_down() -> None:
    world = World().settle()
    world.ask("failover", reason="drill", token="t")
    assert world.state.cool_down_until == 0
    world.run(30)
    world.standby(SICK).run(3)
    assert world.zone.traffic == [(0, 255), (255, 0)]


def test_moves_that_were_decided_a_day_ago_are_forgotten() -> None:
    world = failed_over()
    assert len(world.state.automatic_moves) == 1
    world.wait(86_400).run(1)
    assert world.state == replace(world.state, automatic_moves=())
