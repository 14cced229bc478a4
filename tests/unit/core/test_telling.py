"""Every transition is told, once if the lines hold, and again rather than never if they don't."""

import pytest

from failover.decision.announcement import Kind
from failover.probe.verdict import Verdict
from tests.support.tap import KilledError
from tests.support.world import World

SICK, HEALTHY = Verdict.SICK, Verdict.HEALTHY


def test_a_failover_happens_with_every_signal_down() -> None:
    world = World().settle().primary(SICK)
    world.told.works = False
    world.run(5)
    assert world.weights == (0, 255)
    assert world.kinds == []


def test_what_nobody_was_told_is_told_later_exactly_once_and_in_order() -> None:
    world = World().settle().primary(SICK)
    world.told.works = False
    world.run(5)
    world.told.works = True
    world.run(20)
    history = [entry.kind for entry in reversed(world.memory.history(limit=50)) if entry.at >= 1_800_000_080]
    assert world.kinds == history
    assert len(set(world.kinds)) == len(world.kinds)


def test_after_a_crash_between_telling_and_noting_it_is_told_twice_at_worst() -> None:
    world = World().settle().primary(SICK)
    world.told.dies_after_telling = True
    with pytest.raises(KilledError):
        world.run(1)
    world.told.dies_after_telling = False
    world.new_process()
    world.run(1)
    first, again = world.told.announcements
    assert world.kinds == [Kind.SUSPECTED, Kind.SUSPECTED]
    assert (first.id, first.incident) == (again.id, again.incident)  # by which its repeat is dropped
    world.run(3)
    assert world.kinds.count(Kind.SUSPECTED) == 2


def test_a_long_outage_of_the_signals_keeps_the_latest_fifty() -> None:
    world = World().settle()
    world.told.works = False
    for number in range(60):
        world.request("pause", reason=f"number {number}", minutes=1)
    assert len(world.state.untold) == 50
    assert "number 59" in world.state.untold[-1].sentence
    assert len(world.memory.history(limit=1000)) > 60


def test_every_transition_stands_in_the_history_with_its_move() -> None:
    world = World().settle().primary(SICK)
    world.run(5)
    moves = {entry.move.id for entry in world.memory.history(limit=50) if entry.move}
    assert moves == {"to-us-east-1-1800000100"}


def test_a_concern_is_told_once_and_its_end_once() -> None:
    world = World().settle().standby(Verdict.CANARY_BROKEN)
    world.run(50)
    world.standby(HEALTHY).run(50)
    assert world.kinds == [Kind.CONCERN, Kind.RECOVERED]
    assert "us-east-1 was canary-broken and has now been healthy for" in world.said(Kind.RECOVERED)


def test_a_brownout_too_weak_to_move_anybody_tells_somebody_once_and_its_end_once() -> None:
    world = World().settle()
    for _ in range(10):
        world.primary(SICK).run(1)
        world.primary(HEALTHY).run(3)
    assert Kind.CONCERN not in world.kinds
    world.primary(SICK).run(2)
    world.primary(HEALTHY).run(2)
    for _ in range(5):
        world.primary(SICK).run(1)
        world.primary(HEALTHY).run(3)
    world.run(50)
    assert world.weights == (255, 0)
    assert [kind for kind in world.kinds if kind is not Kind.SUSPECTED] == [Kind.CONCERN, Kind.RECOVERED]
    told = "ap-northeast-1 was sick in 3 of 5 rounds (40 s), which is not enough to move users"
    assert told in world.said(Kind.CONCERN)


def test_the_end_of_a_sickness_is_believed_later_than_the_end_of_another_concern() -> None:
    throttled, sick = World().settle().standby(Verdict.THROTTLED), World().settle().standby(SICK)
    for world in (throttled, sick):
        world.run(5)
        world.standby(HEALTHY).run(5)
    assert Kind.RECOVERED in throttled.kinds
    assert Kind.RECOVERED not in sick.kinds


@pytest.mark.parametrize("verdict", [SICK, Verdict.NOT_READY])
def test_what_is_suspected_of_the_serving_side_makes_no_concern_of_a_single_round_of_the_other(
    verdict: Verdict,
) -> None:
    world = World().settle().primary(SICK)
    world.request("pause", reason="maintenance", minutes=10)
    world.run(5)
    world.standby(verdict).run(1)
    assert Kind.CONCERN not in world.kinds
