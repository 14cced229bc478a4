"""Rule 9: a controller without saved state reads the routing first, and observes before it decides."""

from dataclasses import replace
from typing import Any

import pytest

from cognito_failover.common.region import RegionRole
from cognito_failover.core.model.event import EventKind
from cognito_failover.core.verdict import Verdict
from tests.support.controller_harness import DOMAIN_RECORD_NAME, ControllerHarness

SICK, HEALTHY = Verdict.SICK, Verdict.HEALTHY


def lose_state(world: ControllerHarness) -> ControllerHarness:
    """Delete the saved state while the controller runs."""
    world.memory.lose_state()
    return world


def start_observe_only_without_records() -> ControllerHarness:
    """Return an observe-only world without records, after two reads of the records."""
    world = ControllerHarness(weights=None, observe_only=True)
    world.run(1)
    run_until_reconciled(world)
    return world


def enable_automation(world: ControllerHarness) -> None:
    """Deploy the stack again with ObserveOnly=false, and run until the records are read."""
    world.settings = replace(world.settings, observe_only=False)
    world.restart()
    run_until_reconciled(world)


def run_until_reconciled(world: ControllerHarness) -> None:
    """Run rounds until the records are read again."""
    world.run(7)


@pytest.mark.parametrize(
    ("weights", "active"),
    [((255, 0), RegionRole.PRIMARY), ((0, 255), RegionRole.STANDBY), ((0, 7), RegionRole.STANDBY)],
)
def test_existing_routing_is_adopted(weights: tuple[int, int], active: RegionRole) -> None:
    world = ControllerHarness(weights=weights)
    world.run(1)
    assert world.state.active_role is active
    assert world.weights == weights
    assert world.zone.weight_history == []
    assert world.event_kinds == [EventKind.STATE_INITIALIZED]


def test_split_traffic_is_adopted_and_holds_automation() -> None:
    world = ControllerHarness(weights=(100, 155))
    world.run(1)
    assert world.event_kinds == [EventKind.STATE_INITIALIZED, EventKind.AUTOMATION_HELD]
    assert (
        "the records do not send all users to one Region: ap-northeast-1 100, us-east-1 155"
        in world.get_latest_message(EventKind.AUTOMATION_HELD)
    )
    world.set_primary(SICK).run(30)
    assert world.weights == (100, 155)


def test_missing_records_are_created_with_all_traffic_on_primary() -> None:
    world = ControllerHarness(weights=None)
    world.run(1)
    assert world.weights == (255, 0)
    assert len(world.zone.list_record_sets((f"_region.{DOMAIN_RECORD_NAME}",))) == 2


def test_observe_only_stack_creates_no_records() -> None:
    world = ControllerHarness(weights=None, observe_only=True)
    world.run(3)
    assert world.zone.list_record_sets((DOMAIN_RECORD_NAME,)) == ()


def test_observe_only_stack_adds_the_region_record_to_existing_records() -> None:
    world = ControllerHarness(weights=(0, 7), observe_only=True)
    before = world.zone.list_record_sets((DOMAIN_RECORD_NAME,))
    assert world.zone.list_record_sets((f"_region.{DOMAIN_RECORD_NAME}",)) == ()

    world.run(1)

    pair = world.zone.list_record_sets((f"_region.{DOMAIN_RECORD_NAME}",))
    assert {record_set["SetIdentifier"]: record_set["Weight"] for record_set in pair} == {
        "ap-northeast-1": 0,
        "us-east-1": 7,
    }
    assert world.zone.list_record_sets((DOMAIN_RECORD_NAME,)) == before


def test_observe_only_stack_restores_a_region_record_that_was_deleted() -> None:
    world = ControllerHarness(observe_only=True)
    world.run(1)
    region_name = f"_region.{DOMAIN_RECORD_NAME}"
    for record_set in world.zone.list_record_sets((region_name,)):
        world.zone.remove_by_hand(record_set)

    run_until_reconciled(world)

    assert len(world.zone.list_record_sets((region_name,))) == 2


def test_observe_only_stack_reports_missing_records_once() -> None:
    world = start_observe_only_without_records()
    assert world.event_kinds == [EventKind.STATE_INITIALIZED, EventKind.LEVER_PROBLEM]
    assert "starts from the records as they are: there are none yet." in world.get_latest_message(
        EventKind.STATE_INITIALIZED
    )
    assert "auth.example.com has no records yet" in world.get_latest_message(EventKind.LEVER_PROBLEM)
    assert "Deploy with ObserveOnly=false to have its weighted pair created" in world.get_latest_message(
        EventKind.LEVER_PROBLEM
    )


def test_first_round_saves_that_records_are_missing() -> None:
    world = ControllerHarness(weights=None, observe_only=True)
    world.run(1)
    assert world.state.records
    assert world.state.records.problem.startswith("auth.example.com has no records yet, and a stack that is deployed")


def test_never_existing_records_are_created_once_automation_may_act() -> None:
    world = start_observe_only_without_records()
    enable_automation(world)
    assert world.weights == (255, 0)
    assert world.event_kinds[2:] == [EventKind.LEVER_RECOVERED]
    world.settle().set_primary(SICK).run(5)
    assert world.weights == (0, 255)


def test_failed_record_creation_is_retried_at_next_reconciliation() -> None:
    world = start_observe_only_without_records()
    world.fail_route_53(calls="zone.submit")
    enable_automation(world)
    assert world.zone.list_record_sets((DOMAIN_RECORD_NAME,)) == ()
    run_until_reconciled(world.restore_all())
    assert world.weights == (255, 0)


def test_records_are_created_after_unsupported_record_is_removed() -> None:
    world = start_observe_only_without_records()
    foreign = {"Name": DOMAIN_RECORD_NAME, "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}
    world.zone.set_by_hand(foreign)
    run_until_reconciled(world)
    assert world.state.records
    assert "no records yet" not in world.state.records.problem
    world.zone.remove_by_hand(foreign)
    enable_automation(world)
    assert world.weights == (255, 0)


def test_record_pair_created_externally_is_adopted_not_recreated() -> None:
    world = start_observe_only_without_records()
    other = ControllerHarness(weights=(255, 0))
    world.zone.set_by_hand(*other.zone.list_record_sets((DOMAIN_RECORD_NAME,)))
    run_until_reconciled(world)
    assert world.event_kinds[2:] == [EventKind.LEVER_RECOVERED]
    world.zone.remove_by_hand(*world.zone.list_record_sets((DOMAIN_RECORD_NAME,)))
    enable_automation(world)
    assert world.zone.list_record_sets((DOMAIN_RECORD_NAME,)) == ()
    assert "no records any more" in world.get_latest_message(EventKind.LEVER_PROBLEM)


def test_startup_grace_period_blocks_decisions_for_a_minute() -> None:
    world = ControllerHarness().set_primary(SICK)
    reason = world.run(6)
    assert world.zone.weight_history == []
    assert "The controller has just started; automatic moves are possible in 10 s." in reason
    world.run(1)
    assert world.zone.weight_history == [(0, 255)]


def test_unsupported_records_at_start_fail_with_reason() -> None:
    world = ControllerHarness()
    pair = world.zone.list_record_sets((DOMAIN_RECORD_NAME,))
    world.zone.set_by_hand(
        {**pair[0], "SetIdentifier": "third", "ResourceRecords": [{"Value": "elsewhere.example.net"}]}
    )
    report = world.round_runner.run()
    assert report.state is None
    assert "3 weighted records share the name" in report.failure
    assert "no users are moved" in report.reason


def test_initial_route_53_failure_is_retried() -> None:
    world = ControllerHarness()
    world.fail_route_53()
    assert "Throttling" in world.round_runner.run().failure
    world.restore_all().run(1)
    assert world.event_kinds == [EventKind.STATE_INITIALIZED]


def test_state_lost_before_move_causes_no_move() -> None:
    world = ControllerHarness().settle().set_primary(SICK)
    world.run(2)
    lose_state(world).run(3)
    assert world.zone.weight_history == []
    assert world.event_kinds.count(EventKind.STATE_INITIALIZED) == 1


def test_state_lost_during_move_adopts_its_result() -> None:
    world = ControllerHarness().settle().set_primary(SICK)
    world.name_servers.freeze("ns-1.example.net")
    world.run(3)
    lose_state(world).run(20)
    assert world.zone.weight_history == [(0, 255)]
    assert world.state.active_role is RegionRole.STANDBY
    assert world.state.move is None


def test_state_lost_during_stepped_failback_waits_for_operator() -> None:
    world = ControllerHarness(weights=(0, 255)).settle()
    world.request("failback", reason="well", token="t")
    world.run(3)
    lose_state(world).run(30)
    assert world.zone.weight_history == [(26, 229)]
    assert world.state.hold


def test_state_lost_after_move_keeps_traffic() -> None:
    world = ControllerHarness().settle().set_primary(SICK)
    world.run(10)
    lose_state(world).run(30)
    assert world.zone.weight_history == [(0, 255)]
    assert world.state.active_role is RegionRole.STANDBY


def test_unavailable_ledger_is_not_lost_state() -> None:
    world = ControllerHarness().settle().set_primary(SICK)
    world.fail_ledger()
    world.restart()
    for _ in range(10):
        report = world.round_runner.run()
        assert report.reason == "The ledger can't be read: no users are moved."
        assert report.failure
        world.clock.now += 10
    assert world.zone.weight_history == []


def test_read_only_ledger_causes_no_move() -> None:
    world = ControllerHarness().settle().set_primary(SICK)
    world.fail_ledger(calls="ledger.save")
    for _ in range(10):
        assert world.round_runner.run().failure
        world.clock.now += 10
    assert world.zone.weight_history == []


def test_operator_reports_missing_state() -> None:
    answer: dict[str, Any] = ControllerHarness().request("failover", reason="drill", token="t")
    assert answer["refused_by"] == "no-state"
    assert "break_glass.py" in answer["message"]
