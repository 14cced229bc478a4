"""Every event is delivered: once, or after a failure twice rather than never."""

import pytest

from cognito_failover.core.model.event import EventKind
from cognito_failover.core.paging import MAX_UNDELIVERED_EVENTS
from cognito_failover.core.verdict import Verdict
from tests.support.controller_harness import ControllerHarness
from tests.support.fault_injector import KilledError

SICK, HEALTHY = Verdict.SICK, Verdict.HEALTHY


def test_failover_succeeds_with_all_notifications_failing() -> None:
    world = ControllerHarness().settle().set_primary(SICK)
    world.notifier.is_available = False
    world.run(5)
    assert world.weights == (0, 255)
    assert world.event_kinds == []


def test_undelivered_events_are_delivered_later_once_in_order() -> None:
    world = ControllerHarness().settle().set_primary(SICK)
    world.notifier.is_available = False
    world.run(5)
    world.notifier.is_available = True
    world.run(20)
    history = [
        entry.kind for entry in reversed(world.memory.load_history(limit=50).events) if entry.at >= 1_800_000_080
    ]
    assert world.event_kinds == history
    assert len(set(world.event_kinds)) == len(world.event_kinds)


def test_crash_between_notify_and_save_duplicates_at_most_once() -> None:
    world = ControllerHarness().settle().set_primary(SICK)
    world.notifier.dies_after_publish = True
    with pytest.raises(KilledError):
        world.run(1)
    world.notifier.dies_after_publish = False
    world.restart()
    world.run(1)
    first, again = world.notifier.events
    assert world.event_kinds == [EventKind.SUSPECTED, EventKind.SUSPECTED]
    assert (first.id, first.incident_id) == (again.id, again.incident_id)  # receivers drop the repeat by these
    world.run(3)
    assert world.event_kinds.count(EventKind.SUSPECTED) == 2


def test_long_notification_outage_keeps_a_short_queue_and_all_history() -> None:
    world = ControllerHarness().settle()
    world.notifier.is_available = False
    for number in range(100):
        world.request("pause", reason=f"number {number}", minutes=1)
    assert len(world.state.undelivered_events) == MAX_UNDELIVERED_EVENTS
    assert len(world.memory.load_history(limit=1000).events) > 100


def test_history_names_the_move_of_its_events() -> None:
    world = ControllerHarness().settle().set_primary(SICK)
    world.run(5)
    moves = {entry.move.id for entry in world.memory.load_history(limit=50).events if entry.move}
    assert moves == {"to-us-east-1-1800000100"}


def test_degradation_start_and_end_are_notified_once() -> None:
    world = ControllerHarness().settle().set_standby(Verdict.CANARY_BROKEN)
    world.run(50)
    world.set_standby(HEALTHY).run(50)
    assert world.event_kinds == [EventKind.REGION_DEGRADED, EventKind.REGION_RECOVERED]
    assert "us-east-1 was canary-broken and has now been healthy for" in world.get_latest_message(
        EventKind.REGION_RECOVERED
    )


def test_brownout_without_move_is_notified_once_with_its_end() -> None:
    world = ControllerHarness().settle()
    for _ in range(10):
        world.set_primary(SICK).run(1)
        world.set_primary(HEALTHY).run(3)
    assert EventKind.REGION_DEGRADED not in world.event_kinds
    world.set_primary(SICK).run(2)
    world.set_primary(HEALTHY).run(2)
    for _ in range(5):
        world.set_primary(SICK).run(1)
        world.set_primary(HEALTHY).run(3)
    world.run(50)
    assert world.weights == (255, 0)
    assert [kind for kind in world.event_kinds if kind is not EventKind.SUSPECTED] == [
        EventKind.REGION_DEGRADED,
        EventKind.REGION_RECOVERED,
    ]
    message = "ap-northeast-1 was sick in 3 of 5 rounds (40 s), which is not enough to move users"
    assert message in world.get_latest_message(EventKind.REGION_DEGRADED)


def test_sickness_recovery_takes_longer_than_other_degradation() -> None:
    throttled, sick = (
        ControllerHarness().settle().set_standby(Verdict.THROTTLED),
        ControllerHarness().settle().set_standby(SICK),
    )
    for world in (throttled, sick):
        world.run(5)
        world.set_standby(HEALTHY).run(5)
    assert EventKind.REGION_RECOVERED in throttled.event_kinds
    assert EventKind.REGION_RECOVERED not in sick.event_kinds


@pytest.mark.parametrize("verdict", [SICK, Verdict.NOT_READY])
def test_one_bad_round_of_the_other_region_is_no_degradation(
    verdict: Verdict,
) -> None:
    world = ControllerHarness().settle().set_primary(SICK)
    world.request("pause", reason="maintenance", minutes=10)
    world.run(5)
    world.set_standby(verdict).run(1)
    assert EventKind.REGION_DEGRADED not in world.event_kinds
