"""Rule 5: manual failback, in steps with a bake time after each, or all at once."""

import pytest

from cognito_failover.common.region import RegionRole
from cognito_failover.core.model.event import EventKind
from cognito_failover.core.verdict import Verdict
from tests.support.controller_harness import ControllerHarness

SICK, HEALTHY = Verdict.SICK, Verdict.HEALTHY
STEPS = [(26, 229), (128, 127), (255, 0)]


@pytest.fixture
def world() -> ControllerHarness:
    """Return a world with users on the standby and a healthy primary."""
    return ControllerHarness(weights=(0, 255)).settle()


def request_failback(world: ControllerHarness, **fields: str) -> ControllerHarness:
    answer = world.request("failback", reason="primary is well", token="back", **fields)
    assert answer["done"], answer
    return world


def test_failback_steps_are_10_50_and_100_percent(world: ControllerHarness) -> None:
    request_failback(world).run(40)
    assert world.zone.weight_history == STEPS
    assert world.event_kinds.count(EventKind.STEP_CONFIRMED) == 2
    assert world.state.active_role is RegionRole.PRIMARY


def test_timely_steps_are_not_reported_as_late(world: ControllerHarness) -> None:
    request_failback(world).run(40)
    assert world.state.last_move
    assert world.clock.now - world.state.last_move.decided_at > 120
    assert EventKind.MOVE_DELAYED not in world.event_kinds


def test_late_step_is_reported_after_start(world: ControllerHarness) -> None:
    request_failback(world)
    while len(world.zone.weight_history) < 1:
        world.run(1)
    world.fail_route_53("Throttling")
    world.run(40)
    assert world.event_kinds.count(EventKind.MOVE_DELAYED) == 1


def test_each_step_bakes_for_one_ttl_while_sign_ins_are_watched(world: ControllerHarness) -> None:
    request_failback(world).run(2)
    confirmed_at = world.state.move.step_confirmed_at if world.state.move else None
    assert confirmed_at
    reason = world.run(1)
    assert "waits at 10 % for" in reason
    assert "ap-northeast-1 is healthy" in reason
    while world.zone.weight_history == STEPS[:1]:
        world.run(1)
    assert world.clock.now - world.settings.round_interval_seconds - confirmed_at == 60


def test_all_at_once_failback_moves_all_users(world: ControllerHarness) -> None:
    request_failback(world, mode="all-at-once").run(2)
    assert world.zone.weight_history == [(255, 0)]


@pytest.mark.parametrize(("rounds", "taken"), [(3, STEPS[:1]), (11, STEPS[:2])])
def test_target_becoming_sick_between_steps_rolls_back(
    world: ControllerHarness, rounds: int, taken: list[tuple[int, int]]
) -> None:
    request_failback(world).run(rounds)
    world.set_primary(SICK).run(5)
    assert world.zone.weight_history == [*taken, (0, 255)]
    assert "Traffic goes back to us-east-1: ap-northeast-1 became sick at" in world.get_latest_message(
        EventKind.MOVE_ROLLING_BACK
    )
    assert world.state.active_role is RegionRole.STANDBY
    assert world.state.move is None


def test_unknown_target_suspends_failback(world: ControllerHarness) -> None:
    request_failback(world).run(3)
    world.set_primary(Verdict.UNKNOWN)
    reason = world.run(30)
    assert world.zone.weight_history == STEPS[:1]
    assert "waits at 10 %: ap-northeast-1 is unknown" in reason
    world.set_primary(HEALTHY).run(30)
    assert world.zone.weight_history == STEPS


def test_both_sick_suspends_partial_failback(world: ControllerHarness) -> None:
    request_failback(world).run(3)
    world.set_primary(SICK).set_standby(SICK).run(20)
    assert world.zone.weight_history == STEPS[:1]


def test_last_step_is_completed_despite_sick_target(world: ControllerHarness) -> None:
    request_failback(world)
    while world.zone.weight_history != STEPS[:2]:
        world.run(1)
    world.name_servers.freeze("ns-1.example.net")
    while world.zone.weight_history != STEPS:
        world.run(1)
    world.set_primary(SICK).run(4)
    assert world.zone.weight_history == STEPS
    world.name_servers.stale_records.clear()
    world.run(1)
    assert world.state.active_role is RegionRole.PRIMARY


@pytest.mark.parametrize("standby", [HEALTHY, Verdict.UNKNOWN, SICK])
def test_last_step_is_not_begun_once_its_target_is_sick(world: ControllerHarness, standby: Verdict) -> None:
    request_failback(world)
    while world.zone.weight_history != STEPS[:2]:
        world.run(1)
    world.fail_route_53(calls="zone.submit").run(10)
    assert world.state.move
    assert world.state.move.is_on_last_step
    world.set_primary(SICK).set_standby(standby).run(1)
    world.restore_all().run(6)
    assert STEPS[2] not in world.zone.weight_history
    world.set_standby(HEALTHY).run(6)
    assert world.weights == (0, 255)
    assert "ap-northeast-1 became sick before the last step" in world.get_latest_message(EventKind.MOVE_ROLLING_BACK)


def test_step_is_not_confirmed_before_route_53_is_in_sync(world: ControllerHarness) -> None:
    world.propagates_changes = False
    request_failback(world).run(20)
    assert world.zone.weight_history == STEPS[:1]
    assert EventKind.STEP_CONFIRMED not in world.event_kinds


def test_no_automatic_failback_while_standby_is_healthy(world: ControllerHarness) -> None:
    world.run(500)
    assert world.zone.weight_history == []


def test_sick_standby_during_failback_is_notified(world: ControllerHarness) -> None:
    request_failback(world).run(2)
    world.set_standby(SICK).run(3)
    assert "us-east-1 has been sick for 3 rounds" in world.get_latest_message(EventKind.REGION_DEGRADED)


@pytest.mark.parametrize("weights", [(255, 0), (0, 255), (64, 191)])
def test_external_edit_during_bake_time_is_detected_next_round(
    world: ControllerHarness, weights: tuple[int, int]
) -> None:
    request_failback(world).run(3)
    assert world.state.move
    assert world.state.move.step_confirmed_at
    world.edit_weights(*weights)
    world.run(1)
    assert "the records were changed outside the controller during the move" in world.get_latest_message(
        EventKind.MOVE_SUPERSEDED
    )
    assert world.weights == weights


def test_route_53_outage_during_bake_time_is_tolerated(world: ControllerHarness) -> None:
    request_failback(world).run(3)
    world.fail_route_53().run(2)
    assert world.state.move
    assert not world.state.move.last_error
    world.restore_all().run(30)
    assert world.zone.weight_history == STEPS
