"""Rule 1: a move needs several sick rounds, and a recovery needs more healthy rounds than that."""

import pytest

from cognito_failover.common.region import RegionRole
from cognito_failover.core.failure_detector import Suspicion
from cognito_failover.core.model.event import EventKind
from cognito_failover.core.verdict import Verdict
from tests.support.controller_harness import ControllerHarness

SICK, HEALTHY = Verdict.SICK, Verdict.HEALTHY


def is_moving(world: ControllerHarness) -> bool:
    return world.state.move is not None


def test_first_sick_round_is_reported_as_suspicion_with_numbers() -> None:
    world = ControllerHarness().settle().set_primary(SICK)
    world.run()
    assert world.event_kinds == [EventKind.SUSPECTED]
    suspect = "ap-northeast-1 is suspect, sick in 1 of 1 rounds; 2 more in a row would move users"
    assert suspect in world.get_latest_message(EventKind.SUSPECTED)


@pytest.mark.parametrize(("healthy_rounds", "further_sick_rounds"), [(1, 2), (3, 2), (4, 3), (5, 3), (6, 3), (7, 3)])
def test_three_healthy_rounds_are_offset_by_one_sick_round(healthy_rounds: int, further_sick_rounds: int) -> None:
    world = ControllerHarness().settle().set_primary(SICK)
    world.run(2)
    world.set_primary(HEALTHY).run(healthy_rounds)
    world.set_primary(SICK).run(further_sick_rounds - 1)
    assert world.weights == (255, 0)
    world.run(1)
    assert world.weights == (0, 255)


def test_flapping_region_is_left_without_consecutive_sick_rounds() -> None:
    world = ControllerHarness().settle()
    for _ in range(7):
        world.set_primary(SICK).run(1)
        world.set_primary(HEALTHY).run(2)
    assert world.weights == (0, 255)


def test_rarely_sick_region_is_not_left() -> None:
    world = ControllerHarness().settle()
    for _ in range(30):
        world.set_primary(SICK).run(1)
        reason = world.set_primary(HEALTHY).run(2)
        assert "ap-northeast-1 is suspect, sick in 1 of 3 rounds; 3 more in a row would move users." in reason
        world.run(2)
    assert world.weights == (255, 0)
    assert set(world.event_kinds) == {EventKind.SUSPECTED}


def test_move_starts_only_in_a_sick_round() -> None:
    world = ControllerHarness().settle().set_primary(SICK).set_standby(SICK)
    world.run(20)
    world.set_primary(HEALTHY).set_standby(HEALTHY).run(2)
    assert world.weights == (255, 0)


def test_blocking_rule_is_notified_once_for_flapping_region() -> None:
    world = ControllerHarness().settle().set_standby(Verdict.NOT_READY)
    world.run(3)
    for _ in range(20):
        world.set_primary(SICK).run(2)
        world.set_primary(HEALTHY).run(1)
    assert world.event_kinds.count(EventKind.BLOCKED) == 1
    assert world.event_kinds.count(EventKind.SUSPICION_CLEARED) == 0


def test_suspicion_of_one_region_does_not_apply_to_the_other() -> None:
    world = ControllerHarness().settle().set_primary(SICK)
    world.run(2)
    world.edit_weights(0, 255)
    world.wait(60).set_primary(HEALTHY).set_standby(SICK)
    world.run(1)
    assert world.state.active_role is RegionRole.STANDBY
    assert world.state.active_suspicion.sick_rounds <= 1


def test_rounds_across_silence_are_not_contiguous() -> None:
    world = ControllerHarness().settle().set_primary(SICK)
    world.run(2)
    world.wait(31)
    world.run(2)
    assert world.weights == (255, 0)
    world.run(1)
    assert world.weights == (0, 255)


def test_invocation_handover_keeps_the_count() -> None:
    world = ControllerHarness().settle().set_primary(SICK)
    world.run(2)
    world.wait(15)
    world.run(1)
    assert world.weights == (0, 255)


def test_threshold_is_configurable() -> None:
    world = ControllerHarness(suspect_rounds=5).settle().set_primary(SICK)
    world.run(4)
    assert world.weights == (255, 0)
    world.run(1)
    assert world.weights == (0, 255)


def test_decision_is_made_within_promised_time() -> None:
    world = ControllerHarness().settle()
    fault_at = world.clock.now - world.settings.round_interval_seconds  # just after a healthy round
    world.set_primary(SICK).run(3)
    move = world.state.last_move
    assert move
    assert move.decided_at - fault_at <= world.settings.max_detection_seconds


def test_recently_recovered_primary_is_not_trusted() -> None:
    world = ControllerHarness().settle().set_primary(SICK)
    world.run(4)
    world.set_primary(HEALTHY).set_standby(SICK)
    world.patch_state(cool_down_until=0.0)
    reason = world.run(10)
    assert world.state.active_role is RegionRole.STANDBY
    assert (
        "ap-northeast-1 has been healthy for 10 rounds in a row (1 min 30 s); it counts as recovered after 30" in reason
    )


def test_cancelled_move_needs_full_threshold_again() -> None:
    world = ControllerHarness().settle().set_primary(SICK)
    world.run(2)
    world.fail_route_53(calls="zone.list_record_sets").run(1)
    assert is_moving(world)
    assert world.state.suspicion == Suspicion(role=RegionRole.PRIMARY)
    world.restore_all().set_primary(HEALTHY)
    world.request("abort", reason="it is well", token="a1")
    world.request("acknowledge", reason="it is well")
    assert not is_moving(world)
    world.set_primary(SICK).run(2)
    assert world.weights == (255, 0)
    world.run(1)
    assert world.weights == (0, 255)
