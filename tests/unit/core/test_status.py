"""The status and the history that the operator function returns."""

from dataclasses import replace
from typing import Any

import pytest

from cognito_failover.common.region import PerRole, RegionRole, route_all_to
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.canary_backoff import CLOSED, compute_next_backoff
from cognito_failover.core.consensus import Consensus, RegionConsensus
from cognito_failover.core.model.drill import Drill, DrillKind, DrillOutcome
from cognito_failover.core.model.event import Event, EventKind
from cognito_failover.core.model.move import LeverName, Move, MoveMode, Progress
from cognito_failover.core.model.records import DnsWatch, Intent
from cognito_failover.core.model.state import (
    ControllerState,
    Hold,
    LatchState,
    Pause,
    PendingWeightSync,
    SavedRecords,
    VerdictStreak,
)
from cognito_failover.core.observation import Observation, Reading
from cognito_failover.core.phase import Phase, get_phase
from cognito_failover.core.ports.stores import LoadedHistory
from cognito_failover.core.preflight_result import CheckOutcome, CheckSeverity, PreflightFinding, PreflightResult
from cognito_failover.core.probe_result import SkipReason
from cognito_failover.core.replication_lag import LagMarker, LagState
from cognito_failover.core.rules import compute_startup_grace_seconds
from cognito_failover.core.status import build_status, format_drill, format_history, format_preflight
from cognito_failover.core.verdict import Verdict
from cognito_failover.settings.controller import Settings
from tests.support.controller_harness import ControllerHarness
from tests.support.settings import make_settings


def test_silent_controller_is_reported_before_its_last_state() -> None:
    world = ControllerHarness().settle()
    message = world.invoke_operator("status")["status"]["reason"]
    world.wait(180)
    reason = world.invoke_operator("status")["status"]["reason"]
    assert reason == f"The controller makes no rounds: the last one was 3 min 10 s ago. Its message: {message}"


def test_unreadable_records_are_shown_as_weights_problem() -> None:
    world = ControllerHarness().settle().fail_route_53("ServiceUnavailable")
    world.run(60)
    assert "ServiceUnavailable" in world.invoke_operator("status")["status"]["weights"]["problem"]


def test_canary_backoff_is_saved_when_operator_observes() -> None:
    world = ControllerHarness().settle()
    refused = compute_next_backoff(CLOSED, now=world.clock.now, reason=SkipReason.CANARY_REFUSED)
    world.wait(180)
    world.prober.backoffs = PerRole(primary=refused, standby=CLOSED)
    world.invoke_operator("status")
    assert world.state.backoffs.primary == refused


def test_controller_is_starting_only_during_grace_period() -> None:
    world = ControllerHarness()
    world.run(1)
    decides_at = world.state.created_at + compute_startup_grace_seconds(world.settings)
    assert get_phase(world.state, world.settings, decides_at - 0.5) is Phase.STARTING
    assert get_phase(world.state, world.settings, decides_at) is Phase.STEADY


NOW = 1_800_000_000.0
SETTINGS = make_settings(report_bucket="reports-us-east-1")
HEALTHY = RegionConsensus(verdict=Verdict.HEALTHY, observed_at=NOW, detail="Well.")
CONSENSUS = Consensus(roles=PerRole(primary=HEALTHY, standby=HEALTHY), is_isolated=False)
MOVE = Move(
    id="to-us-east-1-1",
    source=RegionRole.PRIMARY,
    target=RegionRole.STANDBY,
    is_automatic=False,
    reason="drill",
    requested_by="Aiko",
    suspected_at=NOW - 60.06,
    decided_at=NOW - 60,
    step_started_at=NOW - 60,
    levers=(LeverName.WEIGHTS,),
)
DRILL = Drill(
    id="drill-1",
    kind=DrillKind.SWITCHOVER,
    reason="monthly",
    requested_by="Aiko",
    started_at=NOW - 60.06,
    stage_since=NOW - 30,
)


def make_state(**changes: Any) -> ControllerState:
    defaults: dict[str, Any] = {
        "created_at": NOW - 9_000,
        "active_role": RegionRole.PRIMARY,
        "active_since": NOW - 9_000,
        "weights": route_all_to(RegionRole.PRIMARY),
        "last_round_at": NOW - 10.06,
        "round_message": "All is well.",
    }
    return ControllerState(**{**defaults, **changes})


def make_status(
    observations: tuple[Observation, ...] = (), policy: Settings = SETTINGS, **changes: Any
) -> dict[str, Any]:
    return build_status(make_state(**changes), CONSENSUS, observations, LoadedHistory(events=()), policy, now=NOW)


def test_times_have_milliseconds_and_ages_have_tenths() -> None:
    status = make_status()
    assert (status["active_since"], status["last_round"]) == ("2027-01-15T05:30:00.000Z", "2027-01-15T07:59:49.940Z")
    assert status["last_round_age_seconds"] == 10.1
    never = make_status(last_round_at=None, created_at=NOW - 10)
    assert (never["last_round"], never["last_round_age_seconds"], never["reason"]) == (None, None, "All is well.")


def test_controller_is_silent_after_three_intervals_without_round() -> None:
    assert make_status(last_round_at=NOW - 30)["reason"] == "All is well."
    assert make_status(last_round_at=NOW - 30.5)["reason"].startswith("The controller makes no rounds")
    assert make_status(last_round_at=None, created_at=NOW - 60)["reason"].startswith(
        "The controller makes no rounds: the last one"
    )


def test_observations_are_shown_per_observer() -> None:
    slow = Reading(
        verdict=Verdict.SICK,
        detail="The login took too long.",
        code="read-timeout",
        login_verdict=Verdict.SICK,
        login_latency_seconds=0.25,
        target_latency_seconds=0.5,
    )
    seen = Observation(
        observer="us-east-1",
        observed_at=NOW - 2.06,
        readings=PerRole(primary=slow, standby=replace(slow, verdict=Verdict.HEALTHY)),
        witness_answered=True,
    )
    streaks = PerRole(primary=VerdictStreak(verdict=Verdict.SICK, rounds=2, since=NOW - 10), standby=VerdictStreak())
    regions = make_status((seen,), streaks=streaks)["regions"]
    assert regions["ap-northeast-1"] == {
        "role": "primary",
        "verdict": "healthy",
        "detail": "Well.",
        "rounds_in_a_row": 2,
        "since": "2027-01-15T07:59:50.000Z",
        "observers": {
            "us-east-1": {
                "verdict": "sick",
                "code": "read-timeout",
                "detail": "The login took too long.",
                "login_latency_seconds": 0.25,
                "target_latency_seconds": 0.5,
                "age_seconds": 2.1,
            }
        },
    }
    assert (regions["us-east-1"]["since"], regions["us-east-1"]["role"]) == (None, "standby")


def test_replication_lag_is_shown() -> None:
    measured = LagState(lag_seconds=1.26, measured_at=NOW - 60, problem="It was refused.")
    assert make_status(lag_state=measured)["replication_lag"] == {
        "lag_seconds": 1.3,
        "at_least": False,
        "measured_at": "2027-01-15T07:59:00.000Z",
        "last_error": "It was refused.",
    }
    missing = LagState(marker=LagMarker(value=1, written_at=NOW - 9.06, subject="sub"), last_missing_at=NOW)
    assert (
        make_status(lag_state=missing)["replication_lag"]["lag_seconds"],
        make_status(lag_state=missing)["replication_lag"]["at_least"],
    ) == (
        9.1,
        True,
    )
    assert make_status()["replication_lag"] == {
        "lag_seconds": None,
        "at_least": False,
        "measured_at": None,
        "last_error": "",
    }


def test_move_is_shown_with_step_progress() -> None:
    on_primary = {"ap-northeast-1": 255, "us-east-1": 0}
    status = make_status(
        move=MOVE,
        records=SavedRecords(read_at=NOW - 60, weights=route_all_to(RegionRole.PRIMARY)),
        pending_weight_sync=PendingWeightSync(),
    )
    assert status["weights"] == {
        "desired": {"ap-northeast-1": 0, "us-east-1": 255},
        "found": on_primary,
        "read_at": "2027-01-15T07:59:00.000Z",
        "problem": "",
        "sync_pending": True,
    }
    unstarted = {
        "id": "to-us-east-1-1",
        "from": "ap-northeast-1",
        "to": "us-east-1",
        "automatic": False,
        "drill": None,
        "levers": ["weights"],
        "reason": "drill",
        "requested_by": "Aiko",
        "decided_at": "2027-01-15T07:59:00.000Z",
        "under_way_for": "1 min",
        "going_back": False,
        "steps_percent": [100],
        "aims_at": "ap-northeast-1 0, us-east-1 255",
        "submitted": False,
        "in_sync": False,
        "confirmed": False,
        "last_error": "",
    }
    assert status["move"] == unstarted
    saved = Progress(intent=Intent(before=(), after=(), weights=route_all_to(RegionRole.STANDBY)))
    assert make_status(move=replace(MOVE, progress=saved))["move"] == unstarted
    submitted = replace(MOVE, progress=replace(saved, submitted_at=NOW), drill_id="drill-1", last_error="Throttling")
    assert make_status(move=submitted)["move"] == {
        **unstarted,
        "submitted": True,
        "drill": "drill-1",
        "last_error": "Throttling",
    }
    confirmed = replace(MOVE, progress=replace(saved, submitted_at=NOW, in_sync_at=NOW), records_confirmed_at=NOW)
    assert make_status(move=confirmed)["move"] == {**unstarted, "submitted": True, "in_sync": True, "confirmed": True}
    assert make_status()["weights"] == {
        "desired": on_primary,
        "found": None,
        "read_at": None,
        "problem": "",
        "sync_pending": False,
    }


def test_last_move_is_shown_with_stage_times() -> None:
    last = replace(MOVE, first_submitted_at=NOW - 50, first_in_sync_at=NOW - 40, drill_id="drill-1")
    assert make_status(last_move=last, last_move_ended_at=NOW - 30)["last_move"] == {
        "id": "to-us-east-1-1",
        "from": "ap-northeast-1",
        "to": "us-east-1",
        "by_way_of": None,
        "automatic": False,
        "drill": "drill-1",
        "reason": "drill",
        "requested_by": "Aiko",
        "suspected_at": "2027-01-15T07:58:59.940Z",
        "ended_at": "2027-01-15T07:59:30.000Z",
        "stages_seconds": {"decided": 0.1, "submitted": 10.1, "in_sync": 20.1, "confirmed": 30.1},
    }
    back = make_status(
        last_move=replace(MOVE, mode=MoveMode.ROLLBACK, steps=MoveMode.ROLLBACK.steps), last_move_ended_at=NOW
    )["last_move"]
    assert (back["to"], back["by_way_of"], back["drill"]) == ("ap-northeast-1", "us-east-1", None)
    assert back["stages_seconds"] == {"decided": 0.1, "confirmed": 60.1}
    assert make_status()["last_move"] is None
    assert make_status(last_move=MOVE)["last_move"] is None


def test_latches_are_shown() -> None:
    here = DnsWatch(record_sets=(), name_servers=())
    latches = {
        SteeredName.RECORDS: LatchState(is_thrown=True, set_at=NOW - 60, effective_at=NOW - 30, dns_watch=here),
        SteeredName.DOMAIN: LatchState(is_thrown=False, problem="S3 is silent"),
    }
    assert make_status(latches=latches)["latches"] == {
        "records": {
            "attached": True,
            "thrown": True,
            "set_at": "2027-01-15T07:59:00.000Z",
            "effective_at": "2027-01-15T07:59:30.000Z",
            "last_error": "",
        },
        "domain": {
            "attached": False,
            "thrown": False,
            "set_at": None,
            "effective_at": None,
            "last_error": "S3 is silent",
        },
    }


def test_automation_blockers_are_shown_until_they_end() -> None:
    pause = Pause(until=NOW + 60, reason="deploy", requested_by="Aiko")
    blockers: dict[str, Any] = {
        "pause": pause,
        "is_observe_only": True,
        "hold": Hold(since=NOW - 60, reason="edited"),
        "cool_down_until": NOW + 0.5,
        "automatic_move_times": (NOW - 60,),
        "blocked_by": "no-hold",
    }
    assert make_status(**blockers)["automation"] == {
        "blocked_by": "no-hold",
        "paused": {"until": "2027-01-15T08:01:00.000Z", "reason": "deploy", "requested_by": "Aiko"},
        "observe_only": True,
        "waits_for_acknowledgement": {
            "hold": "hold-1799999940",
            "since": "2027-01-15T07:59:00.000Z",
            "reason": "edited",
        },
        "cool_down_until": "2027-01-15T08:00:00.500Z",
        "automatic_moves_within_a_day": 1,
        "automatic_moves_allowed_a_day": 2,
    }
    nothing = {
        "blocked_by": "",
        "paused": None,
        "observe_only": False,
        "waits_for_acknowledgement": None,
        "cool_down_until": None,
        "automatic_moves_within_a_day": 0,
        "automatic_moves_allowed_a_day": 2,
    }
    assert (
        make_status()["automation"]
        == make_status(pause=replace(pause, until=NOW), cool_down_until=NOW)["automation"]
        == nothing
    )
    assert make_status(policy=make_settings(observe_only=True))["automation"] == {**nothing, "observe_only": True}


def test_preflight_is_shown_with_failed_and_unknown_checks() -> None:
    def make_finding(outcome: CheckOutcome) -> PreflightFinding:
        message = f"It {outcome}."
        return PreflightFinding(
            check=outcome, severity=CheckSeverity.HIGH, outcome=outcome, message=message, remedy="Fix it."
        )

    preflight = PreflightResult(at=NOW - 60.06, findings=tuple(make_finding(outcome) for outcome in CheckOutcome))
    expected = {
        "at": "2027-01-15T07:58:59.940Z",
        "age_seconds": 60.1,
        "fresh": True,
        "passed": 1,
        "failed": [
            {
                "check": "failed",
                "severity": "high",
                "message": "It failed.",
                "remedy": "Fix it.",
                "blocks_failover": False,
            }
        ],
        "unknown": [{"check": "unknown", "severity": "high", "message": "It unknown."}],
    }
    assert format_preflight(preflight, NOW) == expected
    assert format_preflight(preflight, NOW + 9_000)["fresh"] is False
    status = build_status(make_state(), CONSENSUS, (), LoadedHistory(events=()), SETTINGS, now=NOW, preflight=preflight)
    assert status["preflight"] == expected


def make_event(kind: EventKind, **changes: Any) -> Event:
    return Event(kind=kind, at=NOW, message="It happened.", **changes)


DRILL_MOVE = replace(MOVE, drill_id="drill-1")


@pytest.mark.parametrize(
    ("entry", "report", "seconds"),
    [
        (make_event(EventKind.DRILL_ENDED, drill=DRILL), "s3://reports-us-east-1/reports/drill-1.html", 60.1),
        (make_event(EventKind.DRILL_STARTED, drill=DRILL), None, None),
        (make_event(EventKind.MOVE_CONFIRMED, move=MOVE), "s3://reports-us-east-1/reports/to-us-east-1-1.html", 60.1),
        (make_event(EventKind.MOVE_CANCELLED, move=MOVE), "s3://reports-us-east-1/reports/to-us-east-1-1.html", None),
        (make_event(EventKind.MOVE_CONFIRMED, move=DRILL_MOVE), None, 60.1),
        (make_event(EventKind.MOVE_DECIDED, move=MOVE), None, None),
        (make_event(EventKind.PAUSED), None, None),
    ],
)
def test_finished_move_is_shown_with_report_and_duration(
    entry: Event, report: str | None, seconds: float | None
) -> None:
    history = LoadedHistory(events=(entry,))
    (shown,) = format_history(history, SETTINGS)["history"]
    assert (shown["report"], shown["duration_seconds"]) == (report, seconds)
    (without_bucket,) = format_history(history, make_settings())["history"]
    assert without_bucket["report"] is None


def test_drill_is_shown_with_stage_until_end() -> None:
    active = {
        "id": "drill-1",
        "kind": "switchover",
        "requested_by": "Aiko",
        "reason": "monthly",
        "started_at": "2027-01-15T07:58:59.940Z",
        "stage": "moving-out",
        "stage_since": "2027-01-15T07:59:30.000Z",
        "hold_seconds": 0.0,
        "sign_ins": {"tried": 0, "failed": 0},
        "moves": [],
        "aborted": None,
        "outcome": None,
        "ended_at": None,
    }
    assert format_drill(DRILL) == active
    ended = replace(
        DRILL.with_outcome(DrillOutcome.ABORTED, NOW),
        abort_reason="enough",
        move_ids=("m",),
        sign_in_count=3,
        failed_sign_in_count=2,
    )
    assert format_drill(ended) == {
        **active,
        "stage": None,
        "stage_since": None,
        "sign_ins": {"tried": 3, "failed": 2},
        "moves": ["m"],
        "aborted": "enough",
        "outcome": "aborted",
        "ended_at": "2027-01-15T08:00:00.000Z",
    }
