"""Rule 1: suspect before acting, and believe in a recovery later than in an outage."""

import pytest

from failover.decision.announcement import Kind
from failover.decision.suspicion import Suspicion
from failover.probe.verdict import Verdict
from failover.region import Side
from tests.support.world import World

SICK, HEALTHY = Verdict.SICK, Verdict.HEALTHY


def moving(world: World) -> bool:
    return world.state.move is not None


def test_the_first_sick_round_is_told_as_a_suspicion_with_its_numbers() -> None:
    world = World().settle().primary(SICK)
    world.run()
    assert world.kinds == [Kind.SUSPECTED]
    suspect = "ap-northeast-1 is suspect, sick in 1 of 1 rounds; 2 more in a row would move users"
    assert suspect in world.said(Kind.SUSPECTED)


@pytest.mark.parametrize(("healthy_rounds", "further_sick_rounds"), [(1, 2), (3, 2), (4, 3), (5, 3), (6, 3), (7, 3)])
def test_healthy_rounds_in_between_are_made_up_for_by_one_sick_round_for_every_three(
    healthy_rounds: int, further_sick_rounds: int
) -> None:
    world = World().settle().primary(SICK)
    world.run(2)
    world.primary(HEALTHY).run(healthy_rounds)
    world.primary(SICK).run(further_sick_rounds - 1)
    assert world.weights == (255, 0)
    world.run(1)
    assert world.weights == (0, 255)


def test_a_region_that_comes_and_goes_is_left_though_it_is_never_sick_twice_in_a_row() -> None:
    world = World().settle()
    for _ in range(7):
        world.primary(SICK).run(1)
        world.primary(HEALTHY).run(2)
    assert world.weights == (0, 255)


def test_a_region_that_is_seldom_sick_is_not_left() -> None:
    world = World().settle()
    for _ in range(30):
        world.primary(SICK).run(1)
        reason = world.primary(HEALTHY).run(2)
        assert "ap-northeast-1 is suspect, sick in 1 of 3 rounds; 3 more in a row would move users." in reason
        world.run(2)
    assert world.weights == (255, 0)
    assert set(world.kinds) == {Kind.SUSPECTED}


def test_a_move_begins_only_in_a_round_that_sees_the_region_sick() -> None:
    world = World().settle().primary(SICK).standby(SICK)
    world.run(20)
    world.primary(HEALTHY).standby(HEALTHY).run(2)
    assert world.weights == (255, 0)


def test_a_rule_in_the_way_is_told_once_however_a_region_comes_and_goes() -> None:
    world = World().settle().standby(Verdict.NOT_READY)
    world.run(3)
    for _ in range(20):
        world.primary(SICK).run(2)
        world.primary(HEALTHY).run(1)
    assert world.kinds.count(Kind.BLOCKED) == 1
    assert world.kinds.count(Kind.SUSPICION_CLEARED) == 0


def test_what_was_found_against_one_side_is_not_held_against_the_other() -> None:
    world = World().settle().primary(SICK)
    world.run(2)
    world.someone_sets(0, 255)
    world.wait(60).primary(HEALTHY).standby(SICK)
    world.run(1)
    assert world.state.active is Side.STANDBY
    assert world.state.suspected.sick_rounds <= 1


def test_rounds_before_and_after_a_silence_are_not_in_a_row() -> None:
    world = World().settle().primary(SICK)
    world.run(2)
    world.wait(31)
    world.run(2)
    assert world.weights == (255, 0)
    world.run(1)
    assert world.weights == (0, 255)


def test_the_hand_over_between_two_invocations_does_not_begin_the_count_anew() -> None:
    world = World().settle().primary(SICK)
    world.run(2)
    world.wait(15)
    world.run(1)
    assert world.weights == (0, 255)


def test_the_threshold_is_a_setting() -> None:
    world = World(suspect_rounds=5).settle().primary(SICK)
    world.run(4)
    assert world.weights == (255, 0)
    world.run(1)
    assert world.weights == (0, 255)


def test_the_decision_falls_within_the_time_that_the_settings_promise() -> None:
    world = World().settle()
    fault_at = world.clock.now - world.settings.round_interval_seconds  # just after a healthy round
    world.primary(SICK).run(3)
    move = world.state.last_move
    assert move
    assert move.decided_at - fault_at <= world.settings.decided_within_seconds


def test_a_primary_that_has_recovered_only_lately_is_not_trusted() -> None:
    world = World().settle().primary(SICK)
    world.run(4)
    world.primary(HEALTHY).standby(SICK)
    world.remember(cool_down_until=0.0)
    reason = world.run(10)
    assert world.state.active is Side.STANDBY
    assert (
        "ap-northeast-1 has been healthy for 10 rounds in a row (1 min 30 s); its recovery is believed after 30"
        in reason
    )


def test_a_move_that_was_given_up_needs_as_many_sick_rounds_again() -> None:
    world = World().settle().primary(SICK)
    world.run(2)
    world.route_53_fails(calls="zone.record_sets").run(1)
    assert moving(world)
    assert world.state.suspicion == Suspicion(side=Side.PRIMARY)
    world.all_works().primary(HEALTHY)
    world.request("abort", reason="it is well", token="a1")
    assert not moving(world)
    world.primary(SICK).run(2)
    assert world.weights == (255, 0)
    world.run(1)
    assert world.weights == (0, 255)
