"""What a person who asks is shown."""

from dataclasses import replace
from typing import Any

import pytest

from failover.decision.announcement import Announcement, Kind
from failover.decision.drill import Drill, DrillKind, DrillOutcome
from failover.decision.freshness import Freshness, Marker
from failover.decision.knowledge import Knowledge, Known
from failover.decision.move import REVERTED, LeverName, Move, Progress
from failover.decision.phase import Phase, phase_of
from failover.decision.preflight import Finding, Outcome, Preflight, Severity
from failover.decision.rules import starting_grace_seconds
from failover.decision.state import Hold, LatchState, Pause, State, Streak, Surveyed, Trailing
from failover.decision.status import described, drill_as_json, entries, status
from failover.levers.latch import LatchName
from failover.levers.lever import Intent, Sight
from failover.probe.answer import Untried
from failover.probe.backoff import AT_REST, next_backoff
from failover.probe.observation import Observation, Reading
from failover.probe.verdict import Verdict
from failover.region import PerSide, Side, all_to
from failover.settings import Settings
from tests.support.settings import settings
from tests.support.world import World


def test_a_silent_controller_is_told_before_what_it_last_said() -> None:
    world = World().settle()
    said = world.ask("status")["status"]["reason"]
    world.wait(180)
    reason = world.ask("status")["status"]["reason"]
    assert reason == f"The controller is silent: its last round was 3 min 10 s ago. It said: {said}"


def test_records_that_can_not_be_read_show_as_a_problem_of_the_weights() -> None:
    world = World().settle().route_53_fails("ServiceUnavailable")
    world.run(60)
    assert "ServiceUnavailable" in world.ask("status")["status"]["weights"]["problem"]


def test_how_the_canary_stands_is_kept_when_a_person_asks_a_silent_controller() -> None:
    world = World().settle()
    refused = next_backoff(AT_REST, now=world.clock.now, reason=Untried.CANARY_REFUSED)
    world.wait(180)
    world.probe.backoffs = PerSide(primary=refused, standby=AT_REST)
    world.ask("status")
    assert world.state.backoffs.primary == refused


def test_a_controller_is_starting_for_as_long_as_it_does_not_judge_and_no_longer() -> None:
    world = World()
    world.run(1)
    judges_at = world.state.born_at + starting_grace_seconds(world.settings)
    assert phase_of(world.state, world.settings, judges_at - 0.5) is Phase.STARTING
    assert phase_of(world.state, world.settings, judges_at) is Phase.STEADY


NOW = 1_800_000_000.0
SETTINGS = settings(report_bucket="reports-us-east-1")
WELL = Known(verdict=Verdict.HEALTHY, observed_at=NOW, detail="Well.")
KNOWLEDGE = Knowledge(sides=PerSide(primary=WELL, standby=WELL), cut_off=False)
MOVE = Move(
    id="to-us-east-1-1",
    source=Side.PRIMARY,
    target=Side.STANDBY,
    automatic=False,
    reason="drill",
    requested_by="Aiko",
    suspected_at=NOW - 60.06,
    decided_at=NOW - 60,
    step_began_at=NOW - 60,
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


def remembered(**changes: Any) -> State:
    usual: dict[str, Any] = {
        "born_at": NOW - 9_000,
        "active": Side.PRIMARY,
        "active_since": NOW - 9_000,
        "weights": all_to(Side.PRIMARY),
        "last_round_at": NOW - 10.06,
        "reason": "All is well.",
    }
    return State(**{**usual, **changes})


def shown(observations: tuple[Observation, ...] = (), policy: Settings = SETTINGS, **changes: Any) -> dict[str, Any]:
    return status(remembered(**changes), KNOWLEDGE, observations, (), policy, now=NOW)


def test_moments_are_shown_to_the_second_and_ages_to_a_tenth_of_one() -> None:
    found = shown()
    assert (found["active_since"], found["last_round"]) == ("2027-01-15T05:30:00.000Z", "2027-01-15T07:59:49.940Z")
    assert found["last_round_age_seconds"] == 10.1
    never = shown(last_round_at=None, born_at=NOW - 10)
    assert (never["last_round"], never["last_round_age_seconds"], never["reason"]) == (None, None, "All is well.")


def test_a_controller_is_silent_after_three_intervals_without_a_round() -> None:
    assert shown(last_round_at=NOW - 30)["reason"] == "All is well."
    assert shown(last_round_at=NOW - 30.5)["reason"].startswith("The controller is silent")
    assert shown(last_round_at=None, born_at=NOW - 60)["reason"].startswith("The controller is silent: its last round")


def test_what_each_observer_saw_is_shown() -> None:
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
        readings=PerSide(primary=slow, standby=replace(slow, verdict=Verdict.HEALTHY)),
        witness_answered=True,
    )
    streaks = PerSide(primary=Streak(verdict=Verdict.SICK, rounds=2, since=NOW - 10), standby=Streak())
    regions = shown((seen,), streaks=streaks)["regions"]
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


def test_how_far_the_replica_is_behind_is_shown() -> None:
    measured = Freshness(lag_seconds=1.26, measured_at=NOW - 60, trouble="It was refused.")
    assert shown(freshness=measured)["freshness"] == {
        "lag_seconds": 1.3,
        "at_least": False,
        "measured_at": "2027-01-15T07:59:00.000Z",
        "trouble": "It was refused.",
    }
    missing = Freshness(marker=Marker(value=1, written_at=NOW - 9.06, subject="sub"), unseen_at=NOW)
    assert (
        shown(freshness=missing)["freshness"]["lag_seconds"],
        shown(freshness=missing)["freshness"]["at_least"],
    ) == (
        9.1,
        True,
    )
    assert shown()["freshness"] == {"lag_seconds": None, "at_least": False, "measured_at": None, "trouble": ""}


def test_a_move_is_shown_with_how_far_its_step_has_come() -> None:
    at_home = {"ap-northeast-1": 255, "us-east-1": 0}
    found = shown(move=MOVE, surveyed=Surveyed(at=NOW - 60, weights=all_to(Side.PRIMARY)), trailing=Trailing())
    assert found["weights"] == {
        "desired": {"ap-northeast-1": 0, "us-east-1": 255},
        "found": at_home,
        "read_at": "2027-01-15T07:59:00.000Z",
        "problem": "",
        "still_to_follow": True,
    }
    unbegun = {
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
        "trouble": "",
    }
    assert found["move"] == unbegun
    saved = Progress(intent=Intent(before=(), after=(), weights=all_to(Side.STANDBY)))
    assert shown(move=replace(MOVE, progress=saved))["move"] == unbegun
    taken = replace(MOVE, progress=replace(saved, submitted_at=NOW), drill="drill-1", trouble="Throttling")
    assert shown(move=taken)["move"] == {**unbegun, "submitted": True, "drill": "drill-1", "trouble": "Throttling"}
    done = replace(MOVE, progress=replace(saved, submitted_at=NOW, in_sync_at=NOW), records_confirmed_at=NOW)
    assert shown(move=done)["move"] == {**unbegun, "submitted": True, "in_sync": True, "confirmed": True}
    assert shown()["weights"] == {
        "desired": at_home,
        "found": None,
        "read_at": None,
        "problem": "",
        "still_to_follow": False,
    }


def test_the_last_move_is_shown_with_when_each_stage_was_reached() -> None:
    last = replace(MOVE, first_submitted_at=NOW - 50, first_in_sync_at=NOW - 40, drill="drill-1")
    assert shown(last_move=last, last_move_ended_at=NOW - 30)["last_move"] == {
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
    back = shown(last_move=replace(MOVE, steps=REVERTED), last_move_ended_at=NOW)["last_move"]
    assert (back["to"], back["by_way_of"], back["drill"]) == ("ap-northeast-1", "us-east-1", None)
    assert back["stages_seconds"] == {"decided": 0.1, "confirmed": 60.1}
    assert shown()["last_move"] is None
    assert shown(last_move=MOVE)["last_move"] is None


def test_latches_are_shown_with_what_is_known_of_them() -> None:
    here = Sight(record_sets=(), name_servers=())
    latches = {
        LatchName.RECORDS: LatchState(thrown=True, set_at=NOW - 60, arrived_at=NOW - 30, sight=here),
        LatchName.DOMAIN: LatchState(thrown=False, trouble="S3 is silent"),
    }
    assert shown(latches=latches)["latches"] == {
        "records": {
            "attached": True,
            "thrown": True,
            "set_at": "2027-01-15T07:59:00.000Z",
            "seen_to_follow_at": "2027-01-15T07:59:30.000Z",
            "trouble": "",
        },
        "domain": {
            "attached": False,
            "thrown": False,
            "set_at": None,
            "seen_to_follow_at": None,
            "trouble": "S3 is silent",
        },
    }


def test_what_keeps_automation_from_moving_anybody_is_shown_until_it_ends() -> None:
    pause = Pause(until=NOW + 60, reason="deploy", requested_by="Aiko")
    kept: dict[str, Any] = {
        "pause": pause,
        "observe_only": True,
        "hold": Hold(since=NOW - 60, reason="edited"),
        "cool_down_until": NOW + 0.5,
        "automatic_moves": (NOW - 60,),
        "blocked_by": "acknowledged",
    }
    assert shown(**kept)["automation"] == {
        "blocked_by": "acknowledged",
        "paused": {"until": "2027-01-15T08:01:00.000Z", "reason": "deploy", "requested_by": "Aiko"},
        "observe_only": True,
        "waits_for_acknowledgement": {"since": "2027-01-15T07:59:00.000Z", "reason": "edited"},
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
    assert shown()["automation"] == shown(pause=replace(pause, until=NOW), cool_down_until=NOW)["automation"] == nothing
    assert shown(policy=settings(observe_only=True))["automation"] == {**nothing, "observe_only": True}


def test_a_preflight_is_shown_with_what_failed_and_what_is_not_known() -> None:
    def finding(outcome: Outcome) -> Finding:
        sentence = f"It {outcome}."
        return Finding(check=outcome, severity=Severity.HIGH, outcome=outcome, sentence=sentence, remedy="Mend it.")

    preflight = Preflight(at=NOW - 60.06, findings=tuple(finding(outcome) for outcome in Outcome))
    expected = {
        "at": "2027-01-15T07:58:59.940Z",
        "age_seconds": 60.1,
        "fresh": True,
        "passed": 1,
        "failed": [
            {"check": "failed", "severity": "high", "sentence": "It failed.", "remedy": "Mend it.", "bars": False}
        ],
        "unknown": [{"check": "unknown", "severity": "high", "sentence": "It unknown."}],
    }
    assert described(preflight, NOW) == expected
    assert described(preflight, NOW + 9_000)["fresh"] is False
    found = status(remembered(), KNOWLEDGE, (), (), SETTINGS, now=NOW, preflight=preflight)
    assert found["preflight"] == expected


def told(kind: Kind, **changes: Any) -> Announcement:
    return Announcement(kind=kind, at=NOW, sentence="It happened.", **changes)


OF_THE_DRILL = replace(MOVE, drill="drill-1")


@pytest.mark.parametrize(
    ("entry", "report", "seconds"),
    [
        (told(Kind.DRILL_ENDED, drill=DRILL), "s3://reports-us-east-1/reports/drill-1.html", 60.1),
        (told(Kind.DRILL_STARTED, drill=DRILL), None, None),
        (told(Kind.MOVE_CONFIRMED, move=MOVE), "s3://reports-us-east-1/reports/to-us-east-1-1.html", 60.1),
        (told(Kind.MOVE_WITHDRAWN, move=MOVE), "s3://reports-us-east-1/reports/to-us-east-1-1.html", None),
        (told(Kind.MOVE_CONFIRMED, move=OF_THE_DRILL), None, 60.1),
        (told(Kind.MOVE_DECIDED, move=MOVE), None, None),
        (told(Kind.PAUSED), None, None),
    ],
)
def test_what_has_ended_is_shown_with_its_report_and_how_long_it_took(
    entry: Announcement, report: str | None, seconds: float | None
) -> None:
    (found,) = entries([entry], SETTINGS)
    assert (found["report"], found["duration_seconds"]) == (report, seconds)
    (unkept,) = entries([entry], settings())
    assert unkept["report"] is None


def test_a_drill_is_shown_with_its_stage_until_it_has_ended() -> None:
    on = {
        "id": "drill-1",
        "kind": "switchover",
        "requested_by": "Aiko",
        "reason": "monthly",
        "started_at": "2027-01-15T07:58:59.940Z",
        "stage": "going",
        "stage_since": "2027-01-15T07:59:30.000Z",
        "hold_seconds": 0.0,
        "sign_ins": {"tried": 0, "failed": 0},
        "moves": [],
        "aborted": None,
        "outcome": None,
        "ended_at": None,
    }
    assert drill_as_json(DRILL) == on
    over = replace(DRILL.over(DrillOutcome.ABORTED, NOW), aborted="enough", moves=("m",), tried=3, failed=2)
    assert drill_as_json(over) == {
        **on,
        "stage": None,
        "stage_since": None,
        "sign_ins": {"tried": 3, "failed": 2},
        "moves": ["m"],
        "aborted": "enough",
        "outcome": "aborted",
        "ended_at": "2027-01-15T08:00:00.000Z",
    }
