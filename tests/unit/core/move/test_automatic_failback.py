"""Rule 5 with a failback policy: the controller returns users automatically, and only users that it moved."""

from dataclasses import replace
from typing import Any

import pytest

from cognito_failover.common.region import RegionRole
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.model.event import EventKind
from cognito_failover.core.verdict import Verdict
from cognito_failover.settings.controller import FailbackPolicy
from tests.support.controller_harness import ControllerHarness
from tests.support.settings import COGNITO_DOMAIN_ONLY

SICK, HEALTHY = Verdict.SICK, Verdict.HEALTHY
STEPS = [(26, 229), (128, 127), (255, 0)]
RECOVERY_ROUNDS = 6
COOL_DOWN_ROUNDS = 15


def fail_over(policy: FailbackPolicy = FailbackPolicy.STEPPED, **changes: Any) -> ControllerHarness:
    """Return a world after a failover, with a primary that is healthy from now on."""
    defaults: dict[str, Any] = {
        "recovery_rounds": RECOVERY_ROUNDS,
        "cool_down_seconds": 10 * COOL_DOWN_ROUNDS,
        "max_automatic_moves_per_day": 3,
    }
    world = ControllerHarness(failback_policy=policy, **{**defaults, **changes}).settle()
    world.set_primary(SICK).run(6)
    assert (world.state.active_role, world.state.move) == (RegionRole.STANDBY, None)
    world.zone.weight_history.clear()
    world.notifier.events.clear()
    return world.set_primary(HEALTHY)


def assert_on_primary(world: ControllerHarness) -> None:
    assert (world.state.active_role, world.state.move) == (RegionRole.PRIMARY, None)


def run_until_move(world: ControllerHarness, *, rounds: int = 60) -> ControllerHarness:
    for _ in range(rounds):
        if world.state.move:
            return world
        world.run(1)
    raise AssertionError("no move started")


def test_users_return_in_steps_after_recovery_and_cool_down() -> None:
    world = fail_over()
    ended_at = world.state.last_move_ended_at
    assert ended_at
    run_until_move(world)
    assert world.state.move
    assert world.state.move.decided_at >= ended_at + 10 * COOL_DOWN_ROUNDS
    world.run(40)
    assert world.zone.weight_history == STEPS
    assert_on_primary(world)
    assert "Traffic moves from us-east-1 to ap-northeast-1 in steps of 10 %, 50 %, 100 %." in world.get_latest_message(
        EventKind.MOVE_DECIDED
    )
    assert "since it was decided" in world.get_latest_message(EventKind.MOVE_CONFIRMED)


def test_all_at_once_policy_returns_all_users() -> None:
    world = fail_over(FailbackPolicy.ALL_AT_ONCE)
    world.run(COOL_DOWN_ROUNDS + 5)
    assert world.zone.weight_history == [(255, 0)]


def test_manual_policy_never_fails_back_automatically() -> None:
    world = fail_over(FailbackPolicy.MANUAL)
    world.run(200)
    assert world.zone.weight_history == []
    assert "brought back" not in world.state.round_message


def test_pending_failback_states_what_it_waits_for() -> None:
    world = fail_over()
    assert "Users do not return to ap-northeast-1 yet: ap-northeast-1 has been healthy for 1 rounds" in world.run(1)
    world.run(RECOVERY_ROUNDS)
    assert "yet: The cool-down after the last automatic move lasts" in world.run(1)
    assert [kind for kind in world.event_kinds if kind is not EventKind.REGION_RECOVERED] == []


def test_cognito_domain_returns_in_one_step() -> None:
    world = fail_over(FailbackPolicy.STEPPED, latches=(SteeredName.DOMAIN,), **COGNITO_DOMAIN_ONLY)
    assert world.latches[SteeredName.DOMAIN].thrown
    world.run(COOL_DOWN_ROUNDS + 5)
    assert not world.latches[SteeredName.DOMAIN].thrown
    assert world.state.active_role is RegionRole.PRIMARY


def test_primary_sick_between_steps_rolls_back_and_retries_later() -> None:
    world = fail_over(max_automatic_moves_per_day=4)
    run_until_move(world).run(3)
    world.set_primary(SICK).run(6)
    assert world.zone.weight_history == [STEPS[0], (0, 255)]
    world.set_primary(HEALTHY).run(RECOVERY_ROUNDS + COOL_DOWN_ROUNDS + 40)
    assert world.zone.weight_history == [STEPS[0], (0, 255), *STEPS]


def test_uncertain_primary_suspends_failback() -> None:
    world = fail_over()
    run_until_move(world).run(3)
    world.set_primary(Verdict.CANARY_BROKEN).run(30)
    assert world.zone.weight_history == STEPS[:1]


def test_primary_sick_before_first_step_cancels_failback() -> None:
    world = fail_over()
    world.fail_route_53(calls="zone.submit")
    run_until_move(world).run(1)
    world.set_primary(SICK).run(3)
    world.restore_all().run(3)
    assert world.zone.weight_history == []
    assert world.state.active_role is RegionRole.STANDBY


def test_standby_sick_between_steps_moves_all_users_to_primary() -> None:
    world = fail_over()
    run_until_move(world).run(3)
    world.set_standby(SICK).run(4)
    assert world.zone.weight_history == [STEPS[0], (255, 0)]
    assert "takes all users to ap-northeast-1 at once: us-east-1 became sick" in world.get_latest_message(
        EventKind.MOVE_ACCELERATED
    )
    assert world.state.active_role is RegionRole.PRIMARY


def test_sick_standby_ends_manual_failback_at_once_by_every_lever() -> None:
    world = ControllerHarness(weights=(255, 0), latches=tuple(SteeredName), recovery_rounds=RECOVERY_ROUNDS).settle()
    world.set_primary(SICK).run(6)
    world.set_primary(HEALTHY).run(2)
    world.request("failback", reason="well again", token="b1")
    world.run(4)
    assert world.latches[SteeredName.DOMAIN].thrown
    world.set_standby(SICK).run(3)
    assert not any(latch.thrown for latch in world.latches.values())
    assert world.weights == (255, 0)
    world.run(3)
    assert_on_primary(world)


def test_sick_standby_is_left_in_one_step_despite_stepped_policy() -> None:
    world = fail_over()
    world.run(COOL_DOWN_ROUNDS - 6)
    world.set_standby(SICK).run(8)
    assert world.zone.weight_history == [(255, 0)]
    assert world.state.last_move
    assert not world.state.last_move.is_automatic_failback


def test_last_automatic_move_of_day_is_reserved_for_failover() -> None:
    world = fail_over()
    world.patch_state(automatic_move_times=(world.clock.now - 100, world.clock.now - 50))
    reason = world.run(COOL_DOWN_ROUNDS + 20)
    assert world.zone.weight_history == []
    assert "2 automatic moves were made within a day, and the last allowed one is reserved" in reason
    world.set_standby(SICK).run(6)
    assert world.zone.weight_history == [(255, 0)]


def test_failback_starts_when_the_oldest_move_is_a_day_old() -> None:
    world = fail_over()
    first = world.clock.now - 86_400 + 10 * COOL_DOWN_ROUNDS + 100
    world.patch_state(automatic_move_times=(first, world.clock.now - 50))
    run_until_move(world)
    assert world.clock.now - first == pytest.approx(86_400, abs=20)


def test_manual_move_to_standby_disables_automatic_failback() -> None:
    world = ControllerHarness(
        failback_policy=FailbackPolicy.ALL_AT_ONCE, max_automatic_moves_per_day=3, recovery_rounds=6
    ).settle()
    world.request("failover", reason="drill", token="f1")
    world.run(100)
    assert world.zone.weight_history == [(0, 255)]


def test_external_edit_disables_automatic_failback() -> None:
    world = fail_over()
    world.edit_weights(20, 100)
    world.run(7)
    world.request("acknowledge", reason="mine")
    world.run(100)
    assert world.zone.weight_history == []


@pytest.mark.parametrize("rounds", [0, 3])
def test_abort_disables_automatic_failback(rounds: int) -> None:
    world = fail_over(max_automatic_moves_per_day=20)
    if not rounds:
        world.fail_route_53(calls="zone.submit")
    run_until_move(world).run(rounds)
    assert world.request("abort", reason="not today", token="a1")["done"]
    world.restore_all().run(200)
    assert world.state.active_role is RegionRole.STANDBY
    assert world.weights == (0, 255)
    assert world.state.move is None


def test_policy_deployed_while_users_on_standby_moves_no_users() -> None:
    world = fail_over(FailbackPolicy.MANUAL)
    world.settings = replace(world.settings, failback_policy=FailbackPolicy.STEPPED)
    world.restart()
    world.run(200)
    assert world.zone.weight_history == []


@pytest.mark.parametrize(("action", "fields"), [("pause", {"minutes": 60}), ("observe-only", {})])
def test_withheld_failback_is_reported_while_automation_is_off(action: str, fields: dict[str, int]) -> None:
    world = fail_over()
    world.request(action, reason="watching", **fields)
    reason = world.run(COOL_DOWN_ROUNDS + 5)
    assert world.zone.weight_history == []
    assert "Users would have returned to ap-northeast-1, but: " in reason


def test_failback_waits_for_weight_sync_after_latch_move() -> None:
    world = ControllerHarness(
        latches=tuple(SteeredName),
        failback_policy=FailbackPolicy.STEPPED,
        max_automatic_moves_per_day=3,
        recovery_rounds=RECOVERY_ROUNDS,
        cool_down_seconds=150,
    ).settle()
    world.fail_route_53().set_primary(SICK).run(6)
    reason = world.set_primary(HEALTHY).run(COOL_DOWN_ROUNDS + 5)
    assert "The weights of the records are not synced with the last move yet." in reason
    assert world.user_location is RegionRole.STANDBY
    world.restore_all().run(60)
    assert_on_primary(world)
    assert not any(latch.thrown for latch in world.latches.values())


def test_failback_survives_restart_after_every_round() -> None:
    world = fail_over()
    for _ in range(80):
        world.restart()
        world.run(1)
    assert world.zone.weight_history == STEPS
    assert world.state.active_role is RegionRole.PRIMARY
