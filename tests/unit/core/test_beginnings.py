"""Rule 9: a controller that remembers nothing reads the world first, and waits before it judges."""

from dataclasses import replace
from typing import Any

import pytest

from failover.decision.announcement import Kind
from failover.probe.verdict import Verdict
from failover.region import Side
from tests.support.world import NAME, World

SICK, HEALTHY = Verdict.SICK, Verdict.HEALTHY


def lose_state(world: World) -> World:
    """Delete the state's item from the table, under a controller that goes on."""
    world.memory.lose_state()
    return world


def observing_without_records() -> World:
    """Return a world that a controller has begun in, and looked at twice, which only observes and found no records."""
    world = World(weights=None, observe_only=True)
    world.run(1)
    look_again(world)
    return world


def deployed_to_act(world: World) -> None:
    """Deploy the stack anew, with ObserveOnly=false, and let it look."""
    world.settings = replace(world.settings, observe_only=False)
    world.new_process()
    look_again(world)


def look_again(world: World) -> None:
    """Let rounds pass until the records have been looked at again."""
    world.run(7)


@pytest.mark.parametrize(
    ("weights", "active"), [((255, 0), Side.PRIMARY), ((0, 255), Side.STANDBY), ((0, 7), Side.STANDBY)]
)
def test_the_world_is_taken_as_it_is(weights: tuple[int, int], active: Side) -> None:
    world = World(weights=weights)
    world.run(1)
    assert world.state.active is active
    assert world.weights == weights
    assert world.zone.traffic == []
    assert world.kinds == [Kind.ADOPTED]


def test_records_that_share_the_traffic_are_adopted_but_automation_waits() -> None:
    world = World(weights=(100, 155))
    world.run(1)
    assert world.kinds == [Kind.ADOPTED, Kind.HELD]
    assert "the records send users to no single Region: ap-northeast-1 100, us-east-1 155" in world.said(Kind.HELD)
    world.primary(SICK).run(30)
    assert world.weights == (100, 155)


def test_missing_records_are_created_with_everybody_on_the_primary() -> None:
    world = World(weights=None)
    world.run(1)
    assert world.weights == (255, 0)
    assert len(world.zone.record_sets((f"_region.{NAME}",))) == 2


def test_an_observe_only_stack_creates_nothing() -> None:
    world = World(weights=None, observe_only=True)
    world.run(3)
    assert world.zone.record_sets((NAME,)) == ()


def test_an_observe_only_stack_without_records_says_once_that_there_are_none_yet() -> None:
    world = observing_without_records()
    assert world.kinds == [Kind.ADOPTED, Kind.LEVER_PROBLEM]
    assert "takes the records as they are: there are none yet." in world.said(Kind.ADOPTED)
    assert "auth.example.com has no records yet" in world.said(Kind.LEVER_PROBLEM)
    assert "Deploy with ObserveOnly=false to have its weighted pair created" in world.said(Kind.LEVER_PROBLEM)


def test_it_knows_from_its_first_look_on_that_there_are_none_to_move() -> None:
    world = World(weights=None, observe_only=True)
    world.run(1)
    assert world.state.surveyed
    assert world.state.surveyed.problem.startswith("auth.example.com has no records yet, and a stack that is deployed")


def test_records_that_there_have_never_been_are_created_once_the_stack_may_act() -> None:
    world = observing_without_records()
    deployed_to_act(world)
    assert world.weights == (255, 0)
    assert world.kinds[2:] == [Kind.LEVER_MENDED]
    world.settle().primary(SICK).run(5)
    assert world.weights == (0, 255)


def test_records_that_could_not_be_created_yet_are_created_at_a_later_look() -> None:
    world = observing_without_records()
    world.route_53_fails(calls="zone.submit")
    deployed_to_act(world)
    assert world.zone.record_sets((NAME,)) == ()
    look_again(world.all_works())
    assert world.weights == (255, 0)


def test_records_that_are_refused_before_there_were_any_are_still_created() -> None:
    world = observing_without_records()
    foreign = {"Name": NAME, "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}
    world.zone.edit(foreign)
    look_again(world)
    assert world.state.surveyed
    assert "no records yet" not in world.state.surveyed.problem
    world.zone.remove(foreign)
    deployed_to_act(world)
    assert world.weights == (255, 0)


def test_a_pair_that_a_person_creates_meanwhile_is_taken_as_it_is_and_never_created_again() -> None:
    world = observing_without_records()
    other = World(weights=(255, 0))
    world.zone.edit(*other.zone.record_sets((NAME,)))
    look_again(world)
    assert world.kinds[2:] == [Kind.LEVER_MENDED]
    world.zone.remove(*world.zone.record_sets((NAME,)))
    deployed_to_act(world)
    assert world.zone.record_sets((NAME,)) == ()
    assert "no records any more" in world.said(Kind.LEVER_PROBLEM)


def test_nothing_is_judged_in_the_first_minute() -> None:
    world = World().primary(SICK)
    reason = world.run(6)
    assert world.zone.traffic == []
    assert "The controller has just started; it judges in 10 s." in reason
    world.run(1)
    assert world.zone.traffic == [(0, 255)]


def test_records_that_are_not_understood_at_first_are_a_failure_that_names_them() -> None:
    world = World()
    pair = world.zone.record_sets((NAME,))
    world.zone.edit({**pair[0], "SetIdentifier": "third", "ResourceRecords": [{"Value": "elsewhere.example.net"}]})
    report = world.rounds.run()
    assert report.state is None
    assert "3 weighted records share the name" in report.failure
    assert "nothing moves" in report.reason


def test_route_53_out_of_reach_at_first_is_a_failure_and_tried_again() -> None:
    world = World()
    world.route_53_fails()
    assert "Throttling" in world.rounds.run().failure
    world.all_works().run(1)
    assert world.kinds == [Kind.ADOPTED]


def test_state_lost_before_a_move_moves_nothing() -> None:
    world = World().settle().primary(SICK)
    world.run(2)
    lose_state(world).run(3)
    assert world.zone.traffic == []
    assert world.kinds.count(Kind.ADOPTED) == 1


def test_state_lost_during_a_move_adopts_what_the_move_has_done() -> None:
    world = World().settle().primary(SICK)
    world.servers.hold_back("ns-1.example.net")
    world.run(3)
    lose_state(world).run(20)
    assert world.zone.traffic == [(0, 255)]
    assert world.state.active is Side.STANDBY
    assert world.state.move is None


def test_state_lost_in_the_middle_of_a_stepped_failback_waits_for_a_person() -> None:
    world = World(weights=(0, 255)).settle()
    world.request("failback", reason="well", token="t")
    world.run(3)
    lose_state(world).run(30)
    assert world.zone.traffic == [(26, 229)]
    assert world.state.hold


def test_state_lost_after_a_move_keeps_traffic_where_it_is() -> None:
    world = World().settle().primary(SICK)
    world.run(10)
    lose_state(world).run(30)
    assert world.zone.traffic == [(0, 255)]
    assert world.state.active is Side.STANDBY


def test_a_ledger_out_of_reach_is_not_lost_state() -> None:
    world = World().settle().primary(SICK)
    world.ledger_fails()
    world.new_process()
    for _ in range(10):
        report = world.rounds.run()
        assert report.reason == "The ledger can't be read: nothing moves."
        assert report.failure
        world.clock.now += 10
    assert world.zone.traffic == []


def test_a_ledger_that_can_be_read_but_not_written_moves_nothing() -> None:
    world = World().settle().primary(SICK)
    world.ledger_fails(calls="ledger.save")
    for _ in range(10):
        assert world.rounds.run().failure
        world.clock.now += 10
    assert world.zone.traffic == []


def test_the_operator_says_that_there_is_no_state_yet() -> None:
    answer: dict[str, Any] = World().request("failover", reason="drill", token="t")
    assert answer["refused_by"] == "no-state"
    assert "break_glass.py" in answer["message"]
