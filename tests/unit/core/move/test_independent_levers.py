"""Levers are independent: rejected or edited weights block neither a latch nor the knowledge of where users are."""

from typing import Any

import pytest

from cognito_failover.common.region import RegionRole
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.model.drill import DrillOutcome
from cognito_failover.core.model.event import EventKind
from cognito_failover.core.model.move import LeverName
from cognito_failover.core.verdict import Verdict
from tests.support.controller_harness import DOMAIN_RECORD_NAME, ControllerHarness
from tests.support.settings import COGNITO_DOMAIN_ONLY

RECORDS, DOMAIN = SteeredName.RECORDS, SteeredName.DOMAIN


def make_world_with_protected_weights(*latches: SteeredName) -> ControllerHarness:
    world = ControllerHarness(latches=latches, recovery_rounds=6).settle()
    world.zone.protect(DOMAIN_RECORD_NAME, "CNAME")
    return world


def acknowledge(world: ControllerHarness) -> str:
    return str(world.request("acknowledge", reason="looked at the records", token="seen")["message"])


def make_domain_only_world() -> ControllerHarness:
    """Return a world with Cognito's domain only, whose latch is write-only."""
    settings: dict[str, Any] = COGNITO_DOMAIN_ONLY
    world = ControllerHarness(latches=(DOMAIN,), **settings)
    world.latches[DOMAIN].is_readable = False
    return world


def is_lever_tested(world: ControllerHarness, lever: LeverName) -> bool:
    return world.state.move is not None and world.state.move.levers == (lever,)


def move_users_by_latch_alone() -> ControllerHarness:
    world = make_world_with_protected_weights(RECORDS).set_primary(Verdict.SICK)
    world.run(8)
    assert (world.weights, world.user_location) == ((255, 0), RegionRole.STANDBY)
    return world


def test_users_moved_by_latch_are_known_when_weights_are_rejected() -> None:
    world = move_users_by_latch_alone()

    assert world.state.active_role is RegionRole.STANDBY
    assert world.state.hold


def test_users_moved_by_latch_can_be_failed_back_manually() -> None:
    world = move_users_by_latch_alone()
    world.zone.unprotect(DOMAIN_RECORD_NAME, "CNAME")
    world.set_primary(Verdict.HEALTHY).run(10)
    acknowledge(world)

    world.request("failback", reason="home", token="home", mode="all-at-once")
    world.run(8)

    assert (world.user_location, world.state.active_role) == (RegionRole.PRIMARY, RegionRole.PRIMARY)


def test_dying_standby_is_left_after_latch_only_move() -> None:
    world = move_users_by_latch_alone()
    world.zone.unprotect(DOMAIN_RECORD_NAME, "CNAME")
    world.set_primary(Verdict.HEALTHY).run(10)
    acknowledge(world)

    world.set_standby(Verdict.SICK).run(20)

    assert (world.user_location, world.state.active_role) == (RegionRole.PRIMARY, RegionRole.PRIMARY)


def test_acknowledge_mentions_thrown_latch() -> None:
    assert "ap-northeast-1 255, us-east-1 0, the latch of the records set" in acknowledge(move_users_by_latch_alone())


def test_external_ttl_change_does_not_hide_user_location() -> None:
    world = ControllerHarness(latches=(RECORDS,)).settle().fail_route_53(calls="zone.submit")
    world.set_primary(Verdict.SICK).run(3)
    for record_set in world.zone.list_record_sets((DOMAIN_RECORD_NAME,)):
        world.zone.set_by_hand({**record_set, "TTL": 10})

    world.restore_all().run(8)

    assert (world.user_location, world.state.active_role) == (RegionRole.STANDBY, RegionRole.STANDBY)
    assert world.event_kinds.count(EventKind.MOVE_DECIDED) == 1


def test_rejected_weights_do_not_prevent_domain_latch() -> None:
    world = make_world_with_protected_weights(RECORDS, DOMAIN)
    world.latches[DOMAIN].is_available = False
    world.set_primary(Verdict.SICK).run(4)
    assert not world.latches[DOMAIN].thrown

    world.latches[DOMAIN].is_available = True
    world.run(4)

    assert world.latches[DOMAIN].thrown
    assert world.state.active_role is RegionRole.STANDBY


def decide_with_every_lever_unavailable() -> ControllerHarness:
    world = ControllerHarness(latches=(RECORDS,)).settle().fail_route_53()
    world.latches[RECORDS].is_available = False
    world.set_primary(Verdict.SICK).run(3)
    assert world.state.move
    assert not world.state.move.is_started
    return world


@pytest.mark.parametrize(
    ("primary", "standby"), [(Verdict.HEALTHY, Verdict.HEALTHY), (Verdict.SICK, Verdict.SICK)], ids=["cause", "target"]
)
def test_latch_is_not_thrown_after_move_is_no_longer_justified(primary: Verdict, standby: Verdict) -> None:
    world = decide_with_every_lever_unavailable().set_primary(primary).set_standby(standby)
    world.latches[RECORDS].is_available = True

    world.run(1)

    assert not world.latches[RECORDS].thrown
    world.restore_all().set_primary(Verdict.HEALTHY).set_standby(Verdict.HEALTHY).run(20)
    assert (world.user_location, world.state.active_role, world.zone.weight_history) == (
        RegionRole.PRIMARY,
        RegionRole.PRIMARY,
        [],
    )
    assert world.state.move is None


def test_latch_thrown_with_lost_answer_has_started_the_move() -> None:
    world = decide_with_every_lever_unavailable()
    world.latches[RECORDS].is_available = True
    world.latches[RECORDS].thrown = True  # the effect of the lost call
    world.set_primary(Verdict.HEALTHY).restore_all().run(8)

    assert (world.user_location, world.state.active_role) == (RegionRole.STANDBY, RegionRole.STANDBY)


def test_rejected_weights_with_all_latches_thrown_end_move_for_review() -> None:
    world = make_world_with_protected_weights(DOMAIN).set_primary(Verdict.SICK)

    world.run(8)

    assert world.latches[DOMAIN].thrown
    assert world.state.move is None
    assert "record set protection" in world.get_latest_message(EventKind.MOVE_SUPERSEDED)


def test_lever_test_of_latch_ends_on_external_weight_edit() -> None:
    world = ControllerHarness(latches=(RECORDS,)).settle()
    world.run(8)
    world.request("drill", kind="lever-test", reason="monthly", token="drill", hold_seconds=0)
    while not is_lever_tested(world, LeverName.RECORDS_LATCH):
        world.run(1)
    world.edit_weights(0, 255)

    world.run(30)

    assert not is_lever_tested(world, LeverName.RECORDS_LATCH)
    assert world.state.drill is None
    assert world.weights == (0, 255), "the external edit stays"
    assert world.state.hold


def test_lever_test_of_latch_needs_no_control_plane() -> None:
    world = ControllerHarness(latches=(RECORDS,)).settle()
    world.run(8)
    world.request("drill", kind="lever-test", reason="monthly", token="drill", hold_seconds=0)
    while not is_lever_tested(world, LeverName.RECORDS_LATCH):
        world.run(1)
    world.fail_route_53()

    errors = set()
    while (move := world.state.move) is not None:
        errors.add(move.last_error)
        world.run(1)

    assert errors == {""}
    assert EventKind.DRILL_ABORTED not in world.event_kinds


def test_lever_test_does_not_wait_for_latch_detached_meanwhile() -> None:
    world = ControllerHarness(latches=(RECORDS,)).settle()
    world.run(8)
    world.request("drill", kind="lever-test", reason="monthly", token="drill", hold_seconds=0)
    world.latches[RECORDS].is_attached = False

    while world.state.drill:
        world.run(1)
        assert not is_lever_tested(world, LeverName.RECORDS_LATCH)

    assert "the records-latch is not attached any more" in world.get_latest_message(EventKind.DRILL_ENDED)
    assert world.state.last_drill
    assert world.state.last_drill.outcome is DrillOutcome.ABORTED
    world.set_primary(Verdict.SICK).run(4)
    assert world.user_location is RegionRole.STANDBY


def test_thrown_latch_detached_externally_returns_users_and_is_notified() -> None:
    world = move_users_by_latch_alone()
    world.latches[RECORDS].is_attached = False

    world.run(8)

    assert world.state.active_role is RegionRole.PRIMARY
    assert "the attachment of a latch was changed externally" in world.get_latest_message(EventKind.AUTOMATION_HELD)


@pytest.mark.parametrize("dead", [True, False])
def test_lost_state_keeps_unreadable_latch_thrown(dead: bool) -> None:
    world = make_domain_only_world()
    latch = world.latches[DOMAIN]
    world.settle().set_primary(Verdict.SICK).run(6)
    assert world.state.active_role is RegionRole.STANDBY
    before = len(latch.set_calls)

    world.memory.lose_state()
    world.restart()
    world.set_primary(Verdict.SICK if dead else Verdict.HEALTHY).run(12)

    assert world.state.active_role is RegionRole.STANDBY
    assert set(latch.set_calls[before:]) == {True}


def test_state_is_not_initialized_while_latch_is_unknown() -> None:
    world = make_domain_only_world()
    latch = world.latches[DOMAIN]
    latch.silent_server = "ns-1.example.net"

    world.run(2)
    assert world.memory.load() is None
    assert latch.set_calls == []

    latch.silent_server = ""
    world.run(2)
    assert world.state.active_role is RegionRole.PRIMARY


def start_with_weight_sync_awaiting_acknowledgement() -> ControllerHarness:
    world = ControllerHarness(latches=(RECORDS, DOMAIN)).settle().set_standby(Verdict.SICK).fail_route_53()
    world.run(2)
    world.request("failover", reason="I know", token="t", override=["target-healthy"])
    world.run(6)
    assert world.state.active_role is RegionRole.STANDBY
    assert world.state.pending_weight_sync
    assert world.state.hold
    return world


def test_external_edit_during_pending_weight_sync_is_detected() -> None:
    world = start_with_weight_sync_awaiting_acknowledgement().restore_all()
    world.edit_weights(10, 90)

    world.run(14)

    assert world.weights == (10, 90)
    assert tuple(weight for _, weight in world.state.weights) == (10, 90)
    assert world.state.pending_weight_sync is None
    assert "the records were changed externally" in world.get_latest_message(EventKind.AUTOMATION_HELD)


def test_weights_set_externally_complete_the_sync() -> None:
    world = start_with_weight_sync_awaiting_acknowledgement().restore_all()
    world.edit_weights(0, 255)

    world.run(14)

    assert world.state.pending_weight_sync is None
    event = world.memory.load_history(limit=1).events[0]
    assert event.kind is EventKind.WEIGHTS_SYNCED
    assert world.clock.now - 140 <= event.at <= world.clock.now
