"""Rule 5: failback by hand, in steps with a look between them, or in one."""

import pytest

from failover.decision.announcement import Kind
from failover.probe.verdict import Verdict
from failover.region import Side
from tests.support.world import World

SICK, HEALTHY = Verdict.SICK, Verdict.HEALTHY
STEPS = [(26, 229), (128, 127), (255, 0)]


@pytest.fixture
def world() -> World:
    """Return a world that serves from the standby, its primary well again."""
    return World(weights=(0, 255)).settle()


def asked_back(world: World, **fields: str) -> World:
    answer = world.request("failback", reason="primary is well", token="back", **fields)
    assert answer["done"], answer
    return world


def test_a_failback_takes_10_50_and_100_percent(world: World) -> None:
    asked_back(world).run(40)
    assert world.zone.traffic == STEPS
    assert world.kinds.count(Kind.STEP_CONFIRMED) == 2
    assert world.state.active is Side.PRIMARY


def test_a_failback_whose_steps_are_each_on_time_is_not_called_late(world: World) -> None:
    asked_back(world).run(40)
    assert world.state.last_move
    assert world.clock.now - world.state.last_move.decided_at > 120
    assert Kind.MOVE_DELAYED not in world.kinds


def test_a_late_step_is_told_even_in_a_move_that_has_begun(world: World) -> None:
    asked_back(world)
    while len(world.zone.traffic) < 1:
        world.run(1)
    world.route_53_fails("Throttling")
    world.run(40)
    assert world.kinds.count(Kind.MOVE_DELAYED) == 1


def test_each_step_rests_for_a_ttl_while_logins_are_watched(world: World) -> None:
    asked_back(world).run(2)
    confirmed_at = world.state.move.step_confirmed_at if world.state.move else None
    assert confirmed_at
    reason = world.run(1)
    assert "rests at 10 % for" in reason
    assert "ap-northeast-1 is well" in reason
    while world.zone.traffic == STEPS[:1]:
        world.run(1)
    assert world.clock.now - world.settings.round_interval_seconds - confirmed_at == 60


def test_a_failback_in_one_takes_everybody_at_once(world: World) -> None:
    asked_back(world, pace="in-one").run(2)
    assert world.zone.traffic == [(255, 0)]


@pytest.mark.parametrize(("rounds", "taken"), [(3, STEPS[:1]), (11, STEPS[:2])])
def test_a_target_that_falls_sick_between_steps_turns_the_failback_round(
    world: World, rounds: int, taken: list[tuple[int, int]]
) -> None:
    asked_back(world).run(rounds)
    world.primary(SICK).run(5)
    assert world.zone.traffic == [*taken, (0, 255)]
    assert "Traffic goes back to us-east-1: ap-northeast-1 fell sick at" in world.said(Kind.MOVE_REVERTING)
    assert world.state.active is Side.STANDBY
    assert world.state.move is None


def test_a_target_that_is_not_known_stops_the_failback_where_it_is(world: World) -> None:
    asked_back(world).run(3)
    world.primary(Verdict.UNKNOWN)
    reason = world.run(30)
    assert world.zone.traffic == STEPS[:1]
    assert "waits at 10 %: ap-northeast-1 is unknown" in reason
    world.primary(HEALTHY).run(30)
    assert world.zone.traffic == STEPS


def test_with_both_sick_a_partial_failback_neither_goes_on_nor_back(world: World) -> None:
    asked_back(world).run(3)
    world.primary(SICK).standby(SICK).run(20)
    assert world.zone.traffic == STEPS[:1]


def test_the_last_step_is_carried_to_its_end(world: World) -> None:
    asked_back(world)
    while world.zone.traffic != STEPS[:2]:
        world.run(1)
    world.servers.hold_back("ns-1.example.net")
    while world.zone.traffic != STEPS:
        world.run(1)
    world.primary(SICK).run(4)
    assert world.zone.traffic == STEPS
    world.servers.behind.clear()
    world.run(1)
    assert world.state.active is Side.PRIMARY


def test_a_step_needs_in_sync_and_the_record_read_back(world: World) -> None:
    world.spreads = False
    asked_back(world).run(20)
    assert world.zone.traffic == STEPS[:1]
    assert Kind.STEP_CONFIRMED not in world.kinds


def test_nothing_fails_back_by_itself_while_the_standby_serves_well(world: World) -> None:
    world.run(500)
    assert world.zone.traffic == []


def test_a_standby_that_falls_sick_during_a_failback_is_told(world: World) -> None:
    asked_back(world).run(2)
    world.standby(SICK).run(3)
    assert "us-east-1 has been sick for 3 rounds" in world.said(Kind.CONCERN)


@pytest.mark.parametrize("weights", [(255, 0), (0, 255), (64, 191)])
def test_records_that_somebody_edits_while_a_step_rests_are_noticed_in_the_next_round(
    world: World, weights: tuple[int, int]
) -> None:
    asked_back(world).run(3)
    assert world.state.move
    assert world.state.move.step_confirmed_at
    world.someone_sets(*weights)
    world.run(1)
    assert "somebody else changed the records during the move" in world.said(Kind.MOVE_OVERTAKEN)
    assert world.weights == weights


def test_while_a_step_rests_route_53_may_be_out_of_reach(world: World) -> None:
    asked_back(world).run(3)
    world.route_53_fails().run(2)
    assert world.state.move
    assert not world.state.move.trouble
    world.all_works().run(30)
    assert world.zone.traffic == STEPS
