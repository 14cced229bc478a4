"""External changes of the records' health checks while the latch is attached are detected and reported."""

import pytest

from cognito_failover.common.region import PerRole, RegionRole, route_all_to
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.model.event import EventKind
from cognito_failover.core.model.records import RecordsSnapshot
from cognito_failover.core.reconciliation.health_check_drift import explain_inactive_latch
from cognito_failover.core.verdict import Verdict
from tests.support.controller_harness import DOMAIN_RECORD_NAME, ControllerHarness
from tests.support.settings import make_settings

RECORDS = SteeredName.RECORDS
OWN_CHECKS = {RegionRole.PRIMARY: "latch-check", RegionRole.STANDBY: "standby-check"}
ROUNDS_UNTIL_RECONCILED = 7


def set_record_checks(world: ControllerHarness, checks: dict[RegionRole, str]) -> ControllerHarness:
    """Set these health checks on the records of every name, and remove all others."""
    for name in (DOMAIN_RECORD_NAME, f"_region.{DOMAIN_RECORD_NAME}"):
        for record_set in world.zone.list_record_sets((name,)):
            role = (
                RegionRole.PRIMARY
                if record_set["SetIdentifier"] == world.settings.regions.primary
                else RegionRole.STANDBY
            )
            without_check = {key: value for key, value in record_set.items() if key != "HealthCheckId"}
            world.zone.set_by_hand({**without_check, **({"HealthCheckId": checks[role]} if role in checks else {})})
    return world


def make_world_with_attached_latch() -> ControllerHarness:
    world = ControllerHarness(
        latches=(SteeredName.RECORDS,),
        latch_bucket="latch",
        records_latch_check_id=OWN_CHECKS[RegionRole.PRIMARY],
        standby_check_id=OWN_CHECKS[RegionRole.STANDBY],
    )
    world.run(1)
    set_record_checks(world, OWN_CHECKS).settle()
    assert not world.state.latches[SteeredName.RECORDS].problem
    return world


def is_latch_attached(world: ControllerHarness) -> bool:
    return world.state.latches[SteeredName.RECORDS].dns_watch is not None


def test_health_check_removed_from_primary_records_is_notified_once() -> None:
    world = make_world_with_attached_latch()
    set_record_checks(world, {RegionRole.STANDBY: OWN_CHECKS[RegionRole.STANDBY]}).run(3 * ROUNDS_UNTIL_RECONCILED)

    assert not is_latch_attached(world)
    assert world.event_kinds == [EventKind.LATCH_PROBLEM]
    assert (
        "the health check latch-check of the latch was removed from the primary's records"
        in world.get_latest_message(EventKind.LATCH_PROBLEM)
    )
    assert world.invoke_operator("status")["status"]["latches"]["records"]["attached"] is False


def test_removal_from_one_name_is_detected() -> None:
    world = make_world_with_attached_latch()
    primary = next(
        record_set
        for record_set in world.zone.list_record_sets((f"_region.{DOMAIN_RECORD_NAME}",))
        if "latch-check" in record_set.values()
    )
    world.zone.set_by_hand({key: value for key, value in primary.items() if key != "HealthCheckId"})
    world.run(ROUNDS_UNTIL_RECONCILED)

    assert not is_latch_attached(world)
    assert EventKind.LATCH_PROBLEM in world.event_kinds


def test_users_still_move_by_weights_without_latch() -> None:
    world = make_world_with_attached_latch()
    set_record_checks(world, {}).run(ROUNDS_UNTIL_RECONCILED)
    world.set_primary(Verdict.SICK).run(6)

    assert world.weights == (0, 255)
    assert (world.state.active_role, world.state.move) == (RegionRole.STANDBY, None)


def test_restored_health_check_is_notified_and_used() -> None:
    world = make_world_with_attached_latch()
    set_record_checks(world, {}).run(ROUNDS_UNTIL_RECONCILED)
    set_record_checks(world, OWN_CHECKS).run(2 * ROUNDS_UNTIL_RECONCILED)

    assert is_latch_attached(world)
    assert world.event_kinds == [EventKind.LATCH_PROBLEM, EventKind.LATCH_RECOVERED]
    assert world.get_latest_message(EventKind.LATCH_RECOVERED) == "The latch of the records is attached again."


def test_missing_standby_check_is_reported_as_missing_return_path() -> None:
    world = make_world_with_attached_latch()
    set_record_checks(world, {RegionRole.PRIMARY: OWN_CHECKS[RegionRole.PRIMARY]}).run(2 * ROUNDS_UNTIL_RECONCILED)

    assert is_latch_attached(world)
    assert world.event_kinds == [EventKind.LATCH_PROBLEM]
    assert "nothing brings them back" in world.get_latest_message(EventKind.LATCH_PROBLEM)


@pytest.mark.parametrize("has_state_record", [True, False])
def test_different_check_on_primary_records_is_reported(has_state_record: bool) -> None:
    world = make_world_with_attached_latch()
    set_record_checks(
        world, {RegionRole.PRIMARY: "check-of-before", RegionRole.STANDBY: OWN_CHECKS[RegionRole.STANDBY]}
    )
    world.latches[SteeredName.RECORDS].is_attached = has_state_record
    world.run(3 * ROUNDS_UNTIL_RECONCILED)

    assert not is_latch_attached(world)
    assert world.event_kinds == [EventKind.LATCH_PROBLEM]
    assert "have the health check check-of-before, and not latch-check" in world.get_latest_message(
        EventKind.LATCH_PROBLEM
    )


def test_each_different_check_is_named() -> None:
    settings = make_settings(
        latch_bucket="latch", records_latch_check_id="latch-check", standby_check_id="standby-check"
    )
    checks = PerRole(primary=frozenset({"his", "hers", "latch-check"}), standby=frozenset({"standby-check"}))
    snapshot = RecordsSnapshot(
        weights=route_all_to(RegionRole.PRIMARY), record_sets=(), missing=(), ttl_seconds=60, health_checks=checks
    )
    reason = explain_inactive_latch(snapshot, settings, has_state_record=True, was_attached=True)
    assert reason.startswith(
        "the primary's records have the health check hers, his, and not latch-check, which the latch"
    )


def test_regular_detachment_is_not_drift() -> None:
    world = make_world_with_attached_latch()
    world.latches[SteeredName.RECORDS].is_attached = False
    set_record_checks(world, {}).run(3 * ROUNDS_UNTIL_RECONCILED)

    assert world.event_kinds == []


def test_foreign_check_on_records_without_latch_is_ignored() -> None:
    world = ControllerHarness(
        latches=(SteeredName.RECORDS,),
        latch_bucket="latch",
        records_latch_check_id=OWN_CHECKS[RegionRole.PRIMARY],
        standby_check_id=OWN_CHECKS[RegionRole.STANDBY],
    )
    world.latches[SteeredName.RECORDS].is_attached = False
    world.run(1)
    set_record_checks(world, {RegionRole.PRIMARY: "his"}).settle().run(2 * ROUNDS_UNTIL_RECONCILED)

    assert world.event_kinds == []


def test_removed_txt_record_leaves_the_latch_attached_and_is_reported_once() -> None:
    world = make_world_with_attached_latch()
    world.latches[RECORDS].has_state_record = False
    world.run(3 * ROUNDS_UNTIL_RECONCILED)

    assert is_latch_attached(world)
    assert world.event_kinds == [EventKind.LATCH_PROBLEM]
    assert "the TXT record that shows its state was removed" in world.get_latest_message(EventKind.LATCH_PROBLEM)
    world.latches[RECORDS].has_state_record = True
    world.run(ROUNDS_UNTIL_RECONCILED)
    assert world.event_kinds == [EventKind.LATCH_PROBLEM, EventKind.LATCH_RECOVERED]


@pytest.mark.parametrize("is_route_53_readable", [True, False])
def test_latch_thrown_by_hand_is_seen_without_its_txt_record(is_route_53_readable: bool) -> None:
    world = make_world_with_attached_latch()
    world.latches[RECORDS].has_state_record = False
    world.run(ROUNDS_UNTIL_RECONCILED)
    if not is_route_53_readable:
        world.fail_route_53()
    world.latches[RECORDS].thrown = True
    world.run(ROUNDS_UNTIL_RECONCILED)

    assert "a latch was set externally" in world.get_latest_message(EventKind.AUTOMATION_HELD)
    assert world.state.users_role is RegionRole.STANDBY


def test_stepped_failback_passes_a_latch_whose_txt_record_was_removed() -> None:
    world = make_world_with_attached_latch().set_primary(Verdict.SICK)
    world.run(6)
    world.latches[RECORDS].has_state_record = False
    world.set_primary(Verdict.HEALTHY).run(ROUNDS_UNTIL_RECONCILED)
    assert world.request("failback", reason="well again", token="t")["done"]
    world.run(3 * ROUNDS_UNTIL_RECONCILED + 6)

    assert (world.state.move, world.user_location) == (None, RegionRole.PRIMARY)


def test_latch_detached_by_hand_is_not_reported_as_hidden() -> None:
    world = make_world_with_attached_latch()
    world.latches[RECORDS].has_state_record = False
    set_record_checks(world, {}).run(3 * ROUNDS_UNTIL_RECONCILED)

    assert not is_latch_attached(world)
    assert world.event_kinds == []
