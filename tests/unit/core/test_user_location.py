"""Users are where DNS sends them, and the controller protects them there."""

from typing import Any

import pytest

from cognito_failover.common.errors import LeverUnavailableError
from cognito_failover.common.region import RegionRole
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.common.time_budget import CONFIRMATION_TIMEOUT_SECONDS
from cognito_failover.core.model.event import EventKind
from cognito_failover.core.model.location import AnswerCounts, Location, LocationDifference, LocationSource
from cognito_failover.core.user_location import confirm_users_on
from cognito_failover.core.verdict import Verdict
from tests.support.controller_harness import ControllerHarness

HEALTHY, SICK = Verdict.HEALTHY, Verdict.SICK
RECORDS, DOMAIN = SteeredName.RECORDS, SteeredName.DOMAIN
PRIMARY, STANDBY = RegionRole.PRIMARY, RegionRole.STANDBY
LOGIN_DOMAIN: dict[str, Any] = {
    "managed_login_domain": "login.example.com",
    "domain_latch_check_id": "domain-check",
    "latch_bucket": "latch-bucket",
}


def fail_over_by_latch() -> ControllerHarness:
    """Return a world whose users left the primary by the latch alone: Route 53 accepts no changes."""
    world = ControllerHarness(latches=(RECORDS,)).settle().fail_route_53().set_primary(SICK)
    world.run(20)
    assert (world.user_location, world.weights) == (STANDBY, (255, 0))
    return world


def set_latch_by_hand(world: ControllerHarness, name: SteeredName = RECORDS, *, thrown: bool) -> None:
    world.latches[name].thrown = thrown


def test_latch_thrown_by_hand_is_seen_while_route_53_is_unreadable() -> None:
    world = ControllerHarness(latches=(RECORDS,)).settle().fail_route_53()
    set_latch_by_hand(world, thrown=True)
    world.run(7)
    assert world.user_location is STANDBY
    assert world.state.users_role is STANDBY
    assert "a latch was set externally" in world.get_latest_message(EventKind.AUTOMATION_HELD)


def test_users_under_a_hold_are_rescued_when_their_region_falls_sick() -> None:
    world = ControllerHarness(latches=(RECORDS,)).settle().fail_route_53()
    set_latch_by_hand(world, thrown=True)
    world.run(20)
    world.set_standby(SICK).run(8)
    assert world.user_location is PRIMARY
    assert world.state.hold, "a rescue does not acknowledge for the person"


@pytest.mark.parametrize("paused", [False, True])
@pytest.mark.parametrize("is_switch_readable", [True, False])
def test_weights_do_not_follow_users_who_were_brought_home(paused: bool, is_switch_readable: bool) -> None:
    world = fail_over_by_latch()
    if paused:
        world.request("pause", minutes=1000, reason="night shift")
    world.set_primary(HEALTHY)
    set_latch_by_hand(world, thrown=False)
    world.latches[RECORDS].is_available = is_switch_readable
    world.run(2)
    assert world.user_location is PRIMARY
    world.restore_all().run(60)
    assert (world.user_location, world.weights) == (PRIMARY, (255, 0))
    assert world.zone.weight_history == []
    assert world.state.pending_weight_sync is None


def test_users_who_were_brought_home_to_a_dead_primary_are_rescued() -> None:
    world = fail_over_by_latch()
    set_latch_by_hand(world, thrown=False)
    world.run(3)
    assert world.user_location is PRIMARY
    world.run(100)
    assert world.user_location is STANDBY, "the hold keeps users in a sick Region for 15 minutes at most"


def test_weights_wait_while_the_region_with_the_users_is_sick() -> None:
    world = fail_over_by_latch()
    world.set_standby(SICK).restore_all().run(12)
    assert world.weights == (255, 0)
    world.set_standby(HEALTHY).run(12)
    assert world.weights == (0, 255)


def test_failback_moves_the_name_that_is_left() -> None:
    world = ControllerHarness(latches=(RECORDS, DOMAIN), **LOGIN_DOMAIN).settle()
    set_latch_by_hand(world, DOMAIN, thrown=True)
    world.run(20)
    answer = world.invoke_operator("failback", reason="home", token="t", mode="all-at-once")
    world.run(5)
    assert answer["done"]
    assert not world.latches[DOMAIN].thrown


@pytest.mark.parametrize("is_switch_readable", [True, False])
def test_drill_ends_where_a_person_put_the_users(is_switch_readable: bool) -> None:
    world = ControllerHarness(latches=(RECORDS,)).settle()
    assert world.request("drill", kind="lever-test", reason="monthly", token="t")["done"]
    world.run(2)
    world.latches[RECORDS].thrown = True
    world.latches[RECORDS].is_available = is_switch_readable
    world.run(60)
    assert world.state.drill is None
    assert world.state.move is None
    assert world.user_location is STANDBY
    world.latches[RECORDS].is_available = True
    world.run(10)
    assert world.invoke_operator("failback", reason="home", token="u", mode="all-at-once")["done"]
    world.run(5)
    assert world.user_location is PRIMARY


def test_unconfirmed_move_does_not_bar_the_rescue_from_its_target() -> None:
    world = ControllerHarness(recovery_rounds=6).settle().set_primary(SICK)
    world.name_servers.freeze("ns-1.example.net")
    world.run(int(CONFIRMATION_TIMEOUT_SECONDS / 10) + 3)
    assert world.state.move
    world.set_primary(HEALTHY).set_standby(SICK).run(8)
    assert world.weights == (255, 0)


def test_rollback_that_is_not_confirmed_does_not_bar_a_rescue() -> None:
    world = ControllerHarness().settle()
    world.name_servers.freeze("ns-1.example.net")
    world.invoke_operator("failover", reason="drill", token="t")
    world.name_servers.freeze("ns-2.example.org")
    world.invoke_operator("abort", reason="wrong day", token="u")
    world.run(20)
    assert world.state.move
    world.set_primary(SICK).run(5)
    assert world.weights == (0, 255)


def test_person_can_act_by_the_latch_after_a_superseded_move() -> None:
    world = ControllerHarness(latches=(RECORDS,)).settle()
    world.name_servers.freeze("ns-1.example.net")
    world.invoke_operator("failover", reason="drill", token="t")
    set_latch_by_hand(world, thrown=False)
    world.fail_route_53().run(2)
    assert EventKind.MOVE_SUPERSEDED in world.event_kinds
    assert world.invoke_operator("failover", reason="again", token="u")["done"]
    world.run(3)
    assert world.user_location is STANDBY
    assert world.invoke_operator("acknowledge", reason="seen")["done"]


def test_move_whose_latch_gave_no_answer_is_started_once_users_move() -> None:
    world = ControllerHarness(latches=(RECORDS,)).settle().set_primary(SICK)
    world.run(2)
    world.fail_route_53().lose_response("latch-records.set")
    world.run(1)
    world.latches[RECORDS].is_available = False
    world.set_primary(HEALTHY).run(20)
    world.latches[RECORDS].is_available = True
    world.restore_all().run(5)
    assert world.user_location is world.state.active_role is STANDBY
    assert EventKind.MOVE_CANCELLED not in world.event_kinds
    assert "before it moved users" not in " ".join(event.message for event in world.notifier.events)


def test_health_check_of_the_owner_that_moves_users_is_reported() -> None:
    world = ControllerHarness().settle().run_quietly(12)
    world.is_owner_check_healthy = False
    world.run(12)
    assert "DNS sends 100 % of the users" in world.get_latest_message(EventKind.LOCATION_DIFFERS)
    assert world.state.users_role is STANDBY
    world.is_owner_check_healthy = True
    world.run(8)
    assert "again, as decided" in world.get_latest_message(EventKind.LOCATION_RESTORED)
    assert world.event_kinds.count(EventKind.LOCATION_DIFFERS) == 1


def test_users_elsewhere_without_a_lever_are_reported_and_not_moved() -> None:
    world = ControllerHarness().settle().run_quietly(12)
    world.is_owner_check_healthy = False
    world.run(12)
    world.set_standby(SICK).run(12)
    assert world.state.blocked_by == "lever-available"
    assert world.zone.weight_history == []


def test_weights_of_equal_ratio_mean_the_same() -> None:
    world = ControllerHarness(weights=(100, 0)).settle()
    assert world.event_kinds == []
    assert world.request("drill", kind="switchover", reason="monthly", token="t", dry_run=True)["done"]
    world.edit_weights(7, 0)
    world.run(12)
    assert world.event_kinds == []


def test_location_without_an_answer_confirms_nothing() -> None:
    location = Location(observed_at=1.0, source=LocationSource.NAME, servers={"ns-1": AnswerCounts(missing=3)})
    confirmation = confirm_users_on(location, STANDBY, region="us-east-1")
    assert not confirmation.moved
    assert confirmation.detail.startswith("0 of 1 name servers answer with us-east-1 only")


def test_silent_name_servers_do_not_end_a_difference() -> None:
    world = ControllerHarness().settle().run_quietly(12)
    world.is_owner_check_healthy = False
    world.run(12)
    world.name_servers.silent.update({"ns-1.example.net", "ns-2.example.org"})
    world.run(3)
    assert world.state.users_role is STANDBY
    assert world.event_kinds.count(EventKind.LOCATION_RESTORED) == 0


def test_hold_names_a_latch_that_was_released_by_hand() -> None:
    world = fail_over_by_latch()
    set_latch_by_hand(world, thrown=False)
    world.run(30)
    assert "a latch was released externally" in world.get_latest_message(EventKind.AUTOMATION_HELD)


def test_stepped_failback_is_refused_while_only_the_latch_holds_users() -> None:
    world = fail_over_by_latch().set_primary(HEALTHY).run_quietly(1)
    answer = world.invoke_operator("failback", reason="home", token="t")
    assert (answer["done"], answer["refused_by"]) == (False, "weights-synced")
    assert world.user_location is STANDBY
    world.invoke_operator("failback", reason="home", token="u", mode="all-at-once")
    world.run(3)
    assert world.user_location is PRIMARY


def test_latch_that_takes_writes_but_no_reads_still_moves_users() -> None:
    world = ControllerHarness(latches=(RECORDS,)).settle().set_primary(SICK)

    def refuse(call_name: str) -> None:
        if call_name.startswith("zone.") or call_name in {"latch-records.read_revision", "latch-records.refresh"}:
            raise LeverUnavailableError(f"{call_name} gave no answer")

    world.fault_injector.before_call = refuse
    world.run(8)
    assert world.user_location is STANDBY


def test_started_move_pulls_no_lever_towards_a_region_that_has_died() -> None:
    world = ControllerHarness(latches=(RECORDS, DOMAIN), **LOGIN_DOMAIN).settle()
    world.latches[DOMAIN].is_available = False
    world.invoke_operator("failover", reason="maintenance", token="t")
    world.request("pause", minutes=1000, reason="maintenance")
    world.set_standby(SICK).run(2)
    world.latches[DOMAIN].is_available = True
    world.run(8)
    assert True not in world.latches[DOMAIN].set_calls


def test_edit_to_the_same_ratio_does_not_stop_a_later_failover() -> None:
    world = ControllerHarness().settle()
    world.edit_weights(100, 0)
    world.run(8)
    world.set_primary(SICK).run(6)
    assert world.user_location is world.state.active_role is STANDBY


def test_name_without_a_location_counts_as_decided() -> None:
    world = ControllerHarness(latches=(RECORDS, DOMAIN), **LOGIN_DOMAIN).settle()
    location = Location(observed_at=1.0, source=LocationSource.CHECK_RECORD, servers={"ns-1": AnswerCounts(standby=3)})
    difference = LocationDifference(since=1.0, location=location, looks=2)
    world.patch_state(locations={DOMAIN: location}, differences={DOMAIN: difference})
    assert world.state.user_roles == {PRIMARY, STANDBY}


def test_small_share_of_split_weights_is_rescued_though_no_look_shows_it() -> None:
    world = ControllerHarness().settle()
    world.edit_weights(230, 25)
    world.run(20)
    world.patch_state(differences={})
    assert world.state.user_roles == {PRIMARY, STANDBY}
    world.set_standby(SICK).run(40)
    assert world.weights == (255, 0)


def test_domain_that_does_not_follow_its_latch_ends_the_move_in_time() -> None:
    world = ControllerHarness(latches=(RECORDS, DOMAIN), **LOGIN_DOMAIN).settle()
    vars(world.latches[DOMAIN])["propagate"] = lambda: None
    world.set_primary(SICK).run(int(CONFIRMATION_TIMEOUT_SECONDS / world.settings.round_interval_seconds))
    assert EventKind.MOVE_SUPERSEDED not in world.event_kinds
    world.run(4)
    assert world.state.move is None
    assert "DNS sends all users of login.example.com to ap-northeast-1" in world.get_latest_message(
        EventKind.MOVE_SUPERSEDED
    )


def test_records_that_do_not_follow_their_weights_end_the_move_in_time() -> None:
    world = ControllerHarness((0, 255)).settle()
    world.is_owner_check_healthy = False
    world.request("failback", reason="home", token="t", mode="all-at-once")
    world.run(int(CONFIRMATION_TIMEOUT_SECONDS / world.settings.round_interval_seconds))
    assert EventKind.MOVE_SUPERSEDED not in world.event_kinds
    world.run(4)
    assert world.state.move is None
    assert "DNS sends all users of auth.example.com to us-east-1" in world.get_latest_message(EventKind.MOVE_SUPERSEDED)
