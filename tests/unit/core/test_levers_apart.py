"""Each lever on its own: what refuses the weights, or edits them, keeps neither a latch nor the knowledge of users."""

from typing import Any

import pytest

from failover.decision.announcement import Kind
from failover.decision.drill import DrillOutcome
from failover.decision.move import LeverName
from failover.levers.latch import LatchName
from failover.probe.verdict import Verdict
from failover.region import Side
from tests.support.settings import DOMAIN_ONLY
from tests.support.world import NAME, World

RECORDS, DOMAIN = LatchName.RECORDS, LatchName.DOMAIN


def with_weights_that_may_not_change(*latches: LatchName) -> World:
    world = World(latches=latches, recovery_rounds=6).settle()
    world.zone.protect(NAME, "CNAME")
    return world


def acknowledged(world: World) -> str:
    return str(world.request("acknowledge", reason="looked at the records", token="seen")["message"])


def of_a_domain_alone() -> World:
    """Give a controller of a domain whose latch can't be read."""
    alone: dict[str, Any] = DOMAIN_ONLY
    world = World(latches=(DOMAIN,), **alone)
    world.latches[DOMAIN].readable = False
    return world


def is_tested(world: World, lever: LeverName) -> bool:
    return world.state.move is not None and world.state.move.levers == (lever,)


def moved_by_its_latch_alone() -> World:
    world = with_weights_that_may_not_change(RECORDS).primary(Verdict.SICK)
    world.run(8)
    assert (world.weights, world.users) == ((255, 0), Side.STANDBY)
    return world


def test_users_that_a_latch_has_moved_are_known_to_be_there_when_the_weights_are_refused() -> None:
    world = moved_by_its_latch_alone()

    assert world.state.active is Side.STANDBY
    assert world.state.hold


def test_after_that_they_can_be_brought_home_by_hand() -> None:
    world = moved_by_its_latch_alone()
    world.zone.unprotect(NAME, "CNAME")
    world.primary(Verdict.HEALTHY).run(10)
    acknowledged(world)

    world.request("failback", reason="home", token="home", pace="in-one")
    world.run(8)

    assert (world.users, world.state.active) == (Side.PRIMARY, Side.PRIMARY)


def test_after_that_a_standby_that_dies_is_left() -> None:
    world = moved_by_its_latch_alone()
    world.zone.unprotect(NAME, "CNAME")
    world.primary(Verdict.HEALTHY).run(10)
    acknowledged(world)

    world.standby(Verdict.SICK).run(20)

    assert (world.users, world.state.active) == (Side.PRIMARY, Side.PRIMARY)


def test_an_acknowledgement_says_that_a_latch_is_thrown() -> None:
    assert "ap-northeast-1 255, us-east-1 0, the latch of the records thrown" in acknowledged(
        moved_by_its_latch_alone()
    )


def test_a_ttl_that_somebody_lowers_meanwhile_does_not_hide_where_users_are() -> None:
    world = World(latches=(RECORDS,)).settle().route_53_fails(calls="zone.submit")
    world.primary(Verdict.SICK).run(3)
    for each in world.zone.record_sets((NAME,)):
        world.zone.edit({**each, "TTL": 10})

    world.all_works().run(8)

    assert (world.users, world.state.active) == (Side.STANDBY, Side.STANDBY)
    assert world.kinds.count(Kind.MOVE_DECIDED) == 1


def test_weights_that_are_refused_do_not_keep_the_other_domains_latch_from_being_thrown() -> None:
    world = with_weights_that_may_not_change(RECORDS, DOMAIN)
    world.latches[DOMAIN].works = False
    world.primary(Verdict.SICK).run(4)
    assert not world.latches[DOMAIN].thrown

    world.latches[DOMAIN].works = True
    world.run(4)

    assert world.latches[DOMAIN].thrown
    assert world.state.active is Side.STANDBY


def decided_with_every_lever_out_of_reach() -> World:
    world = World(latches=(RECORDS,)).settle().route_53_fails()
    world.latches[RECORDS].works = False
    world.primary(Verdict.SICK).run(3)
    assert world.state.move
    assert not world.state.move.begun
    return world


@pytest.mark.parametrize(
    ("primary", "standby"), [(Verdict.HEALTHY, Verdict.HEALTHY), (Verdict.SICK, Verdict.SICK)], ids=["cause", "target"]
)
def test_a_latch_that_could_not_be_thrown_is_not_thrown_once_the_moves_cause_or_target_is_gone(
    primary: Verdict, standby: Verdict
) -> None:
    world = decided_with_every_lever_out_of_reach().primary(primary).standby(standby)
    world.latches[RECORDS].works = True

    world.run(1)

    assert not world.latches[RECORDS].thrown
    world.all_works().primary(Verdict.HEALTHY).standby(Verdict.HEALTHY).run(20)
    assert (world.users, world.state.active, world.zone.traffic) == (Side.PRIMARY, Side.PRIMARY, [])
    assert world.state.move is None


def test_one_that_was_thrown_though_its_answer_was_lost_has_begun_the_move() -> None:
    world = decided_with_every_lever_out_of_reach()
    world.latches[RECORDS].works = True
    world.latches[RECORDS].thrown = True  # as the lost call did
    world.primary(Verdict.HEALTHY).all_works().run(8)

    assert (world.users, world.state.active) == (Side.STANDBY, Side.STANDBY)


def test_with_every_latch_thrown_refused_weights_end_the_move_for_a_person_to_look() -> None:
    world = with_weights_that_may_not_change(DOMAIN).primary(Verdict.SICK)

    world.run(8)

    assert world.latches[DOMAIN].thrown
    assert world.state.move is None
    assert "record set protection" in world.said(Kind.MOVE_OVERTAKEN)


def test_a_lever_test_of_the_latch_ends_when_somebody_edits_the_weights_meanwhile() -> None:
    world = World(latches=(RECORDS,)).settle()
    world.run(8)
    world.request("drill", kind="lever-test", reason="monthly", token="drill", hold_seconds=0)
    while not is_tested(world, LeverName.RECORDS_LATCH):
        world.run(1)
    world.someone_sets(0, 255)

    world.run(30)

    assert not is_tested(world, LeverName.RECORDS_LATCH)
    assert world.state.drill is None
    assert world.weights == (0, 255), "what somebody has set stays"
    assert world.state.hold


def test_a_lever_test_of_the_latch_needs_no_control_plane() -> None:
    world = World(latches=(RECORDS,)).settle()
    world.run(8)
    world.request("drill", kind="lever-test", reason="monthly", token="drill", hold_seconds=0)
    while not is_tested(world, LeverName.RECORDS_LATCH):
        world.run(1)
    world.route_53_fails()

    troubles = set()
    while (move := world.state.move) is not None:
        troubles.add(move.trouble)
        world.run(1)

    assert troubles == {""}
    assert Kind.DRILL_ABORTED not in world.kinds


def test_a_lever_test_does_not_wait_for_a_latch_that_somebody_has_detached_meanwhile() -> None:
    world = World(latches=(RECORDS,)).settle()
    world.run(8)
    world.request("drill", kind="lever-test", reason="monthly", token="drill", hold_seconds=0)
    world.latches[RECORDS].attached = False

    while world.state.drill:
        world.run(1)
        assert not is_tested(world, LeverName.RECORDS_LATCH)

    assert "the records-latch is not attached any more" in world.said(Kind.DRILL_ENDED)
    assert world.state.last_drill
    assert world.state.last_drill.outcome is DrillOutcome.ABORTED
    world.primary(Verdict.SICK).run(4)
    assert world.users is Side.STANDBY


def test_a_thrown_latch_that_somebody_takes_off_the_records_sends_users_back_and_that_is_told() -> None:
    world = moved_by_its_latch_alone()
    world.latches[RECORDS].attached = False

    world.run(8)

    assert world.state.active is Side.PRIMARY
    assert "somebody else changed what a latch moves" in world.said(Kind.HELD)


@pytest.mark.parametrize("dead", [True, False])
def test_a_controller_that_has_lost_its_memory_leaves_a_latch_thrown_that_can_not_be_read(dead: bool) -> None:
    world = of_a_domain_alone()
    latch = world.latches[DOMAIN]
    world.settle().primary(Verdict.SICK).run(6)
    assert world.state.active is Side.STANDBY
    before = len(latch.sets)

    world.memory.lose_state()
    world.new_process()
    world.primary(Verdict.SICK if dead else Verdict.HEALTHY).run(12)

    assert world.state.active is Side.STANDBY
    assert set(latch.sets[before:]) == {True}


def test_nothing_is_remembered_while_nobody_can_tell_whether_a_latch_is_thrown() -> None:
    world = of_a_domain_alone()
    latch = world.latches[DOMAIN]
    latch.silent = "ns-1.example.net"

    world.run(2)
    assert world.memory.load() is None
    assert latch.sets == []

    latch.silent = ""
    world.run(2)
    assert world.state.active is Side.PRIMARY


def with_weights_that_trail_a_move_against_a_rule() -> World:
    world = World(latches=(RECORDS, DOMAIN)).settle().standby(Verdict.SICK).route_53_fails()
    world.run(2)
    world.request("failover", reason="I know", token="t", override=["target-serves"])
    world.run(6)
    assert world.state.active is Side.STANDBY
    assert world.state.trailing
    assert world.state.hold
    return world


def test_records_that_somebody_edits_while_weights_trail_and_wait_for_a_person_are_noticed() -> None:
    world = with_weights_that_trail_a_move_against_a_rule().all_works()
    world.someone_sets(10, 0)

    world.run(14)

    assert world.weights == (10, 0)
    assert tuple(weight for _, weight in world.state.weights) == (10, 0)
    assert world.state.trailing is None
    assert "somebody else changed the records" in world.said(Kind.HELD)


def test_weights_that_somebody_lets_follow_meanwhile_have_followed() -> None:
    world = with_weights_that_trail_a_move_against_a_rule().all_works()
    world.someone_sets(0, 255)

    world.run(14)

    assert world.state.trailing is None
    followed = world.memory.history(limit=1)[0]
    assert followed.kind is Kind.WEIGHTS_FOLLOWED
    assert world.clock.now - 140 <= followed.at <= world.clock.now
