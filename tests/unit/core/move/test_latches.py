"""The latches: users move without a control plane, and the weights are synced later."""

import pytest

from cognito_failover.common.region import RegionRole, route_all_to
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.model.event import EventKind
from cognito_failover.core.verdict import Verdict
from tests.support.controller_harness import ControllerHarness

RECORDS, DOMAIN = SteeredName.RECORDS, SteeredName.DOMAIN


def make_world_with_both_latches() -> ControllerHarness:
    return ControllerHarness(latches=(RECORDS, DOMAIN)).settle()


def is_moving(world: ControllerHarness) -> bool:
    return world.state.move is not None


def is_weight_sync_pending(world: ControllerHarness) -> bool:
    return world.state.pending_weight_sync is not None


def get_users_role(world: ControllerHarness) -> RegionRole | None:
    return world.user_location


def get_active_role(world: ControllerHarness) -> RegionRole:
    return world.state.active_role


def fail_over() -> ControllerHarness:
    world = make_world_with_both_latches().set_primary(Verdict.SICK)
    world.run(8)
    assert get_active_role(world) is RegionRole.STANDBY
    assert not is_moving(world)
    return world


def test_one_decision_drives_every_lever() -> None:
    world = fail_over()
    assert world.weights == (0, 255)
    assert [latch.thrown for latch in world.latches.values()] == [True, True]
    assert world.event_kinds.count(EventKind.MOVE_DECIDED) == world.event_kinds.count(EventKind.MOVE_CONFIRMED) == 1


def test_users_move_without_control_plane() -> None:
    world = make_world_with_both_latches().set_primary(Verdict.SICK).fail_route_53()
    world.run(6)
    assert world.weights == (255, 0)
    assert get_users_role(world) is RegionRole.STANDBY
    assert get_active_role(world) is RegionRole.STANDBY
    assert "The weights of the records still have to follow." in world.get_latest_message(EventKind.MOVE_CONFIRMED)


def test_new_process_moves_users_from_saved_state() -> None:
    world = make_world_with_both_latches().set_primary(Verdict.SICK).fail_route_53()
    world.restart()
    world.run(6)
    assert get_active_role(world) is RegionRole.STANDBY


def test_weights_sync_after_control_plane_recovers_without_moving_users() -> None:
    world = make_world_with_both_latches().set_primary(Verdict.SICK).fail_route_53()
    world.run(6)
    world.restore_all()
    world.notifier.events.clear()
    world.run(6)
    assert world.weights == (0, 255)
    assert get_users_role(world) is RegionRole.STANDBY
    assert world.state.pending_weight_sync is None
    assert world.event_kinds == [EventKind.WEIGHTS_SYNCED]
    world.run(30)
    assert world.event_kinds == [EventKind.WEIGHTS_SYNCED]


def test_pending_weight_sync_is_tried_every_thirty_seconds() -> None:
    world = make_world_with_both_latches().set_primary(Verdict.SICK).fail_route_53()
    world.run(6)
    attempts: list[str] = []
    refuse = world.fault_injector.before_call

    def count_attempts(call_name: str) -> None:
        if call_name == "zone.get_info":
            attempts.append(call_name)
        refuse(call_name)

    world.fault_injector.before_call = count_attempts
    world.run(12)
    assert len(attempts) == 6, "four attempts, and the usual read of each minute"


def test_synced_weights_with_lost_answer_are_recognized() -> None:
    world = make_world_with_both_latches().set_primary(Verdict.SICK).fail_route_53()
    world.run(6)
    world.restore_all().lose_response("zone.submit")
    world.run(4)
    assert world.weights == (0, 255)
    assert is_weight_sync_pending(world)
    world.restore_all().run(4)
    assert not is_weight_sync_pending(world)
    assert world.state.hold is None
    assert world.event_kinds[-1] is EventKind.WEIGHTS_SYNCED


def test_weight_sync_of_overridden_move_waits_for_acknowledgement() -> None:
    world = make_world_with_both_latches().set_standby(Verdict.SICK).fail_route_53()
    world.request("failover", reason="I know", token="t", override=["target-healthy"])
    world.run(6)
    assert get_active_role(world) is RegionRole.STANDBY
    world.restore_all().set_standby(Verdict.HEALTHY).run(8)
    assert world.weights == (255, 0)
    assert is_weight_sync_pending(world)
    world.request("acknowledge", reason="as meant")
    world.run(4)
    assert world.weights == (0, 255)
    assert not is_weight_sync_pending(world)


def test_records_are_read_in_round_after_weight_sync() -> None:
    world = make_world_with_both_latches().set_primary(Verdict.SICK).fail_route_53()
    world.run(6)
    world.restore_all()
    while is_weight_sync_pending(world):
        world.run(1)
    world.run(1)
    assert world.state.records
    assert world.state.records.weights == route_all_to(RegionRole.STANDBY)


def test_records_changed_externally_before_sync_are_left_unchanged() -> None:
    world = make_world_with_both_latches().set_primary(Verdict.SICK).fail_route_53()
    world.run(6)
    world.restore_all().edit_weights(128, 127)
    world.run(6)
    assert world.weights == (128, 127)
    assert world.state.hold
    assert EventKind.AUTOMATION_HELD in world.event_kinds


def test_unavailable_latch_delays_only_itself() -> None:
    world = make_world_with_both_latches().set_primary(Verdict.SICK)
    world.latches[RECORDS].is_available = False
    world.run(8)
    assert world.weights == (0, 255)
    assert get_active_role(world) is RegionRole.STANDBY
    assert not world.latches[RECORDS].thrown
    world.latches[RECORDS].is_available = True
    world.run(5)
    assert world.latches[RECORDS].thrown


def test_move_with_both_latches_waits_for_cognito_domain() -> None:
    world = make_world_with_both_latches().set_primary(Verdict.SICK)
    world.latches[DOMAIN].is_available = False
    world.run(8)
    assert get_users_role(world) is RegionRole.STANDBY
    assert is_moving(world)
    world.latches[DOMAIN].is_available = True
    world.run(2)
    assert not is_moving(world)
    assert world.event_kinds[-1] is EventKind.MOVE_CONFIRMED


@pytest.mark.parametrize("latch", [RECORDS, DOMAIN])
def test_switch_unavailable_after_throw_does_not_delay_confirmation(latch: SteeredName) -> None:
    world = make_world_with_both_latches().set_primary(Verdict.SICK).fail_route_53()

    def fail_after_throw(thrown: bool) -> None:
        world.latches[latch].is_available = not thrown

    world.latches[latch].on_set = fail_after_throw
    world.run(6)
    assert world.latches[latch].thrown
    assert not world.latches[latch].is_available
    assert get_active_role(world) is RegionRole.STANDBY
    assert not is_moving(world)


def test_switch_unavailable_before_effect_is_reported() -> None:
    world = make_world_with_both_latches().set_primary(Verdict.SICK).fail_route_53()
    world.propagates_changes = False
    world.run(3)
    world.latches[DOMAIN].is_available = False
    assert (
        "The latch of the domain is set, but not effective yet: Its check says False. The latch "
        "of the domain could not be checked for external changes: S3 answered SlowDown"
    ) in world.run()


def test_detached_latch_neither_moves_nor_delays_users() -> None:
    world = make_world_with_both_latches()
    world.detach_latches()
    world.run(8)
    world.set_primary(Verdict.SICK).fail_route_53()
    world.run(6)
    assert get_users_role(world) is RegionRole.PRIMARY
    assert is_moving(world)
    world.restore_all().run(3)
    assert get_active_role(world) is RegionRole.STANDBY


@pytest.mark.parametrize("when", ["before", "during"])
def test_move_does_not_wait_for_a_removed_txt_record(when: str) -> None:
    world = make_world_with_both_latches()
    if when == "before":
        world.latches[DOMAIN].has_state_record = False
        world.run(7)
    world.set_primary(Verdict.SICK)
    world.propagates_changes = False
    world.run(4)
    world.latches[DOMAIN].has_state_record = False
    world.propagates_changes = True
    world.run(8)
    assert (get_active_role(world), is_moving(world)) == (RegionRole.STANDBY, False)
    message = world.get_latest_message(EventKind.MOVE_CONFIRMED)
    assert message.startswith("All users that DNS shows are on us-east-1")
    assert message.endswith("are presumed there: no TXT record shows their latch.")
    assert EventKind.MOVE_DELAYED not in world.event_kinds


def test_failback_releases_a_latch_without_txt_record_within_the_move() -> None:
    world = fail_over()
    world.latches[DOMAIN].has_state_record = False
    world.set_primary(Verdict.HEALTHY).run(7)
    assert world.request("failback", reason="well again", token="t")["done"]
    while is_moving(world):
        world.run(1)
    assert not world.latches[DOMAIN].thrown
    releases = len(world.latches[DOMAIN].set_calls)
    world.run(20)
    assert len(world.latches[DOMAIN].set_calls) == releases


def test_silent_name_server_delays_latch_confirmation_for_two_minutes() -> None:
    world = make_world_with_both_latches().set_primary(Verdict.SICK).fail_route_53()
    world.name_servers.silent.add("ns-1.example.net")
    world.run(10)
    assert is_moving(world)
    world.run(8)
    assert get_active_role(world) is RegionRole.STANDBY


def test_stepped_failback_releases_records_latch_first_and_domain_last() -> None:
    world = fail_over().set_primary(Verdict.HEALTHY)
    world.run(5)
    assert world.request("failback", reason="well again", token="t")["done"]
    world.propagates_changes = False
    world.run(2)
    assert world.latches[RECORDS].set_calls[-1] is False
    assert world.weights == (0, 255)
    world.propagates_changes = True
    world.run(3)
    assert world.weights == (26, 229)
    assert world.latches[DOMAIN].thrown
    world.run(20)
    assert world.weights == (255, 0)
    assert not world.latches[DOMAIN].thrown
    assert get_active_role(world) is RegionRole.PRIMARY
    assert not is_moving(world)


def test_stepped_failback_releases_detached_latches() -> None:
    world = make_world_with_both_latches()
    world.detach_latches()
    world.run(7)
    world.set_primary(Verdict.SICK).run(6)
    assert world.latches[DOMAIN].thrown
    world.set_primary(Verdict.HEALTHY).run(5)
    assert world.request("failback", reason="well again", token="t")["done"]
    world.run(24)
    assert (get_active_role(world), world.weights) == (RegionRole.PRIMARY, (255, 0))
    assert not is_moving(world)
    assert not any(latch.thrown for latch in world.latches.values())


def test_domain_users_stay_until_last_step() -> None:
    world = fail_over().set_primary(Verdict.HEALTHY)
    world.run(5)
    world.request("failback", reason="well again", token="t")
    seen: list[tuple[tuple[int, int], bool]] = []
    for _ in range(26):
        world.run(1)
        seen.append((world.weights, world.latches[DOMAIN].thrown))
    assert all(thrown for weights, thrown in seen if weights != (255, 0))
    assert seen[-1] == ((255, 0), False)


def test_all_at_once_failback_sets_every_lever() -> None:
    world = fail_over().set_primary(Verdict.HEALTHY)
    world.run(5)
    world.request("failback", reason="well again", token="t", mode="all-at-once")
    world.run(1)
    assert [latch.thrown for latch in world.latches.values()] == [False, False]
    assert world.weights == (255, 0)


def test_failback_by_latch_alone_moves_users_with_unchanged_weights() -> None:
    world = make_world_with_both_latches().set_primary(Verdict.SICK).fail_route_53()
    world.run(6)
    world.set_primary(Verdict.HEALTHY).run(5)
    world.request("failback", reason="well again", token="t", mode="all-at-once")
    world.run(4)
    assert get_users_role(world) is RegionRole.PRIMARY
    assert get_active_role(world) is RegionRole.PRIMARY
    assert world.state.pending_weight_sync is None


def test_sick_target_at_step_throws_latches_again() -> None:
    world = fail_over().set_primary(Verdict.HEALTHY)
    world.run(5)
    world.request("failback", reason="well again", token="t")
    world.run(5)
    assert world.weights == (26, 229)
    world.set_primary(Verdict.SICK).run(8)
    assert world.weights == (0, 255)
    assert world.latches[RECORDS].thrown
    assert get_active_role(world) is RegionRole.STANDBY
    assert not is_moving(world)


def test_sick_standby_returns_users_by_every_lever_in_one_step() -> None:
    world = fail_over().set_primary(Verdict.HEALTHY)
    world.run(120)
    world.set_standby(Verdict.SICK).run(6)
    assert get_users_role(world) is RegionRole.PRIMARY
    assert [latch.thrown for latch in world.latches.values()] == [False, False]
    assert get_active_role(world) is RegionRole.PRIMARY


def test_cancelled_move_throws_no_latch_later() -> None:
    world = make_world_with_both_latches().set_primary(Verdict.SICK).fail_route_53()
    for latch in world.latches.values():
        latch.is_available = False
    world.run(4)
    world.set_primary(Verdict.HEALTHY).restore_all().run(3)
    for latch in world.latches.values():
        latch.is_available = True
    world.run(10)
    assert get_users_role(world) is RegionRole.PRIMARY
    assert True not in [thrown for latch in world.latches.values() for thrown in latch.set_calls]
    assert not is_moving(world)


def test_externally_thrown_latch_is_an_external_change() -> None:
    world = make_world_with_both_latches()
    world.latches[RECORDS].thrown = True
    world.latches[DOMAIN].thrown = True
    world.run(8)
    assert world.state.hold
    assert get_active_role(world) is RegionRole.STANDBY
    assert world.weights == (255, 0)
    assert "a latch was set externally" in world.get_latest_message(EventKind.AUTOMATION_HELD)
    assert world.latches[RECORDS].set_calls == []


def test_names_in_different_regions_hold_automation() -> None:
    world = make_world_with_both_latches()
    world.latches[DOMAIN].thrown = True
    world.run(8)
    assert world.state.hold
    assert get_active_role(world) is RegionRole.PRIMARY


def test_latch_unreadable_for_five_minutes_is_notified_once() -> None:
    world = make_world_with_both_latches()
    world.latches[RECORDS].is_available = False
    world.run(30)
    assert world.event_kinds == []
    world.run(30)
    assert world.event_kinds == [EventKind.LATCH_PROBLEM]
    assert "has not been read for 5 min" in world.get_latest_message(EventKind.LATCH_PROBLEM)
    world.set_primary(Verdict.SICK).run(6)
    assert get_active_role(world) is RegionRole.STANDBY


def test_recovered_latch_is_notified_only_after_failure_event() -> None:
    world = make_world_with_both_latches()
    for rounds, kinds in ((30, []), (60, [EventKind.LATCH_PROBLEM, EventKind.LATCH_RECOVERED])):
        world.latches[DOMAIN].is_available = False
        world.run(rounds)
        world.latches[DOMAIN].is_available = True
        world.run(12)
        assert world.event_kinds == kinds


def test_controller_without_state_adopts_latches() -> None:
    world = fail_over()
    world.memory.lose_state()
    world.restart()
    world.run(2)
    assert get_active_role(world) is RegionRole.STANDBY
    assert world.state.hold is None
    assert world.state.latches[RECORDS].is_thrown


def test_cognito_domain_moves_without_records() -> None:
    world = ControllerHarness(
        None,
        latches=(DOMAIN,),
        domain_name="",
        primary_target="",
        standby_target="",
        managed_login_domain="login.example.com",
        domain_latch_check_id="a1b2",
        latch_bucket="latch-us-east-1",
    ).settle()
    world.set_primary(Verdict.SICK).run(5)
    assert world.latches[DOMAIN].thrown
    assert get_active_role(world) is RegionRole.STANDBY
    assert "assumed" in world.get_latest_message(EventKind.MOVE_CONFIRMED)
    world.set_primary(Verdict.HEALTHY).run(5)
    world.request("failback", reason="well again", token="t")
    world.run(3)
    assert not world.latches[DOMAIN].thrown
    assert get_active_role(world) is RegionRole.PRIMARY


def test_status_shows_each_latch() -> None:
    world = fail_over()
    status = world.request("status")["status"]
    assert status["latches"]["records"]["thrown"]
    assert status["latches"]["domain"]["attached"]
    assert status["latches"]["domain"]["effective_at"]


@pytest.mark.parametrize("latch", [RECORDS, DOMAIN])
def test_abort_before_weights_moved_releases_latches(latch: SteeredName) -> None:
    world = make_world_with_both_latches().fail_route_53()
    world.propagates_changes = False
    world.request("failover", reason="drill", token="t")
    world.run(1)
    assert world.latches[latch].thrown
    world.request("abort", reason="not now", token="a")
    world.propagates_changes = True
    world.restore_all().run(4)
    assert not world.latches[latch].thrown
    assert get_users_role(world) is RegionRole.PRIMARY
    assert not is_moving(world)


@pytest.mark.parametrize("latch", [RECORDS, DOMAIN])
def test_latch_released_externally_during_move_ends_it_unchanged(latch: SteeredName) -> None:
    world = make_world_with_both_latches().set_primary(Verdict.SICK).fail_route_53()
    world.propagates_changes = False
    world.run(4)
    world.latches[latch].thrown = False
    world.run(2)
    assert not is_moving(world)
    assert not world.latches[latch].thrown
    assert f"the latch of the {latch} was released outside the controller" in world.get_latest_message(
        EventKind.MOVE_SUPERSEDED
    )
