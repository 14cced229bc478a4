"""One host with a wrong clock, in either direction and at any moment: users are as safe as before, and all recovers."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cognito_failover.common.errors import LeverUnavailableError
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.model.event import EventKind
from cognito_failover.core.verdict import Verdict
from tests.support.controller_harness import ControllerHarness

DAY_SECONDS = 86_400.0
RECOVERY_SECONDS = 120.0
jumps = st.one_of(st.sampled_from([DAY_SECONDS, -DAY_SECONDS]), st.floats(-1e6, 1e6))


def run_on_host(world: ControllerHarness, jump_seconds: float, rounds: int = 1) -> None:
    """Run rounds on another host, whose clock is ahead by this time, or behind."""
    interval_seconds = world.settings.round_interval_seconds
    returns_at = world.clock.now + rounds * interval_seconds
    world.clock.now += jump_seconds
    world.restart()
    world.run(rounds)
    world.clock.now = returns_at
    world.restart()


def make_world() -> ControllerHarness:
    return ControllerHarness(latches=(SteeredName.RECORDS,), recovery_rounds=6).settle()


def list_reads(world: ControllerHarness, rounds: int) -> list[str]:
    """Return the calls to Route 53 and the latches that these rounds make."""
    calls: list[str] = []
    world.fault_injector.before_call = calls.append
    world.run(rounds)
    world.fault_injector.clear()
    return [call for call in calls if call.startswith(("zone.list", "latch"))]


@given(jump=jumps, rounds_before=st.integers(0, 8))
@settings(max_examples=30)
def test_world_is_read_again_within_two_minutes(jump: float, rounds_before: int) -> None:
    world = make_world()
    world.run(rounds_before)
    run_on_host(world, jump)
    assert list_reads(world, int(RECOVERY_SECONDS / world.settings.round_interval_seconds))


@given(jump=jumps, rounds_before=st.integers(0, 8))
@settings(max_examples=30)
def test_outage_moves_users_within_two_minutes(jump: float, rounds_before: int) -> None:
    world = make_world().set_primary(Verdict.SICK)
    world.run(min(rounds_before, 2))
    run_on_host(world, jump)
    world.run(int(RECOVERY_SECONDS / world.settings.round_interval_seconds))
    assert world.weights == (0, 255)
    assert world.state.move is None
    decided = [event for event in world.notifier.events if event.kind is EventKind.MOVE_DECIDED]
    assert len(decided) == 1


@given(jump=jumps)
@settings(max_examples=30)
def test_pause_of_a_person_holds(jump: float) -> None:
    world = make_world()
    world.request("pause", reason="work", minutes=60)
    run_on_host(world, jump)
    world.set_primary(Verdict.SICK).run(12)
    assert world.zone.weight_history == []
    assert "paused automation until" in world.get_latest_message(EventKind.WOULD_MOVE)


@given(jump=jumps)
@settings(max_examples=20)
def test_moves_of_the_day_still_count(jump: float) -> None:
    world = ControllerHarness(max_automatic_moves_per_day=1, cool_down_seconds=150, recovery_rounds=6).settle()
    world.set_primary(Verdict.SICK).run(6)
    world.set_primary(Verdict.HEALTHY).run(20)
    run_on_host(world, jump)
    world.set_standby(Verdict.SICK).run(20)
    assert world.zone.weight_history == [(0, 255)]
    assert "1 automatic moves were made within a day" in world.get_latest_message(EventKind.BLOCKED)


@given(jump=jumps)
@settings(max_examples=20)
def test_weights_follow_the_latch_within_two_minutes(jump: float) -> None:
    world = make_world().fail_route_53().set_primary(Verdict.SICK)
    world.run(8)
    assert world.state.pending_weight_sync
    run_on_host(world, jump)
    world.restore_all()
    world.run(int(RECOVERY_SECONDS / world.settings.round_interval_seconds))
    assert world.weights == (0, 255)
    assert world.state.hold is None


@given(jump=jumps, rounds_before=st.integers(1, 12))
@settings(max_examples=30)
def test_move_of_a_person_ends(jump: float, rounds_before: int) -> None:
    world = make_world()
    world.request("failover", reason="maintenance", token="t")
    world.run(3)
    world.request("failback", reason="over", token="b")
    world.run(rounds_before)
    run_on_host(world, jump)
    world.run(60)
    assert world.state.move is None
    assert world.weights == (255, 0)


@given(jump=jumps, rounds_before=st.integers(1, 12))
@settings(max_examples=30)
def test_drill_brings_users_home(jump: float, rounds_before: int) -> None:
    world = make_world()
    world.request("drill", reason="monthly", token="d", kind="switchover", hold_seconds=30, mode="all-at-once")
    world.run(rounds_before)
    run_on_host(world, jump)
    world.run(60)
    assert world.state.drill is None
    assert world.state.last_drill
    assert world.weights == (255, 0)


@pytest.mark.parametrize("jump", [DAY_SECONDS, -DAY_SECONDS])
def test_failed_latch_is_set_within_two_minutes(jump: float) -> None:
    world = make_world()
    latch = world.latches[SteeredName.RECORDS]

    def refuse(call: str) -> None:
        if call == "latch-records.set":
            raise LeverUnavailableError("S3 answered SlowDown")

    world.set_primary(Verdict.SICK).run(2)
    world.fault_injector.before_call = refuse
    run_on_host(world, jump)
    world.run(1)
    world.fault_injector.clear()
    world.run(int(RECOVERY_SECONDS / world.settings.round_interval_seconds))
    assert latch.thrown


@given(jump=st.floats(60.0, 1e6))
@settings(max_examples=20)
def test_invocation_is_not_locked_out_by_a_lease_of_the_future(jump: float) -> None:
    world = make_world()
    assert world.memory.acquire_lease("ahead", now=world.clock.now + jump, seconds=world.settings.lease_seconds)
    for _ in range(int(RECOVERY_SECONDS) + 10):
        if world.memory.acquire_lease("next", now=world.clock.now, seconds=world.settings.lease_seconds):
            return
        world.wait(1)
    pytest.fail("The lease was believed.")
