"""Rule 6: paused or observe-only, everything goes on but no move begins; a move begun is finished, or aborted."""

from collections.abc import Callable

import pytest

from failover.decision.announcement import Kind
from failover.probe.verdict import Verdict
from failover.region import Side
from tests.support.world import World

SICK, HEALTHY = Verdict.SICK, Verdict.HEALTHY


def paused() -> World:
    world = World().settle()
    assert world.request("pause", reason="maintenance", minutes=10)["done"]
    return world


def told_to_observe() -> World:
    world = World().settle()
    assert world.request("observe-only", reason="trial")["done"]
    return world


def deployed_to_observe() -> World:
    return World(observe_only=True).settle()


@pytest.mark.parametrize("abstaining", [paused, told_to_observe, deployed_to_observe])
def test_it_reports_once_what_it_would_have_done(abstaining: Callable[[], World]) -> None:
    world = abstaining().primary(SICK)
    world.run(20)
    assert world.zone.traffic == []
    assert world.kinds.count(Kind.WOULD_MOVE) == 1
    assert "Traffic would have moved to us-east-1, but:" in world.said(Kind.WOULD_MOVE)


@pytest.mark.parametrize("abstaining", [paused, told_to_observe, deployed_to_observe])
def test_what_it_could_not_have_done_is_reported_as_blocked(abstaining: Callable[[], World]) -> None:
    world = abstaining().primary(SICK).standby(SICK)
    world.run(20)
    assert Kind.WOULD_MOVE not in world.kinds
    assert Kind.BLOCKED in world.kinds


def test_a_pause_names_who_until_when_and_why() -> None:
    world = paused().primary(SICK)
    world.run(3)
    assert "operator paused automation until 2027-01-15T08:11:20Z: maintenance" in world.said(Kind.WOULD_MOVE)


def test_a_pause_ends_by_itself() -> None:
    world = paused().primary(SICK)
    world.run(59)
    assert world.zone.traffic == []
    world.run(3)
    assert world.zone.traffic == [(0, 255)]
    assert world.state.pause is None


def test_resume_ends_pause_and_observe_only() -> None:
    for world in (paused(), told_to_observe()):
        world.request("resume", reason="done")
        world.primary(SICK).run(3)
        assert world.zone.traffic == [(0, 255)]


def test_resume_says_that_a_stack_deployed_to_observe_stays_so() -> None:
    world = told_to_observe()
    deployed = deployed_to_observe()
    deployed.remember(observe_only=True)
    assert "ObserveOnly" not in world.request("resume", reason="done")["message"]
    assert (
        "deployed observe-only (parameter ObserveOnly), which stays"
        in deployed.request("resume", reason="done")["message"]
    )
    deployed.primary(SICK).run(10)
    assert deployed.zone.traffic == []


def test_resume_with_nothing_to_resume_changes_nothing() -> None:
    world = World().settle()
    before = world.memory.load()
    assert "neither paused nor set to observe only" in world.request("resume", reason="done")["message"]
    assert world.memory.load() == before


def test_a_move_already_begun_is_finished_in_a_pause() -> None:
    world = World().settle().primary(SICK)
    world.servers.hold_back("ns-1.example.net")
    world.run(3)
    answer = world.request("pause", reason="wait", minutes=10)
    assert "already begun, is finished" in answer["message"]
    world.servers.behind.clear()
    world.run(1)
    assert world.state.active is Side.STANDBY


def test_observe_only_is_refused_during_a_move() -> None:
    world = World().settle().primary(SICK)
    world.servers.hold_back("ns-1.example.net")
    world.run(3)
    answer = world.request("observe-only", reason="wait")
    assert answer["refused_by"] == "one-move-at-a-time"
    assert "observe-only can't be set during one" in answer["message"]


def test_a_manual_move_goes_through_in_a_pause() -> None:
    world = paused()
    world.ask("failover", reason="drill", token="t")
    assert world.weights == (0, 255)


def moving(**fields: str) -> World:
    """Return a world in the middle of a drill that one name server holds up."""
    world = World().settle()
    world.servers.hold_back("ns-1.example.net")
    world.request("failover", reason="drill", token="t", **fields)
    world.run(2)
    assert world.weights == (0, 255)
    return world


def test_abort_brings_all_users_back() -> None:
    world = moving()
    assert world.request("abort", reason="wrong day", token="a")["done"]
    world.servers.behind.clear()
    world.run(2)
    assert world.zone.traffic == [(0, 255), (255, 0)]
    assert world.state.active is Side.PRIMARY
    assert "aborted by operator: wrong day" in world.said(Kind.MOVE_REVERTING)


def test_abort_before_anything_was_changed_withdraws_the_move() -> None:
    world = World().settle()
    world.request("failover", reason="drill", token="t")
    world.request("abort", reason="wrong day", token="a")
    world.run(3)
    assert world.zone.traffic == []
    assert world.kinds == [Kind.MOVE_DECIDED, Kind.MOVE_WITHDRAWN]


def test_abort_in_the_middle_of_a_stepped_failback_brings_all_users_back_to_the_standby() -> None:
    world = World(weights=(0, 255)).settle()
    world.request("failback", reason="well", token="t")
    world.run(3)
    world.request("abort", reason="not so well", token="a")
    world.run(3)
    assert world.zone.traffic == [(26, 229), (0, 255)]
    assert world.state.active is Side.STANDBY


def test_abort_is_refused_while_the_side_it_would_go_back_to_is_sick() -> None:
    world = moving().primary(SICK)
    world.run(1)
    answer = world.request("abort", reason="wrong day", token="a")
    assert answer["refused_by"] == "target-serves"
    assert "ap-northeast-1, where traffic would go back to, is sick" in answer["message"]


def test_abort_without_a_move_and_a_second_abort_do_nothing() -> None:
    world = World().settle()
    assert world.request("abort", reason="?", token="a")["refused_by"] == "abort"
    world = moving()
    world.request("abort", reason="wrong day", token="a")
    assert "already going back to ap-northeast-1" in world.request("abort", reason="again", token="b")["message"]
