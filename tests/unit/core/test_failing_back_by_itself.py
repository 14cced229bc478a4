"""Rule 5, where a policy asks for it: users come back by themselves, in steps, and only those whom it moved itself."""

from dataclasses import replace
from typing import Any

import pytest

from failover.decision.announcement import Kind
from failover.levers.latch import LatchName
from failover.probe.verdict import Verdict
from failover.region import Side
from failover.settings import FailbackPolicy
from tests.support.settings import DOMAIN_ONLY
from tests.support.world import World

SICK, HEALTHY = Verdict.SICK, Verdict.HEALTHY
STEPS = [(26, 229), (128, 127), (255, 0)]
RECOVERY_ROUNDS = 6
COOL_DOWN_ROUNDS = 15


def failed_over(policy: FailbackPolicy = FailbackPolicy.IN_STEPS, **changes: Any) -> World:
    """Return a world whose primary died, whose users were moved, and whose primary is well again from now on."""
    usual: dict[str, Any] = {
        "recovery_rounds": RECOVERY_ROUNDS,
        "cool_down_seconds": 10 * COOL_DOWN_ROUNDS,
        "max_automatic_moves_per_day": 3,
    }
    world = World(failback_policy=policy, **{**usual, **changes}).settle()
    world.primary(SICK).run(6)
    assert (world.state.active, world.state.move) == (Side.STANDBY, None)
    world.zone.traffic.clear()
    world.told.announcements.clear()
    return world.primary(HEALTHY)


def assert_over(world: World) -> None:
    assert (world.state.active, world.state.move) == (Side.PRIMARY, None)


def until_a_move(world: World, *, rounds: int = 60) -> World:
    for _ in range(rounds):
        if world.state.move:
            return world
        world.run(1)
    raise AssertionError("no move began")


def test_users_come_back_in_steps_once_the_primary_has_recovered_and_the_cool_down_is_over() -> None:
    world = failed_over()
    ended_at = world.state.last_move_ended_at
    assert ended_at
    until_a_move(world)
    assert world.state.move
    assert world.state.move.decided_at >= ended_at + 10 * COOL_DOWN_ROUNDS
    world.run(40)
    assert world.zone.traffic == STEPS
    assert_over(world)
    assert "Traffic moves from us-east-1 to ap-northeast-1 in steps of 10 %, 50 %, 100 %." in world.said(
        Kind.MOVE_DECIDED
    )
    assert "since it was decided" in world.said(Kind.MOVE_CONFIRMED)


def test_users_come_back_at_once_where_that_is_the_policy() -> None:
    world = failed_over(FailbackPolicy.IN_ONE)
    world.run(COOL_DOWN_ROUNDS + 5)
    assert world.zone.traffic == [(255, 0)]


def test_nobody_comes_back_by_himself_unless_the_policy_says_so() -> None:
    world = failed_over(FailbackPolicy.MANUAL)
    world.run(200)
    assert world.zone.traffic == []
    assert "brought back" not in world.state.reason


def test_it_says_what_users_wait_for() -> None:
    world = failed_over()
    assert (
        "Users are not brought back to ap-northeast-1 yet: ap-northeast-1 has been healthy for 1 rounds" in world.run(1)
    )
    world.run(RECOVERY_ROUNDS)
    assert "yet: The cool-down after the last automatic move lasts" in world.run(1)
    assert [kind for kind in world.kinds if kind is not Kind.RECOVERED] == []


def test_cognitos_own_domain_comes_back_as_a_whole() -> None:
    world = failed_over(FailbackPolicy.IN_STEPS, latches=(LatchName.DOMAIN,), **DOMAIN_ONLY)
    assert world.latches[LatchName.DOMAIN].thrown
    world.run(COOL_DOWN_ROUNDS + 5)
    assert not world.latches[LatchName.DOMAIN].thrown
    assert world.state.active is Side.PRIMARY


def test_a_primary_that_falls_sick_between_two_steps_turns_it_round_and_it_is_tried_again_later() -> None:
    world = failed_over(max_automatic_moves_per_day=4)
    until_a_move(world).run(3)
    world.primary(SICK).run(6)
    assert world.zone.traffic == [STEPS[0], (0, 255)]
    world.primary(HEALTHY).run(RECOVERY_ROUNDS + COOL_DOWN_ROUNDS + 40)
    assert world.zone.traffic == [STEPS[0], (0, 255), *STEPS]


def test_a_primary_that_is_in_doubt_stops_it_where_it_is() -> None:
    world = failed_over()
    until_a_move(world).run(3)
    world.primary(Verdict.CANARY_BROKEN).run(30)
    assert world.zone.traffic == STEPS[:1]


def test_a_primary_that_falls_sick_before_the_first_step_withdraws_it() -> None:
    world = failed_over()
    world.route_53_fails(calls="zone.submit")
    until_a_move(world).run(1)
    world.primary(SICK).run(3)
    world.all_works().run(3)
    assert world.zone.traffic == []
    assert world.state.active is Side.STANDBY


def test_a_standby_that_falls_sick_between_two_steps_sends_everybody_to_the_primary_at_once() -> None:
    world = failed_over()
    until_a_move(world).run(3)
    world.standby(SICK).run(4)
    assert world.zone.traffic == [STEPS[0], (255, 0)]
    assert "takes all users to ap-northeast-1 at once: us-east-1 fell sick" in world.said(Kind.MOVE_HASTENED)
    assert world.state.active is Side.PRIMARY


def test_the_same_holds_for_a_failback_that_a_person_asked_for_and_for_every_latch() -> None:
    world = World(weights=(255, 0), latches=tuple(LatchName), recovery_rounds=RECOVERY_ROUNDS).settle()
    world.primary(SICK).run(6)
    world.primary(HEALTHY).run(2)
    world.request("failback", reason="well again", token="b1")
    world.run(4)
    assert world.latches[LatchName.DOMAIN].thrown
    world.standby(SICK).run(3)
    assert not any(latch.thrown for latch in world.latches.values())
    assert world.weights == (255, 0)
    world.run(3)
    assert_over(world)


def test_a_sick_standby_is_left_in_one_step_whatever_the_policy() -> None:
    world = failed_over()
    world.run(COOL_DOWN_ROUNDS - 6)
    world.standby(SICK).run(8)
    assert world.zone.traffic == [(255, 0)]
    assert world.state.last_move
    assert not world.state.last_move.returning


def test_the_days_last_automatic_move_is_kept_for_a_failover() -> None:
    world = failed_over()
    world.remember(automatic_moves=(world.clock.now - 100, world.clock.now - 50))
    reason = world.run(COOL_DOWN_ROUNDS + 20)
    assert world.zone.traffic == []
    assert "2 automatic moves were made within a day, and the last of them that is allowed is kept" in reason
    world.standby(SICK).run(6)
    assert world.zone.traffic == [(255, 0)]


def test_it_begins_when_the_day_is_over() -> None:
    world = failed_over()
    first = world.clock.now - 86_400 + 10 * COOL_DOWN_ROUNDS + 100
    world.remember(automatic_moves=(first, world.clock.now - 50))
    until_a_move(world)
    assert world.clock.now - first == pytest.approx(86_400, abs=20)


def test_a_person_who_moves_users_to_the_standby_decides_when_they_come_back() -> None:
    world = World(failback_policy=FailbackPolicy.IN_ONE, max_automatic_moves_per_day=3, recovery_rounds=6).settle()
    world.request("failover", reason="drill", token="f1")
    world.run(100)
    assert world.zone.traffic == [(0, 255)]


def test_a_person_who_edits_the_records_decides_it_too() -> None:
    world = failed_over()
    world.someone_sets(0, 100)
    world.run(7)
    world.request("acknowledge", reason="mine")
    world.run(100)
    assert world.zone.traffic == []


@pytest.mark.parametrize("rounds", [0, 3])
def test_a_person_who_aborts_it_decides_it_from_then_on(rounds: int) -> None:
    world = failed_over(max_automatic_moves_per_day=20)
    if not rounds:
        world.route_53_fails(calls="zone.submit")
    until_a_move(world).run(rounds)
    assert world.request("abort", reason="not today", token="a1")["done"]
    world.all_works().run(200)
    assert world.state.active is Side.STANDBY
    assert world.weights == (0, 255)
    assert world.state.move is None


def test_a_policy_that_is_deployed_while_users_are_away_moves_nobody() -> None:
    world = failed_over(FailbackPolicy.MANUAL)
    world.settings = replace(world.settings, failback_policy=FailbackPolicy.IN_STEPS)
    world.new_process()
    world.run(200)
    assert world.zone.traffic == []


@pytest.mark.parametrize(("action", "fields"), [("pause", {"minutes": 60}), ("observe-only", {})])
def test_under_a_person_who_abstains_it_says_what_it_would_have_done(action: str, fields: dict[str, int]) -> None:
    world = failed_over()
    world.request(action, reason="watching", **fields)
    reason = world.run(COOL_DOWN_ROUNDS + 5)
    assert world.zone.traffic == []
    assert "Users would have been brought back to ap-northeast-1, but: " in reason


def test_it_waits_until_the_weights_have_followed_a_move_of_the_latch() -> None:
    world = World(
        latches=tuple(LatchName),
        failback_policy=FailbackPolicy.IN_STEPS,
        max_automatic_moves_per_day=3,
        recovery_rounds=RECOVERY_ROUNDS,
        cool_down_seconds=150,
    ).settle()
    world.route_53_fails().primary(SICK).run(6)
    reason = world.primary(HEALTHY).run(COOL_DOWN_ROUNDS + 5)
    assert "The weights of the records still have to follow the last move." in reason
    assert world.users is Side.STANDBY
    world.all_works().run(60)
    assert_over(world)
    assert not any(latch.thrown for latch in world.latches.values())


def test_it_survives_the_end_of_the_process_after_every_round() -> None:
    world = failed_over()
    for _ in range(80):
        world.new_process()
        world.run(1)
    assert world.zone.traffic == STEPS
    assert world.state.active is Side.PRIMARY
