"""Rule 8: never fight a human. What somebody else changed is reported, left as it is, and waits for a person."""

import pytest

from failover.decision.announcement import Kind
from failover.probe.verdict import Verdict
from failover.region import Side
from tests.support.world import NAME, World

SICK, HEALTHY = Verdict.SICK, Verdict.HEALTHY


def look_again(world: World) -> World:
    """Let rounds pass until the records have been looked at again."""
    world.run(7)
    return world


def test_a_persons_move_is_adopted_and_automation_waits() -> None:
    world = World().settle()
    world.someone_sets(0, 255)
    look_again(world)
    assert world.state.active is Side.STANDBY
    assert world.kinds == [Kind.HELD]
    assert (
        "somebody else changed the records: they were ap-northeast-1 255, us-east-1 0, "
        "and are ap-northeast-1 0, us-east-1 255" in world.said(Kind.HELD)
    )
    world.standby(SICK)
    reason = world.run(60)
    assert world.zone.traffic == []
    assert "Automation waits for an acknowledgement since" in reason


def test_after_the_acknowledgement_automation_goes_on_from_there() -> None:
    world = World().settle()
    world.someone_sets(0, 255)
    look_again(world)
    world.run(30)
    assert "goes on from ap-northeast-1 0, us-east-1 255" in world.request("acknowledge", reason="me")["message"]
    world.standby(SICK).run(3)
    assert world.zone.traffic == [(255, 0)]


def test_shared_traffic_is_left_shared_and_the_active_side_stays() -> None:
    world = World().settle()
    world.someone_sets(128, 127)
    look_again(world)
    assert world.state.active is Side.PRIMARY
    assert world.kinds == [Kind.HELD]
    world.primary(SICK).run(20)
    assert world.zone.traffic == []


def test_a_person_can_end_shared_traffic_through_the_operator() -> None:
    world = World().settle()
    world.someone_sets(128, 127)
    look_again(world)
    assert world.ask("failover", reason="make up our mind", token="t")["done"]
    assert world.weights == (0, 255)


@pytest.mark.parametrize("edited", [(255, 255), (200, 55), (10, 0)])
def test_an_edit_between_the_decision_and_the_change_is_not_overwritten(edited: tuple[int, int]) -> None:
    world = World().settle().primary(SICK)
    world.run(2)
    world.route_53_fails(calls="zone.record_sets").run(1)
    world.someone_sets(*edited)
    world.all_works().run(20)
    assert world.zone.traffic == []
    assert world.weights == edited
    assert Kind.MOVE_OVERTAKEN in world.kinds


@pytest.mark.parametrize("edited", [(255, 255), (200, 55), (10, 0)])
def test_an_edit_after_the_intent_was_saved_is_not_overwritten(edited: tuple[int, int]) -> None:
    world = World().settle().primary(SICK)
    world.run(2)
    world.route_53_fails(calls="zone.submit").run(1)
    world.someone_sets(*edited)
    world.all_works().run(20)
    assert world.zone.traffic == []
    assert world.weights == edited
    assert "the move to-us-east-1" in world.said(Kind.MOVE_OVERTAKEN).lower()


def test_an_edit_between_two_steps_ends_the_failback_where_the_person_put_it() -> None:
    world = World(weights=(0, 255)).settle()
    world.request("failback", reason="well", token="t")
    world.run(3)
    world.someone_sets(64, 191)
    world.run(20)
    assert world.zone.traffic == [(26, 229)]
    assert world.weights == (64, 191)
    assert world.state.hold


def test_a_person_who_does_the_very_move_himself_is_no_conflict() -> None:
    world = World().settle().primary(SICK)
    world.run(2)
    world.route_53_fails(calls="zone.submit").run(1)
    intent = world.state.move.progress.intent if world.state.move and world.state.move.progress else None
    assert intent
    world.zone.edit(*intent.after)
    world.all_works().run(2)
    assert world.state.active is Side.STANDBY
    assert Kind.MOVE_OVERTAKEN not in world.kinds


def test_deleted_records_are_told_and_nothing_is_created_in_their_place() -> None:
    world = World().settle()
    world.zone.remove(*world.zone.record_sets((NAME,)))
    look_again(world)
    assert "auth.example.com has no records any more; create its weighted pair again" in world.said(Kind.LEVER_PROBLEM)
    world.primary(SICK)
    reason = world.run(20)
    assert world.zone.record_sets((NAME,)) == ()
    assert "auth.example.com has no records any more" in reason


def test_records_deleted_just_before_a_move_are_not_created_by_it() -> None:
    world = World().settle().primary(SICK)
    world.run(2)
    world.zone.remove(*world.zone.record_sets((NAME,)))
    world.run(5)
    assert world.zone.record_sets((NAME,)) == ()
    assert "deleted the records of auth.example.com" in world.said(Kind.MOVE_OVERTAKEN)


def test_records_that_are_there_again_are_told() -> None:
    world = World().settle()
    pair = world.zone.record_sets((NAME,))
    world.zone.remove(*pair)
    look_again(world)
    world.zone.edit(*pair)
    look_again(world)
    assert world.kinds == [Kind.LEVER_PROBLEM, Kind.LEVER_MENDED]


def test_a_protected_record_is_a_refusal_with_a_name() -> None:
    world = World().settle().primary(SICK)
    world.zone.protect(NAME, "CNAME")
    world.run(3)
    assert world.zone.traffic == []
    assert "A record set protection forbids the change" in world.said(Kind.MOVE_OVERTAKEN)
    assert "automation waits for an acknowledgement" in world.said(Kind.MOVE_OVERTAKEN)


def test_once_a_protection_is_gone_and_acknowledged_the_failover_happens() -> None:
    world = World().settle().primary(SICK)
    world.zone.protect(NAME, "CNAME")
    world.run(3)
    world.zone.unprotect(NAME, "CNAME")
    world.run(5)
    assert world.zone.traffic == []
    world.request("acknowledge", reason="protection removed")
    world.run(1)
    assert world.zone.traffic == [(0, 255)]


def test_other_fields_than_the_weight_survive_a_move() -> None:
    world = World().settle()
    world.zone.edit(*({**each, "HealthCheckId": "check-1", "TTL": 30} for each in world.zone.record_sets((NAME,))))
    world.primary(SICK).run(3)
    assert world.weights == (0, 255)
    assert all(each["HealthCheckId"] == "check-1" and each["TTL"] == 30 for each in world.zone.record_sets((NAME,)))


def test_a_beacon_that_was_deleted_is_lit_again() -> None:
    world = World().settle()
    beacon = world.zone.record_sets((f"_region.{NAME}",))
    world.zone.remove(*beacon)
    look_again(world)
    assert world.zone.record_sets((f"_region.{NAME}",)) == beacon
    assert world.kinds == []


@pytest.mark.parametrize("edited", [(255, 0), (128, 127), (0, 0)])
def test_an_edit_while_a_move_waits_for_its_confirmation_ends_the_move(edited: tuple[int, int]) -> None:
    world = World().settle().primary(SICK)
    world.spreads = False
    world.servers.silent.add("ns-1.example.net")
    world.run(3)
    world.someone_sets(*edited)
    world.run(20)
    assert world.weights == edited
    assert world.zone.traffic == [(0, 255)]
    assert Kind.MOVE_OVERTAKEN in world.kinds
    assert world.state.move is None
    assert world.state.hold


def test_records_put_back_between_two_steps_are_a_persons_doing() -> None:
    world = World(weights=(0, 255)).settle()
    world.request("failback", reason="well", token="t")
    world.run(3)
    world.someone_sets(0, 255)
    world.run(20)
    assert world.zone.traffic == [(26, 229)]
    assert Kind.MOVE_OVERTAKEN in world.kinds
