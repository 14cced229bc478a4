"""A drill moves users out and back in one execution, and leaves only its history."""

from dataclasses import replace
from typing import Any

import pytest

from cognito_failover.common.region import RegionRole
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.model.drill import (
    MAX_CONSECUTIVE_FAILURES,
    STAGE_TIMEOUT_SECONDS,
    Drill,
    DrillKind,
    DrillOutcome,
    DrillStage,
)
from cognito_failover.core.model.event import DRILL_KINDS, EventKind
from cognito_failover.core.phase import Phase, get_phase
from cognito_failover.core.user_sign_ins import UserSignInCounts
from cognito_failover.core.verdict import Verdict
from cognito_failover.settings.controller import FailbackPolicy
from tests.support.controller_harness import ControllerHarness
from tests.support.drill_requests import get_ended_drill, read_history, request_drill

SICK, HEALTHY = Verdict.SICK, Verdict.HEALTHY
ROUNDS = 60


def make_settled_world(**changes: Any) -> ControllerHarness:
    return ControllerHarness(recovery_rounds=6, **changes).settle()


def start_drill_on_standby(**fields: Any) -> ControllerHarness:
    world = make_settled_world()
    request_drill(world, **{"hold_seconds": 600, **fields})
    world.run(2)
    assert get_drill_stage(world) is DrillStage.ON_STANDBY
    return world


def get_drill_stage(world: ControllerHarness) -> DrillStage:
    assert world.state.drill
    return world.state.drill.stage


def test_switchover_moves_out_holds_and_returns() -> None:
    world = make_settled_world()
    request_drill(world, hold_seconds=120)
    users = []
    for _ in range(16):
        world.run(1)
        users.append(world.user_location)
    assert users == [RegionRole.STANDBY] * 12 + [RegionRole.PRIMARY] * 4
    assert get_ended_drill(world).outcome is DrillOutcome.SUCCEEDED
    assert world.zone.weight_history == [(0, 255), (255, 0)]


def test_stepped_mode_returns_users_in_steps() -> None:
    world = make_settled_world()
    request_drill(world, hold_seconds=0, mode="stepped")
    world.run(ROUNDS)
    assert world.zone.weight_history == [(0, 255), (26, 229), (128, 127), (255, 0)]
    assert get_ended_drill(world).outcome is DrillOutcome.SUCCEEDED


def test_drill_moves_carry_its_id_and_use_no_budget() -> None:
    world = make_settled_world()
    drill_id = request_drill(world)["drill"]
    world.run(ROUNDS)
    moves = {event.move.id: event.move for event in read_history(world) if event.move}
    assert [*moves] == list(get_ended_drill(world).move_ids)
    assert {move.drill_id for move in moves.values()} == {drill_id}
    assert {move.is_automatic for move in moves.values()} == {False}
    assert (world.state.automatic_move_times, world.state.cool_down_until) == ((), 0.0)


def test_drill_leaves_the_daily_limit_to_a_failover() -> None:
    world = make_settled_world(max_automatic_moves_per_day=1)
    request_drill(world)
    world.run(ROUNDS)
    world.set_primary(SICK).run(4)
    assert world.user_location is RegionRole.STANDBY
    assert len(world.state.automatic_move_times) == 1


def test_all_levers_switchover_moves_and_returns_every_lever() -> None:
    world = make_settled_world(latches=tuple(SteeredName))
    request_drill(world, hold_seconds=100)
    world.run(6)
    assert world.weights == (0, 255)
    assert all(latch.thrown for latch in world.latches.values())
    world.run(ROUNDS)
    assert world.weights == (255, 0)
    assert not any(latch.thrown for latch in world.latches.values())
    assert get_ended_drill(world).outcome is DrillOutcome.SUCCEEDED


def test_lever_test_moves_each_lever_alone() -> None:
    world = make_settled_world(latches=tuple(SteeredName))
    request_drill(world, "lever-test")
    seen = []
    for _ in range(ROUNDS):
        world.run(1)
        seen.append((world.weights[1] > 0, *(latch.thrown for latch in world.latches.values())))
    away = [levers for levers in dict.fromkeys(seen) if any(levers)]
    assert away == [(True, False, False), (False, True, False), (False, False, True)]
    assert get_ended_drill(world).outcome is DrillOutcome.SUCCEEDED
    assert len(get_ended_drill(world).move_ids) == 3


def test_lever_test_moves_users_out_before_return() -> None:
    world = make_settled_world(latches=(SteeredName.RECORDS,))
    request_drill(world, "lever-test")
    world.run(ROUNDS)
    confirmed = [event.move for event in read_history(world) if event.kind is EventKind.STEP_CONFIRMED]
    assert [move.levers for move in confirmed if move] == [("weights",), ("records-latch",)]
    assert all(move and move.arrived_at for move in confirmed)


def test_lever_test_with_weights_only_moves_users_out_and_back() -> None:
    world = make_settled_world()
    request_drill(world, "lever-test")
    world.run(ROUNDS)
    assert world.zone.weight_history == [(0, 255), (255, 0)]
    assert get_ended_drill(world).outcome is DrillOutcome.SUCCEEDED


def test_detached_lever_is_not_tested() -> None:
    world = make_settled_world(latches=(SteeredName.RECORDS,))
    world.latches[SteeredName.RECORDS].is_attached = False
    world.run(8)
    request_drill(world, "lever-test")
    world.run(ROUNDS)
    assert world.latches[SteeredName.RECORDS].set_calls == []
    assert get_ended_drill(world).outcome is DrillOutcome.SUCCEEDED


def test_domain_only_stack_can_be_drilled() -> None:
    world = ControllerHarness(
        weights=None,
        latches=(SteeredName.DOMAIN,),
        domain_name="",
        primary_target="",
        standby_target="",
        managed_login_domain="login.example.com",
        latch_bucket="latch",
        domain_latch_check_id="check",
    ).settle()
    for kind in ("switchover", "lever-test"):
        request_drill(world, kind)
        world.run(ROUNDS)
        assert get_ended_drill(world).outcome is DrillOutcome.SUCCEEDED
        assert not world.latches[SteeredName.DOMAIN].thrown
    assert world.latches[SteeredName.DOMAIN].set_calls == [True, False, True, False]


def test_simulated_outage_runs_from_suspicion_to_dns() -> None:
    world = make_settled_world()
    request_drill(world, "simulated-outage", hold_seconds=60)
    world.run(4)
    assert world.weights == (0, 255)
    assert world.state.last_move
    assert world.state.last_move.is_automatic is False
    expected_kinds = [
        EventKind.DRILL_STARTED,
        EventKind.SUSPECTED,
        EventKind.MOVE_DECIDED,
        EventKind.MOVE_SUBMITTED,
        EventKind.MOVE_CONFIRMED,
    ]
    assert world.event_kinds[: len(expected_kinds)] == expected_kinds
    world.run(ROUNDS)
    assert get_ended_drill(world).outcome is DrillOutcome.SUCCEEDED
    assert world.user_location is RegionRole.PRIMARY


def test_simulated_verdicts_are_never_stored() -> None:
    world = make_settled_world()
    request_drill(world, "simulated-outage", rounds=10)
    for _ in range(ROUNDS):
        world.run(1)
        assert world.state.streaks.primary.verdict is HEALTHY
        assert world.state.degraded_verdicts.primary is None
        assert world.notifier.round_results[-1].consensus.roles.primary.verdict is HEALTHY
        assert world.notifier.round_results[-1].observation.readings.primary.verdict is HEALTHY
    assert not {EventKind.REGION_DEGRADED, EventKind.REGION_RECOVERED, EventKind.SUSPICION_CLEARED} & set(
        world.event_kinds
    )


def test_simulated_outage_events_are_tagged() -> None:
    world = make_settled_world()
    drill_id = request_drill(world, "simulated-outage", hold_seconds=0)["drill"]
    world.run(ROUNDS)
    assert world.notifier.events
    assert {event.drill_id for event in world.notifier.events} == {drill_id}
    simulated = [
        event for event in world.notifier.events if event.kind in {EventKind.SUSPECTED, EventKind.MOVE_DECIDED}
    ]
    assert all(drill_id in event.message for event in simulated)


def test_too_few_simulated_rounds_cause_no_move_and_leave_no_suspicion() -> None:
    world = make_settled_world()
    request_drill(world, "simulated-outage", rounds=2)
    world.run(3)
    assert get_ended_drill(world).outcome is DrillOutcome.SUCCEEDED
    assert not world.state.active_suspicion.is_active
    assert world.zone.weight_history == []
    world.set_primary(SICK).run(2)
    assert world.zone.weight_history == [], "simulated sick rounds do not count"


def test_rule_blocking_simulated_outage_is_reported_with_drill_id() -> None:
    world = make_settled_world()
    drill_id = request_drill(world, "simulated-outage", rounds=4)["drill"]
    world.request("pause", reason="deploy", minutes=30)
    world.run(6)
    last = get_ended_drill(world)
    assert last.outcome is DrillOutcome.ABORTED
    assert "not-paused" in world.get_latest_message(EventKind.DRILL_ENDED)
    assert [event.drill_id for event in world.notifier.events if event.kind is EventKind.WOULD_MOVE] == [drill_id]
    assert world.state.blocked_by == ""


def test_tabletop_moves_no_users_and_lists_blockers() -> None:
    world = make_settled_world()
    world.request("pause", reason="deploy", minutes=30)
    answer = request_drill(world, "tabletop")
    assert answer["message"].startswith(f"Drill {answer['drill']} (tabletop) starts, requested by Aiko: monthly.")
    assert "A drill that moves users would be refused now" in answer["message"]
    assert [violation["rule"] for violation in answer["violations"]] == ["not-paused"]
    assert answer["plan"]
    assert get_ended_drill(world).outcome is DrillOutcome.SUCCEEDED
    world.run(5)
    assert world.zone.weight_history == []


@pytest.mark.parametrize("verdict", [SICK, Verdict.THROTTLED, Verdict.NOT_READY, Verdict.TRIGGER])
def test_failing_standby_sign_ins_abort_drill(verdict: Verdict) -> None:
    world = start_drill_on_standby()
    world.set_standby(verdict).run(MAX_CONSECUTIVE_FAILURES - 1)
    assert world.weights == (0, 255)
    world.run(1)
    assert world.weights == (255, 0)
    world.run(2)
    assert get_ended_drill(world).outcome is DrillOutcome.ABORTED
    assert "3 of 3 sign-ins on us-east-1 have failed" in world.get_latest_message(EventKind.DRILL_ABORTED)


def test_separate_sign_in_failures_abort_drill_above_limit() -> None:
    world = start_drill_on_standby(hold_seconds=3600)
    for _ in range(3):
        world.set_standby(SICK).run(1)
        world.set_standby(HEALTHY).run(5)
    assert get_drill_stage(world) is DrillStage.ON_STANDBY, "too few sign-ins for the limit"
    world.run(4)
    assert get_ended_drill(world).outcome is DrillOutcome.ABORTED


@pytest.mark.parametrize(
    ("tried", "failed", "too_often"), [(19, 2, False), (20, 1, False), (20, 2, True), (40, 2, False), (41, 3, True)]
)
def test_failure_limit_is_five_percent_from_twenty_sign_ins(tried: int, failed: int, *, too_often: bool) -> None:
    now = 1_800_000_000.0
    drill = Drill(id="d", kind=DrillKind.SWITCHOVER, reason="r", requested_by="Aiko", started_at=now, stage_since=now)
    assert replace(drill, sign_in_count=tried, failed_sign_in_count=failed).has_too_many_failures is too_often


def test_failed_domain_sign_ins_abort_drill() -> None:
    world = make_settled_world()
    failing: list[UserSignInCounts] = []
    world.sign_ins = lambda: failing.pop() if failing else UserSignInCounts()
    world.restart()
    request_drill(world, hold_seconds=600)
    world.run(2)
    failing.append(UserSignInCounts(tried=3, failed=3))
    world.set_standby(Verdict.UNKNOWN).run(1)
    world.set_standby(HEALTHY).run(3)
    assert get_ended_drill(world).outcome is DrillOutcome.ABORTED


def test_inconclusive_round_is_not_counted() -> None:
    world = start_drill_on_standby(hold_seconds=100)
    world.set_standby(Verdict.UNKNOWN).run(6)
    assert get_drill_stage(world) is DrillStage.ON_STANDBY
    world.set_standby(HEALTHY).run(10)
    assert get_ended_drill(world).outcome is DrillOutcome.SUCCEEDED
    assert get_ended_drill(world).failed_sign_in_count == 0


def test_manual_abort_returns_users_immediately() -> None:
    world = start_drill_on_standby()
    answer = world.request("abort", reason="stop", token="stop", requested_by="Ada")
    assert answer["done"]
    world.run(3)
    last = get_ended_drill(world)
    assert last.outcome is DrillOutcome.ABORTED
    assert last.abort_reason == "Ada ended it early: stop."
    assert world.user_location is RegionRole.PRIMARY


def test_abort_during_simulated_outage_moves_no_users() -> None:
    world = make_settled_world()
    request_drill(world, "simulated-outage")
    world.run(2)
    world.request("abort", reason="stop", token="stop")
    assert get_ended_drill(world).outcome is DrillOutcome.ABORTED
    world.run(4)
    assert world.zone.weight_history == []


def test_abort_before_any_change_cancels_move() -> None:
    world = make_settled_world().fail_route_53()
    request_drill(world)
    world.run(2)
    world.request("abort", reason="stop", token="stop")
    world.restore_all().run(3)
    assert get_ended_drill(world).outcome is DrillOutcome.ABORTED
    assert world.zone.weight_history == []


def test_abort_while_moving_back_changes_nothing() -> None:
    world = make_settled_world()
    request_drill(world, hold_seconds=0, mode="stepped")
    world.run(4)
    assert get_drill_stage(world) is DrillStage.MOVING_BACK
    before = world.state.move
    assert world.request("abort", reason="stop", token="stop")["done"]
    assert world.state.move == before
    world.run(ROUNDS)
    assert get_ended_drill(world).outcome is DrillOutcome.SUCCEEDED


def test_abort_toward_sick_primary_is_refused() -> None:
    world = start_drill_on_standby()
    world.set_primary(SICK).run(1)
    answer = world.request("abort", reason="stop", token="stop")
    assert (answer["done"], answer["refused_by"]) == (False, "target-healthy")
    assert world.user_location is RegionRole.STANDBY


def test_users_return_once_uncertain_primary_is_healthy() -> None:
    world = start_drill_on_standby(hold_seconds=50)
    world.set_primary(Verdict.THROTTLED).run(10)
    assert get_drill_stage(world) is DrillStage.MOVING_BACK
    assert world.user_location is RegionRole.STANDBY
    world.set_primary(HEALTHY).run(6)
    assert get_ended_drill(world).outcome is DrillOutcome.SUCCEEDED


def test_long_uncertain_primary_ends_drill_with_users_on_standby() -> None:
    world = start_drill_on_standby(hold_seconds=50)
    world.set_primary(Verdict.THROTTLED).run(int(STAGE_TIMEOUT_SECONDS / 10) + 10)
    assert get_ended_drill(world).outcome is DrillOutcome.INTERRUPTED
    world.set_primary(HEALTHY).run(10)
    assert world.user_location is RegionRole.STANDBY


def test_drill_is_aborted_when_its_move_makes_no_progress() -> None:
    world = make_settled_world().fail_route_53(calls="zone.submit")
    request_drill(world)
    world.run(int(STAGE_TIMEOUT_SECONDS / 10) + 2)
    assert EventKind.DRILL_ABORTED in world.event_kinds
    world.restore_all().run(5)
    assert get_ended_drill(world).outcome is DrillOutcome.ABORTED
    assert world.user_location is RegionRole.PRIMARY


def test_lever_test_with_uncertain_primary_ends_with_all_levers_on_standby() -> None:
    world = make_settled_world(latches=(SteeredName.RECORDS,))
    request_drill(world, "lever-test")
    world.run(2)
    world.set_primary(Verdict.CANARY_BROKEN).run(int(STAGE_TIMEOUT_SECONDS / 10) + 10)
    assert get_ended_drill(world).outcome is DrillOutcome.INTERRUPTED
    assert world.state.move is None
    assert world.latches[SteeredName.RECORDS].thrown


def test_pause_does_not_stop_running_drill() -> None:
    world = start_drill_on_standby(hold_seconds=50)
    answer = world.request("pause", reason="deploy", minutes=60)
    assert "continues to its end; abort ends it early" in answer["message"]
    world.run(10)
    assert get_ended_drill(world).outcome is DrillOutcome.SUCCEEDED


def test_observe_only_and_attachment_are_refused_during_drill() -> None:
    world = make_settled_world(
        latches=(SteeredName.RECORDS,), latch_bucket="latch", records_latch_check_id="c", standby_check_id="s"
    )
    request_drill(world, "simulated-outage", rounds=10)
    world.run(1)
    for action in ("observe-only", "attach", "detach"):
        token = {} if action == "observe-only" else {"token": action}
        answer = world.request(action, reason="trial", **token)
        assert answer["done"] is False
        assert "is active" in answer["message"]


def test_restarted_process_resumes_drill() -> None:
    world = start_drill_on_standby(hold_seconds=100)
    world.wait(3600).restart()
    world.run(10)
    assert get_ended_drill(world).outcome is DrillOutcome.SUCCEEDED
    assert world.user_location is RegionRole.PRIMARY


def test_status_shows_drill_and_phase_stays_steady() -> None:
    world = start_drill_on_standby()
    status = world.request("status")["status"]
    assert status["drill"]["stage"] == "on-standby"
    assert status["drill"]["requested_by"] == "Aiko"
    assert status["last_drill"] is None
    assert get_phase(world.state, world.settings, world.clock.now) is Phase.STEADY


def test_events_of_a_drill_and_its_moves_carry_its_id() -> None:
    world = make_settled_world()
    drill_id = request_drill(world, hold_seconds=0, mode="stepped")["drill"]
    world.run(ROUNDS)
    events = [event for event in read_history(world) if event.move or event.kind in DRILL_KINDS]
    assert {event.drill_id for event in events} == {drill_id}


@pytest.mark.parametrize("kind", ["switchover", "simulated-outage"])
def test_automatic_failback_does_not_return_drill_users(kind: str) -> None:
    world = make_settled_world(failback_policy=FailbackPolicy.ALL_AT_ONCE, max_automatic_moves_per_day=3)
    request_drill(world, kind, hold_seconds=300)
    world.run(20)
    assert get_drill_stage(world) is DrillStage.ON_STANDBY
    world.set_primary(SICK).run(4)
    world.set_primary(HEALTHY).run(ROUNDS)
    assert get_ended_drill(world).outcome is DrillOutcome.INTERRUPTED
    assert world.user_location is RegionRole.STANDBY
