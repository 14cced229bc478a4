"""Rules 2 and 3: users move only to a Region that is known to serve, and only because of sickness."""

import pytest

from cognito_failover.core.model.event import EventKind
from cognito_failover.core.verdict import OUTAGE_VERDICTS, Verdict
from tests.support.controller_harness import ControllerHarness

SICK, HEALTHY = Verdict.SICK, Verdict.HEALTHY
NOT_SERVING = sorted(set(Verdict) - {Verdict.HEALTHY, Verdict.UNVERIFIED})
NEVER_A_REASON = sorted(set(Verdict) - {*OUTAGE_VERDICTS, Verdict.HEALTHY})


@pytest.mark.parametrize("standby", NOT_SERVING)
def test_no_move_to_standby_not_known_to_serve(standby: Verdict) -> None:
    world = ControllerHarness().settle().set_primary(SICK).set_standby(standby)
    reason = world.run(50)
    assert world.zone.weight_history == []
    assert f"us-east-1 is not known to be healthy and ready ({standby})" in reason
    assert world.event_kinds.count(EventKind.BLOCKED) == 1


def test_unverified_tokens_do_not_block_failover() -> None:
    world = ControllerHarness().settle().set_primary(SICK).set_standby(Verdict.UNVERIFIED)
    world.run(3)
    assert world.weights == (0, 255)


@pytest.mark.parametrize("primary", NEVER_A_REASON)
def test_verdict_other_than_sick_does_not_move_users(primary: Verdict) -> None:
    world = ControllerHarness().settle().set_primary(primary)
    world.run(100)
    assert world.zone.weight_history == []
    assert f"ap-northeast-1 has been {primary} for 3 rounds" in world.get_latest_message(EventKind.REGION_DEGRADED)
    assert world.event_kinds == [EventKind.REGION_DEGRADED]


@pytest.mark.parametrize("doubtful", [Verdict.THROTTLED, Verdict.UNKNOWN, Verdict.CANARY_BROKEN, Verdict.TRIGGER])
def test_doubtful_rounds_between_sick_ones_do_not_stop_a_failover(doubtful: Verdict) -> None:
    world = ControllerHarness().settle()
    for verdict in (SICK, doubtful, SICK, doubtful, doubtful):
        world.set_primary(verdict).run(1)
        assert world.zone.weight_history == []
    world.set_primary(SICK).run(1)
    assert world.weights == (0, 255)


def test_sick_rounds_of_an_earlier_minute_do_not_accumulate() -> None:
    world = ControllerHarness().settle()
    for _ in range(20):
        world.set_primary(SICK).run(2)
        world.set_primary(Verdict.THROTTLED).run(8)
    assert world.zone.weight_history == []


def test_unverified_tokens_in_turn_count_as_recovered() -> None:
    world = ControllerHarness().settle().set_primary(SICK)
    world.run(3)
    assert world.weights == (0, 255)
    for _ in range(60):
        world.set_primary(Verdict.UNVERIFIED).run(1)
        world.set_primary(HEALTHY).run(1)
    assert world.event_kinds.count(EventKind.REGION_RECOVERED) == 1
    world.set_standby(SICK).run(3)
    assert world.weights == (255, 0)


def test_refusing_target_moves_users_if_configured() -> None:
    world = ControllerHarness(count_target_refusal_as_sick=True).settle().set_primary(Verdict.TARGET_REFUSES)
    world.run(3)
    assert world.weights == (0, 255)


def test_users_of_an_inactive_replica_return_to_the_primary() -> None:
    world = ControllerHarness().settle().set_primary(SICK)
    world.run(3)
    assert world.weights == (0, 255)
    world.set_primary(HEALTHY).run(100)
    world.set_standby(Verdict.INACTIVE).run(3)
    assert world.weights == (255, 0)


def test_inactive_replica_at_rest_is_reported_as_inactive() -> None:
    world = ControllerHarness().settle().set_standby(Verdict.INACTIVE)
    world.run(50)
    world.set_standby(SICK).run(50)
    assert world.event_kinds == [EventKind.REGION_DEGRADED]


def test_failing_trigger_moves_users_if_configured() -> None:
    world = ControllerHarness(count_trigger_as_sick=True).settle().set_primary(Verdict.TRIGGER)
    world.run(3)
    assert world.weights == (0, 255)


def test_sickness_and_counted_trigger_failures_add_up() -> None:
    world = ControllerHarness(count_trigger_as_sick=True).settle().set_primary(Verdict.TRIGGER)
    world.run(1)
    world.set_primary(SICK).run(1)
    world.set_primary(Verdict.TRIGGER).run(1)
    assert world.weights == (0, 255)


def test_both_sick_causes_no_move_and_two_events() -> None:
    world = ControllerHarness().settle().set_primary(SICK).set_standby(SICK)
    reason = world.run(30)
    assert world.zone.weight_history == []
    assert "Traffic stays where it is: us-east-1 is not known to be healthy and ready (sick)" in reason
    assert world.event_kinds == [EventKind.SUSPECTED, EventKind.REGION_DEGRADED, EventKind.BLOCKED]


def test_waiting_failover_starts_once_standby_serves() -> None:
    world = ControllerHarness().settle().set_primary(SICK).set_standby(Verdict.NOT_READY)
    world.run(10)
    world.set_standby(HEALTHY).run(1)
    assert world.weights == (0, 255)


def test_isolated_controller_does_not_move_users() -> None:
    world = ControllerHarness().settle().set_primary(SICK)
    world.prober.is_witness_reachable = False
    reason = world.run(50)
    assert world.zone.weight_history == []
    assert "No third Region answers: the controller may be isolated." in reason


def test_standby_sick_before_change_is_accepted_cancels_move() -> None:
    world = ControllerHarness().settle().set_primary(SICK)
    world.run(2)
    world.fail_route_53(calls="zone.list_record_sets").run(1)
    world.restore_all().set_standby(SICK)
    reason = world.run(2)
    assert "waits for a round that confirms that us-east-1 serves users" in reason
    world.run(1)
    assert world.zone.weight_history == []
    assert "cancelled before it moved users: us-east-1 has been sick for 3 rounds" in world.get_latest_message(
        EventKind.MOVE_CANCELLED
    )


def test_move_no_longer_needed_is_notified_once() -> None:
    world = ControllerHarness().settle().set_primary(SICK).set_standby(SICK)
    world.run(5)
    world.set_primary(HEALTHY).set_standby(HEALTHY).run(15)
    assert world.state.blocked_by == ""
    assert world.event_kinds.count(EventKind.SUSPICION_CLEARED) == 1
    (cleared,) = [event for event in world.notifier.events if event.kind is EventKind.SUSPICION_CLEARED]
    assert cleared.message.startswith("A move is not needed any more. ap-northeast-1 serves and is healthy.")
    assert world.clock.now - 150 < cleared.at < world.clock.now
