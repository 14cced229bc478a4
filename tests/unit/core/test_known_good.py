"""Rules 2 and 3: traffic moves only to a Region seen to serve, and only because of sickness."""

import pytest

from failover.decision.announcement import Kind
from failover.probe.verdict import Verdict
from tests.support.world import World

SICK, HEALTHY = Verdict.SICK, Verdict.HEALTHY
NOT_GOOD = sorted(set(Verdict) - {Verdict.HEALTHY, Verdict.UNVERIFIED})
NEVER_A_CAUSE = sorted(set(Verdict) - {Verdict.SICK, Verdict.HEALTHY})


@pytest.mark.parametrize("standby", NOT_GOOD)
def test_nothing_moves_to_a_standby_that_is_not_known_good(standby: Verdict) -> None:
    world = World().settle().primary(SICK).standby(standby)
    reason = world.run(50)
    assert world.zone.traffic == []
    assert f"us-east-1 is not known to be healthy and ready ({standby})" in reason
    assert world.kinds.count(Kind.BLOCKED) == 1


def test_unverified_tokens_are_no_bar_to_a_failover() -> None:
    world = World().settle().primary(SICK).standby(Verdict.UNVERIFIED)
    world.run(3)
    assert world.weights == (0, 255)


@pytest.mark.parametrize("primary", NEVER_A_CAUSE)
def test_no_other_verdict_than_sick_moves_traffic(primary: Verdict) -> None:
    world = World().settle().primary(primary)
    world.run(100)
    assert world.zone.traffic == []
    assert f"ap-northeast-1 has been {primary} for 3 rounds" in world.said(Kind.CONCERN)
    assert world.kinds == [Kind.CONCERN]


def test_sickness_interrupted_by_throttling_never_adds_up() -> None:
    world = World().settle()
    for _ in range(20):
        world.primary(SICK).run(2)
        world.primary(Verdict.THROTTLED).run(1)
    assert world.zone.traffic == []


def test_a_broken_trigger_moves_traffic_only_where_a_setting_says_so_by_name() -> None:
    world = World(count_trigger_as_sick=True).settle().primary(Verdict.TRIGGER)
    world.run(3)
    assert world.weights == (0, 255)


def test_a_mixture_of_sickness_and_counted_triggers_is_one_sickness() -> None:
    world = World(count_trigger_as_sick=True).settle().primary(Verdict.TRIGGER)
    world.run(1)
    world.primary(SICK).run(1)
    world.primary(Verdict.TRIGGER).run(1)
    assert world.weights == (0, 255)


def test_with_both_sick_nothing_moves_and_both_are_told() -> None:
    world = World().settle().primary(SICK).standby(SICK)
    reason = world.run(30)
    assert world.zone.traffic == []
    assert "Traffic stays where it is: us-east-1 is not known to be healthy and ready (sick)" in reason
    assert world.kinds == [Kind.SUSPECTED, Kind.CONCERN, Kind.BLOCKED]


def test_once_the_standby_can_serve_the_waiting_failover_begins() -> None:
    world = World().settle().primary(SICK).standby(Verdict.NOT_READY)
    world.run(10)
    world.standby(HEALTHY).run(1)
    assert world.weights == (0, 255)


def test_a_controller_cut_off_from_the_world_holds_whatever_it_sees() -> None:
    world = World().settle().primary(SICK)
    world.probe.witness_answers = False
    reason = world.run(50)
    assert world.zone.traffic == []
    assert "No third Region answers: the controller itself may be cut off from the world." in reason


def test_a_standby_that_falls_sick_before_route_53_took_the_move_is_not_moved_to() -> None:
    world = World().settle().primary(SICK)
    world.run(2)
    world.route_53_fails(calls="zone.record_sets").run(1)
    world.all_works().standby(SICK)
    reason = world.run(2)
    assert "waits for a round that sees us-east-1 serve" in reason
    world.run(1)
    assert world.zone.traffic == []
    assert "withdrawn before it moved anybody: us-east-1 has been sick for 3 rounds" in world.said(Kind.MOVE_WITHDRAWN)


def test_the_end_of_a_wanted_move_is_told_once() -> None:
    world = World().settle().primary(SICK).standby(SICK)
    world.run(5)
    world.primary(HEALTHY).standby(HEALTHY).run(15)
    assert world.state.blocked_by == ""
    assert world.kinds.count(Kind.SUSPICION_CLEARED) == 1
    (cleared,) = [each for each in world.told.announcements if each.kind is Kind.SUSPICION_CLEARED]
    assert cleared.sentence.startswith("No move is wanted any more. ap-northeast-1 serves and is healthy.")
    assert world.clock.now - 150 < cleared.at < world.clock.now
