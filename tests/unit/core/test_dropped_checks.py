"""What somebody does to the health checks on the records while the latch is attached: it is noticed and told."""

import pytest

from failover.decision.announcement import Kind
from failover.decision.dropped_checks import why_it_moves_nobody
from failover.levers.latch import LatchName
from failover.levers.lever import Survey
from failover.probe.verdict import Verdict
from failover.region import PerSide, Side, all_to
from tests.support.settings import settings
from tests.support.world import NAME, World

OURS = {Side.PRIMARY: "latch-check", Side.STANDBY: "standby-check"}
ROUNDS_UNTIL_A_LOOK = 7


def carrying(world: World, checks: dict[Side, str]) -> World:
    """Let the records of every name carry these checks, and whoever is not named none."""
    for name in (NAME, f"_region.{NAME}"):
        for each in world.zone.record_sets((name,)):
            side = Side.PRIMARY if each["SetIdentifier"] == world.settings.regions.primary else Side.STANDBY
            bare = {key: value for key, value in each.items() if key != "HealthCheckId"}
            world.zone.edit({**bare, **({"HealthCheckId": checks[side]} if side in checks else {})})
    return world


def attached() -> World:
    world = World(
        latches=(LatchName.RECORDS,),
        latch_bucket="latch",
        records_latch_check_id=OURS[Side.PRIMARY],
        standby_check_id=OURS[Side.STANDBY],
    )
    world.run(1)
    carrying(world, OURS).settle()
    assert not world.state.latches[LatchName.RECORDS].trouble
    return world


def is_attached(world: World) -> bool:
    return world.state.latches[LatchName.RECORDS].sight is not None


def test_a_check_that_somebody_takes_off_the_primarys_records_is_told_once_and_the_latch_not_counted_on() -> None:
    world = attached()
    carrying(world, {Side.STANDBY: OURS[Side.STANDBY]}).run(3 * ROUNDS_UNTIL_A_LOOK)

    assert not is_attached(world)
    assert world.kinds == [Kind.LATCH_PROBLEM]
    assert "somebody took its health check latch-check off the primary's records" in world.said(Kind.LATCH_PROBLEM)
    assert world.ask("status")["status"]["latches"]["records"]["attached"] is False


def test_of_one_name_alone_it_is_noticed_too() -> None:
    world = attached()
    primary = next(each for each in world.zone.record_sets((f"_region.{NAME}",)) if "latch-check" in each.values())
    world.zone.edit({key: value for key, value in primary.items() if key != "HealthCheckId"})
    world.run(ROUNDS_UNTIL_A_LOOK)

    assert not is_attached(world)
    assert world.kinds == [Kind.LATCH_PROBLEM]


def test_users_still_move_by_the_weights_and_nobody_counts_on_the_latch() -> None:
    world = attached()
    carrying(world, {}).run(ROUNDS_UNTIL_A_LOOK)
    world.primary(Verdict.SICK).run(6)

    assert world.weights == (0, 255)
    assert (world.state.active, world.state.move) == (Side.STANDBY, None)


def test_put_back_it_is_told_and_counted_on_again() -> None:
    world = attached()
    carrying(world, {}).run(ROUNDS_UNTIL_A_LOOK)
    carrying(world, OURS).run(2 * ROUNDS_UNTIL_A_LOOK)

    assert is_attached(world)
    assert world.kinds == [Kind.LATCH_PROBLEM, Kind.LATCH_MENDED]
    assert world.said(Kind.LATCH_MENDED) == "The latch of the records is attached again."


def test_without_the_standbys_check_the_latch_moves_users_but_the_way_back_is_missed() -> None:
    world = attached()
    carrying(world, {Side.PRIMARY: OURS[Side.PRIMARY]}).run(2 * ROUNDS_UNTIL_A_LOOK)

    assert is_attached(world)
    assert world.kinds == [Kind.LATCH_PROBLEM]
    assert "nothing would bring them back" in world.said(Kind.LATCH_PROBLEM)


@pytest.mark.parametrize("beacon_stands", [True, False])
def test_a_stack_whose_check_is_another_one_by_now_says_so(beacon_stands: bool) -> None:
    world = attached()
    carrying(world, {Side.PRIMARY: "check-of-before", Side.STANDBY: OURS[Side.STANDBY]})
    world.latches[LatchName.RECORDS].attached = beacon_stands
    world.run(3 * ROUNDS_UNTIL_A_LOOK)

    assert not is_attached(world)
    assert world.kinds == [Kind.LATCH_PROBLEM]
    assert "carry the health check check-of-before, and not latch-check" in world.said(Kind.LATCH_PROBLEM)


def test_each_check_that_is_another_one_is_named() -> None:
    policy = settings(latch_bucket="latch", records_latch_check_id="latch-check", standby_check_id="standby-check")
    checks = PerSide(primary=frozenset({"his", "hers", "latch-check"}), standby=frozenset({"standby-check"}))
    survey = Survey(weights=all_to(Side.PRIMARY), record_sets=(), lacking=(), ttl_seconds=60, checks=checks)
    why = why_it_moves_nobody(survey, policy, shown=True, was_attached=True)
    assert why.startswith(
        "the primary's records carry the health check hers, his, and not latch-check, which the latch"
    )


def test_detached_in_order_there_is_nothing_to_tell() -> None:
    world = attached()
    world.latches[LatchName.RECORDS].attached = False
    carrying(world, {}).run(3 * ROUNDS_UNTIL_A_LOOK)

    assert world.kinds == []


def test_a_check_of_somebodys_own_on_records_that_never_had_a_latch_is_his_business() -> None:
    world = World(
        latches=(LatchName.RECORDS,),
        latch_bucket="latch",
        records_latch_check_id=OURS[Side.PRIMARY],
        standby_check_id=OURS[Side.STANDBY],
    )
    world.latches[LatchName.RECORDS].attached = False
    world.run(1)
    carrying(world, {Side.PRIMARY: "his"}).settle().run(2 * ROUNDS_UNTIL_A_LOOK)

    assert world.kinds == []
