"""Rule 1: suspect before acting, and believe in a recovery later than in an outage."""


from failover.decision.announcement import Kind
from failover.probe.verdict import Verdict
from failover.region import Side
from tests.support.world import World

SICK, HEALTHY = Verdict.SICK, Verdict.HEALTHY


def test_the_first_sick_round_is_told_as_a_suspicion_with_its_numbers() -> None:
    world = World().settle().primary(SICK)
    world.run()
    assert world.kinds == [Kind.SUSPECTED]
    assert "ap-northeast-1 is suspect, sick in 1 of 3 rounds needed" in world.said(Kind.SUSPECTED)


def test_one_healthy_round_in_between_begins_the_count_anew() -> None:
    world = World().settle().primary(SICK)
    world.run(2)
    world.primary(HEALTHY).run(1)
    world.primary(SICK).run(2)
    assert world.weights == (255, 0)
    world.run(1)
    assert world.weights == (0, 255)


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
