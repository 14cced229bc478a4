"""What is real wins over a drill: each row of the table in docs/drills.md, told as a story."""

from collections.abc import Callable
from typing import Any

import pytest

from failover.decision.announcement import Kind
from failover.decision.drill import DrillOutcome, DrillStage
from failover.levers.latch import LatchName
from failover.probe.verdict import Verdict
from failover.region import Side
from tests.support.drills import drill, ended
from tests.support.world import World
from tests.unit.docs.pages import ROOT, table

SICK, HEALTHY = Verdict.SICK, Verdict.HEALTHY
FEEDS = "a blind drill feeds"
NOTHING_CHANGED_YET = "on the way there, nothing changed yet"
THERE = "on the way there"
LEVER = "a lever's test, there"
HELD = "users held on the standby"
HOME = "on the way home"
ALL_HOME = "on the way home, at 100 %"
ANYWHERE = "at any stage"
ANYWHERE_AT_REST = "at any stage without a move"

type Story = Callable[[], None]
ROWS: dict[tuple[str, str], Story] = {}


def row(stage: str, real: str) -> Callable[[Story], Story]:
    def noted(story: Story) -> Story:
        ROWS[stage, real] = story
        return story

    return noted


def calm(**changes: Any) -> World:
    return World(recovery_rounds=6, **changes).settle()


def feeding() -> World:
    world = calm()
    drill(world, "blind", rounds=5)
    world.run(2)
    assert world.state.drill
    assert world.state.suspected.sick_rounds == 2
    return world


def on_the_way(world: World | None = None, kind: str = "switchover") -> World:
    """Let Route 53 take the change, and a name server not follow."""
    world = world or calm()
    world.servers.hold_back("ns-1.example.net")
    drill(world, kind)
    world.run(1)
    assert world.state.move
    assert world.state.move.begun
    return world


def there_by_one_lever() -> World:
    world = calm(latches=tuple(LatchName))
    drill(world, "lever-test")
    world.run(2)
    assert world.weights == (0, 255)
    assert world.state.move
    assert world.state.move.there_at
    return world


def held(hold_seconds: int = 600) -> World:
    world = calm()
    drill(world, hold_seconds=hold_seconds)
    world.run(2)
    assert world.state.drill
    assert world.state.drill.stage is DrillStage.HOLDING
    assert world.users is Side.STANDBY
    return world


def going_home_at(percent: int) -> World:
    world = calm()
    drill(world, hold_seconds=0, pace="in-steps")
    for _ in range(60):
        move = world.state.move
        if move and move.target is Side.PRIMARY and move.steps[0] == percent:
            return world
        if move and move.target is Side.PRIMARY and move.steps[0] == 50:  # so that the last step can be seen under way
            world.servers.hold_back("ns-1.example.net")
        world.run(1)
    raise AssertionError(f"users never are on their way home at {percent} %")


@row(FEEDS, "the primary is sick in one round")
def the_primary_falls_sick_while_fed() -> None:
    world = feeding()
    world.primary(SICK).run(1)
    assert ended(world).outcome is DrillOutcome.OVERTAKEN
    assert world.state.suspected.sick_rounds == 1, "only what was really seen counts"
    world.primary(HEALTHY).run(3)
    assert world.zone.traffic == []


@row(FEEDS, "the standby does not serve, or nobody in the world answers")
def the_calm_ends_while_fed() -> None:
    world = feeding()
    world.standby(Verdict.NOT_READY).run(1)
    assert ended(world).outcome is DrillOutcome.OVERTAKEN
    cut_off = feeding()
    cut_off.probe.witness_answers = False
    cut_off.run(1)
    assert ended(cut_off).outcome is DrillOutcome.OVERTAKEN
    assert world.zone.traffic == cut_off.zone.traffic == []
    assert not cut_off.state.suspected.stands


@row(NOTHING_CHANGED_YET, "the standby does not serve for `SuspectRounds` rounds")
def the_standby_fails_before_anything_is_changed() -> None:
    world = calm().route_53_fails()
    drill(world)
    world.run(1)
    world.standby(Verdict.NOT_READY).run(4)
    assert ended(world).outcome is DrillOutcome.ABORTED
    assert world.state.move is None
    assert Kind.MOVE_WITHDRAWN in world.kinds
    assert world.zone.traffic == []


@row(THERE, "the primary is sick for `SuspectRounds` rounds")
def the_primary_dies_on_the_way_there() -> None:
    world = on_the_way()
    world.primary(SICK).run(3)
    assert ended(world).outcome is DrillOutcome.OVERTAKEN
    world.servers.behind.clear()
    world.primary(HEALTHY).run(40)
    assert (world.users, world.state.active) == (Side.STANDBY, Side.STANDBY)
    assert world.state.automatic_moves == ()


@row(THERE, "the standby falls sick, the primary serves")
def the_standby_breaks_on_the_way_there() -> None:
    world = on_the_way()
    world.standby(SICK).run(4)
    world.servers.behind.clear()
    world.run(3)
    assert ended(world).outcome is DrillOutcome.ABORTED
    assert world.zone.traffic == [(0, 255), (255, 0)]
    assert world.state.automatic_moves == ()


@row(LEVER, "the primary is sick for `SuspectRounds` rounds")
def the_primary_dies_during_a_levers_test() -> None:
    world = there_by_one_lever()
    world.primary(SICK).run(6)
    assert ended(world).outcome is DrillOutcome.OVERTAKEN
    assert world.state.move is None
    assert world.weights == (0, 255)
    assert all(latch.thrown for latch in world.latches.values())
    assert world.state.active is Side.STANDBY


@row(LEVER, "the standby falls sick, the primary serves")
def the_standby_breaks_during_a_levers_test() -> None:
    world = there_by_one_lever()
    world.standby(SICK).run(6)
    assert ended(world).outcome is DrillOutcome.ABORTED
    assert world.weights == (255, 0)
    assert not any(latch.thrown for latch in world.latches.values())


@row(HELD, "the primary is sick for `SuspectRounds` rounds")
def the_primary_dies_while_users_are_away() -> None:
    world = held(hold_seconds=30)
    world.primary(SICK).run(3)
    assert ended(world).outcome is DrillOutcome.OVERTAKEN
    world.primary(HEALTHY).run(60)
    assert world.zone.traffic == [(0, 255)]
    assert "Nothing brings them back by itself." in world.said(Kind.DRILL_ENDED)


@row(HELD, "the standby falls sick, the primary serves")
def the_standby_breaks_while_users_are_there() -> None:
    world = held()
    world.standby(SICK).run(5)
    assert ended(world).outcome is DrillOutcome.ABORTED
    assert world.zone.traffic == [(0, 255), (255, 0)]
    assert world.state.automatic_moves == ()
    assert world.state.cool_down_until == 0.0


@row(HELD, "both are sick")
def both_are_sick_while_users_are_away() -> None:
    world = held()
    world.primary(SICK).standby(SICK).run(10)
    assert ended(world).outcome is DrillOutcome.OVERTAKEN
    assert world.zone.traffic == [(0, 255)]
    assert world.state.blocked_by == "target-serves"


@row(HOME, "the primary falls sick at 10 or 50 %")
def the_primary_falls_sick_on_the_way_home() -> None:
    for world in (going_home_at(10), going_home_at(50)):
        world.primary(SICK).run(8)
        assert ended(world).outcome is DrillOutcome.OVERTAKEN
        assert world.users is Side.STANDBY
        assert world.state.active is Side.STANDBY


@row(ALL_HOME, "the primary falls sick")
def the_primary_falls_sick_at_the_very_end() -> None:
    world = going_home_at(100)
    world.primary(SICK).run(1)
    world.servers.behind.clear()
    world.run(8)
    assert ended(world).outcome is DrillOutcome.CLEAN
    assert world.users is Side.STANDBY
    assert len(world.state.automatic_moves) == 1


@row(ANYWHERE, "somebody changes the records or a latch")
def somebody_else_changes_the_records() -> None:
    for world in (feeding(), on_the_way(), held()):
        world.servers.behind.clear()
        world.someone_sets(128, 127)
        world.wait(60).run(3)
        assert ended(world).outcome is DrillOutcome.OVERTAKEN
        assert world.state.hold
        assert world.weights == (128, 127)


@row(ANYWHERE_AT_REST, "a person moves users, or automation does")
def a_person_moves_users() -> None:
    world = held()
    world.request("failback", reason="enough", token="mine", pace="in-one")
    world.run(3)
    assert ended(world).outcome is DrillOutcome.OVERTAKEN
    assert world.users is Side.PRIMARY
    fed = feeding()
    fed.request("failover", reason="now", token="mine")
    fed.run(3)
    assert ended(fed).outcome is DrillOutcome.OVERTAKEN
    assert fed.users is Side.STANDBY


@pytest.mark.parametrize("story", ROWS.values(), ids=lambda story: story.__name__)
def test_what_is_real_wins(story: Story) -> None:
    story()


def test_every_row_of_the_table_is_told_here() -> None:
    rows = table(ROOT / "docs" / "drills.md", "stage", "what is real", "what follows")
    assert [(stage, real) for stage, real, _ in rows] == list(ROWS)


def test_automation_takes_users_off_a_sick_standby_where_it_is_quicker() -> None:
    world = World(suspect_rounds=2, recovery_rounds=3).settle()
    drill(world, hold_seconds=600)
    world.run(2)
    world.standby(SICK).run(5)
    assert ended(world).outcome is DrillOutcome.OVERTAKEN
    assert world.users is Side.PRIMARY
    assert len(world.state.automatic_moves) == 1
