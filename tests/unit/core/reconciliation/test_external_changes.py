"""Rule 8: external changes are reported and left unchanged, and automation waits for a person."""

import pytest

from cognito_failover.common.region import RegionRole
from cognito_failover.core.model.event import EventKind
from cognito_failover.core.verdict import Verdict
from tests.support.controller_harness import DOMAIN_RECORD_NAME, ControllerHarness

SICK, HEALTHY = Verdict.SICK, Verdict.HEALTHY


def run_until_reconciled(world: ControllerHarness) -> ControllerHarness:
    """Run rounds until the records are read again."""
    world.run(7)
    return world


def test_external_move_is_adopted_and_holds_automation() -> None:
    world = ControllerHarness().settle()
    world.edit_weights(0, 255)
    run_until_reconciled(world)
    assert world.state.active_role is RegionRole.STANDBY
    assert EventKind.AUTOMATION_HELD in world.event_kinds
    assert (
        "the records were changed externally: they were ap-northeast-1 255, us-east-1 0, "
        "and are ap-northeast-1 0, us-east-1 255" in world.get_latest_message(EventKind.AUTOMATION_HELD)
    )
    world.run(60)
    assert world.zone.weight_history == []
    assert world.state.hold


def test_acknowledge_resumes_automation_from_new_state() -> None:
    world = ControllerHarness().settle()
    world.edit_weights(0, 255)
    run_until_reconciled(world)
    world.run(30)
    assert "continues from ap-northeast-1 0, us-east-1 255" in world.request("acknowledge", reason="me")["message"]
    world.set_standby(SICK).run(3)
    assert world.zone.weight_history == [(255, 0)]


def test_split_traffic_is_unchanged_and_keeps_active_region() -> None:
    world = ControllerHarness().settle()
    world.edit_weights(128, 127)
    run_until_reconciled(world)
    assert world.state.active_role is RegionRole.PRIMARY
    assert EventKind.AUTOMATION_HELD in world.event_kinds
    world.run(20)
    assert world.zone.weight_history == []


def test_operator_can_end_split_traffic() -> None:
    world = ControllerHarness().settle()
    world.edit_weights(128, 127)
    run_until_reconciled(world)
    assert world.invoke_operator("failover", reason="make up our mind", token="t")["done"]
    assert world.weights == (0, 255)


@pytest.mark.parametrize("edited", [(255, 255), (200, 55), (10, 5)])
def test_edit_between_decision_and_change_is_not_overwritten(edited: tuple[int, int]) -> None:
    world = ControllerHarness().settle().set_primary(SICK)
    world.run(2)
    world.fail_route_53(calls="zone.list_record_sets").run(1)
    world.edit_weights(*edited)
    world.restore_all().run(20)
    assert world.zone.weight_history == []
    assert world.weights == edited
    assert EventKind.MOVE_SUPERSEDED in world.event_kinds


@pytest.mark.parametrize("edited", [(255, 255), (200, 55), (10, 5)])
def test_edit_after_saved_intent_is_not_overwritten(edited: tuple[int, int]) -> None:
    world = ControllerHarness().settle().set_primary(SICK)
    world.run(2)
    world.fail_route_53(calls="zone.submit").run(1)
    world.edit_weights(*edited)
    world.restore_all().run(20)
    assert world.zone.weight_history == []
    assert world.weights == edited
    assert "the move to-us-east-1" in world.get_latest_message(EventKind.MOVE_SUPERSEDED).lower()


def test_edit_between_steps_ends_failback_at_edited_weights() -> None:
    world = ControllerHarness(weights=(0, 255)).settle()
    world.request("failback", reason="well", token="t")
    world.run(3)
    world.edit_weights(64, 191)
    world.run(20)
    assert world.zone.weight_history == [(26, 229)]
    assert world.weights == (64, 191)
    assert world.state.hold


def test_identical_external_move_is_no_conflict() -> None:
    world = ControllerHarness().settle().set_primary(SICK)
    world.run(2)
    world.fail_route_53(calls="zone.submit").run(1)
    intent = world.state.move.progress.intent if world.state.move and world.state.move.progress else None
    assert intent
    world.zone.set_by_hand(*intent.after)
    world.restore_all().run(2)
    assert world.state.active_role is RegionRole.STANDBY
    assert EventKind.MOVE_SUPERSEDED not in world.event_kinds


def test_deleted_records_are_notified_and_not_recreated() -> None:
    world = ControllerHarness().settle()
    world.zone.remove_by_hand(*world.zone.list_record_sets((DOMAIN_RECORD_NAME,)))
    run_until_reconciled(world)
    assert "auth.example.com has no records any more. Create its weighted pair again" in world.get_latest_message(
        EventKind.LEVER_PROBLEM
    )
    world.set_primary(SICK)
    reason = world.run(20)
    assert world.zone.list_record_sets((DOMAIN_RECORD_NAME,)) == ()
    assert "auth.example.com has no records any more" in reason


def test_records_deleted_before_move_are_not_recreated() -> None:
    world = ControllerHarness().settle().set_primary(SICK)
    world.run(2)
    world.zone.remove_by_hand(*world.zone.list_record_sets((DOMAIN_RECORD_NAME,)))
    world.run(5)
    assert world.zone.list_record_sets((DOMAIN_RECORD_NAME,)) == ()
    assert "the records of auth.example.com were deleted outside the controller" in world.get_latest_message(
        EventKind.MOVE_SUPERSEDED
    )


def test_restored_records_are_notified() -> None:
    world = ControllerHarness().settle()
    pair = world.zone.list_record_sets((DOMAIN_RECORD_NAME,))
    world.zone.remove_by_hand(*pair)
    run_until_reconciled(world)
    world.zone.set_by_hand(*pair)
    run_until_reconciled(world)
    assert world.event_kinds == [EventKind.LEVER_PROBLEM, EventKind.LEVER_RECOVERED]


def test_protected_record_ends_move_and_names_the_protection() -> None:
    world = ControllerHarness().settle().set_primary(SICK)
    world.zone.protect(DOMAIN_RECORD_NAME, "CNAME")
    world.run(3)
    assert world.zone.weight_history == []
    assert "A record set protection blocks the change" in world.get_latest_message(EventKind.MOVE_SUPERSEDED)
    assert "automation waits for an acknowledgement" in world.get_latest_message(EventKind.MOVE_SUPERSEDED)


def test_failover_follows_removed_protection_and_acknowledgement() -> None:
    world = ControllerHarness().settle().set_primary(SICK)
    world.zone.protect(DOMAIN_RECORD_NAME, "CNAME")
    world.run(3)
    world.zone.unprotect(DOMAIN_RECORD_NAME, "CNAME")
    world.run(5)
    assert world.zone.weight_history == []
    world.request("acknowledge", reason="protection removed")
    world.run(1)
    assert world.zone.weight_history == [(0, 255)]


def test_move_keeps_other_record_fields() -> None:
    world = ControllerHarness().settle()
    world.zone.set_by_hand(
        *(
            {**record_set, "HealthCheckId": "check-1", "TTL": 30}
            for record_set in world.zone.list_record_sets((DOMAIN_RECORD_NAME,))
        )
    )
    world.set_primary(SICK).run(3)
    assert world.weights == (0, 255)
    assert all(
        record_set["HealthCheckId"] == "check-1" and record_set["TTL"] == 30
        for record_set in world.zone.list_record_sets((DOMAIN_RECORD_NAME,))
    )


def test_deleted_region_txt_record_is_recreated() -> None:
    world = ControllerHarness().settle()
    region_records = world.zone.list_record_sets((f"_region.{DOMAIN_RECORD_NAME}",))
    world.zone.remove_by_hand(*region_records)
    run_until_reconciled(world)
    assert world.zone.list_record_sets((f"_region.{DOMAIN_RECORD_NAME}",)) == region_records
    assert world.event_kinds == []


@pytest.mark.parametrize("edited", [(255, 0), (128, 127), (0, 0)])
def test_edit_during_confirmation_ends_move(edited: tuple[int, int]) -> None:
    world = ControllerHarness().settle().set_primary(SICK)
    world.propagates_changes = False
    world.name_servers.silent.add("ns-1.example.net")
    world.run(3)
    world.edit_weights(*edited)
    world.run(20)
    assert world.weights == edited
    assert world.zone.weight_history == [(0, 255)]
    assert EventKind.MOVE_SUPERSEDED in world.event_kinds
    assert world.state.move is None
    assert world.state.hold


def test_records_reset_between_steps_are_an_external_change() -> None:
    world = ControllerHarness(weights=(0, 255)).settle()
    world.request("failback", reason="well", token="t")
    world.run(3)
    world.edit_weights(0, 255)
    world.run(20)
    assert world.zone.weight_history == [(26, 229)]
    assert EventKind.MOVE_SUPERSEDED in world.event_kinds
