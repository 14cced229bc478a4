"""The answer to "how do things stand?", for people and scripts. Pure."""

from collections.abc import Iterable
from typing import Any

from failover.decision.adoption import describe
from failover.decision.announcement import MOVE_ENDS, Announcement, Kind
from failover.decision.drill import Drill
from failover.decision.freshness import Freshness, lag_of
from failover.decision.knowledge import Knowledge
from failover.decision.move import Move
from failover.decision.phase import phase_of
from failover.decision.preflight import Outcome, Preflight, is_fresh
from failover.decision.state import LatchState, State
from failover.decision.suspicion import MAX_GAP_INTERVALS
from failover.probe.observation import Observation
from failover.region import Instant, Side
from failover.report_place import uri_of
from failover.settings import Settings
from failover.timetext import span, timestamp


def status(
    state: State,
    knowledge: Knowledge,
    observations: Iterable[Observation],
    history: Iterable[Announcement],
    settings: Settings,
    *,
    now: Instant,
    preflight: Preflight | None = None,
) -> dict[str, Any]:
    """Return what is remembered, known and wanted, as JSON values with Regions by name and moments as ISO 8601."""
    return {
        "phase": phase_of(state, settings, now),
        "reason": _reason(state, settings, now),
        "domain": settings.sign_in_name,
        "active_region": settings.regions[state.active],
        "active_since": timestamp(state.active_since),
        "last_round": timestamp(state.last_round_at) if state.last_round_at else None,
        "last_round_age_seconds": round(now - state.last_round_at, 1) if state.last_round_at else None,
        "cut_off": knowledge.cut_off,
        "regions": {settings.regions[side]: _region(side, state, knowledge, observations, now) for side in Side},
        "freshness": _freshness(state.freshness),
        "weights": _weights(state, settings),
        "latches": {name: _latch(latch) for name, latch in state.latches.items()},
        "move": _move(state.move, settings, now) if state.move else None,
        "last_move": _last_move(state, settings),
        "drill": drill_as_json(state.drill) if state.drill else None,
        "last_drill": drill_as_json(state.last_drill) if state.last_drill else None,
        "automation": _automation(state, settings, now),
        "preflight": described(preflight, now) if preflight else None,
        "history": entries(history, settings),
    }


def entries(history: Iterable[Announcement], settings: Settings) -> list[dict[str, Any]]:
    """Return entries of the history as JSON values; what an entry has not is None."""
    return [_entry(each, settings) for each in history]


def _entry(entry: Announcement, settings: Settings) -> dict[str, Any]:
    move, drill = entry.move, entry.drill
    of_whom = drill or move
    return {
        "at": timestamp(entry.at),
        "kind": entry.kind,
        "sentence": entry.sentence,
        "requested_by": entry.requested_by or (of_whom.requested_by if of_whom else None),
        "reason": entry.reason or (of_whom.reason if of_whom else None),
        "rule": entry.rule or None,
        "overridden": list(move.overridden) if move else [],
        "move": move.id if move else None,
        "drill": entry.drill_id or None,
        "duration_seconds": _duration_seconds(entry),
        "report": _report(entry, settings) or None,
    }


def _report(entry: Announcement, settings: Settings) -> str:
    """Return where the report of what has ended is; the moves of a drill are in the drill's."""
    if entry.kind is Kind.DRILL_ENDED and entry.drill:
        return uri_of(entry.drill.id, settings)
    if entry.kind in MOVE_ENDS and entry.move and not entry.move.drill:
        return uri_of(entry.move.id, settings)
    return ""


def _duration_seconds(entry: Announcement) -> float | None:
    """Return how long what has ended took: a move from its first cause, a drill from its start."""
    if entry.kind is Kind.DRILL_ENDED and entry.drill:
        return round(entry.at - entry.drill.started_at, 1)
    if entry.kind is Kind.MOVE_CONFIRMED and entry.move:
        return round(entry.at - entry.move.suspected_at, 1)
    return None


def drill_as_json(drill: Drill) -> dict[str, Any]:
    """Return a drill as JSON values."""
    return {
        "id": drill.id,
        "kind": drill.kind,
        "requested_by": drill.requested_by,
        "reason": drill.reason,
        "started_at": timestamp(drill.started_at),
        "stage": drill.stage if drill.outcome is None else None,
        "stage_since": timestamp(drill.stage_since) if drill.outcome is None else None,
        "hold_seconds": drill.hold_seconds,
        "sign_ins": {"tried": drill.tried, "failed": drill.failed},
        "moves": list(drill.moves),
        "aborted": drill.aborted or None,
        "outcome": drill.outcome,
        "ended_at": timestamp(drill.ended_at) if drill.ended_at is not None else None,
    }


def described(preflight: Preflight, now: Instant) -> dict[str, Any]:
    """Return what a preflight found as JSON values: how many checks passed, and every one that failed or is unknown."""
    return {
        "at": timestamp(preflight.at),
        "age_seconds": round(now - preflight.at, 1),
        "fresh": is_fresh(preflight.at, now),
        "passed": sum(finding.outcome is Outcome.PASSED for finding in preflight.findings),
        "failed": [
            {
                "check": finding.check,
                "severity": finding.severity,
                "sentence": finding.sentence,
                "remedy": finding.remedy,
                "bars": finding.bars,
            }
            for finding in preflight.failed()
        ],
        "unknown": [
            {"check": finding.check, "severity": finding.severity, "sentence": finding.sentence}
            for finding in preflight.unknown
        ],
    }


def _reason(state: State, settings: Settings, now: Instant) -> str:
    """Return what the last round said, and first of all if it was long ago."""
    silence_seconds = now - (state.last_round_at or state.born_at)
    if silence_seconds <= MAX_GAP_INTERVALS * settings.round_interval_seconds:
        return state.reason
    return f"The controller is silent: its last round was {span(silence_seconds)} ago. It said: {state.reason}"


def _region(
    side: Side, state: State, knowledge: Knowledge, observations: Iterable[Observation], now: Instant
) -> dict[str, Any]:
    known, streak = knowledge.sides[side], state.streaks[side]
    return {
        "role": side,
        "verdict": known.verdict,
        "detail": known.detail,
        "rounds_in_a_row": streak.rounds,
        "since": timestamp(streak.since) if streak.rounds else None,
        "observers": {
            observation.observer: {
                "verdict": observation.readings[side].verdict,
                "code": observation.readings[side].code,
                "detail": observation.readings[side].detail,
                "login_latency_seconds": observation.readings[side].login_latency_seconds,
                "target_latency_seconds": observation.readings[side].target_latency_seconds,
                "age_seconds": round(now - observation.observed_at, 1),
            }
            for observation in observations
        },
    }


def _freshness(freshness: Freshness) -> dict[str, Any]:
    lag = lag_of(freshness)
    return {
        "lag_seconds": round(lag.seconds, 1) if lag else None,
        "at_least": lag.at_least if lag else False,
        "measured_at": timestamp(lag.at) if lag else None,
        "trouble": freshness.trouble,
    }


def _weights(state: State, settings: Settings) -> dict[str, Any]:
    desired = state.move.weights if state.move else state.weights
    surveyed = state.surveyed
    return {
        "desired": {settings.regions[side]: weight for side, weight in desired},
        "found": {settings.regions[side]: weight for side, weight in surveyed.weights}
        if surveyed and surveyed.weights
        else None,
        "read_at": timestamp(surveyed.at) if surveyed else None,
        "problem": (surveyed.problem or surveyed.out_of_reach) if surveyed else "",
        "still_to_follow": state.trailing is not None,
    }


def _latch(latch: LatchState) -> dict[str, Any]:
    return {
        "attached": latch.sight is not None,
        "thrown": latch.thrown,
        "set_at": timestamp(latch.set_at) if latch.set_at else None,
        "seen_to_follow_at": timestamp(latch.arrived_at) if latch.arrived_at else None,
        "trouble": latch.trouble,
    }


def _move(move: Move, settings: Settings, now: Instant) -> dict[str, Any]:
    progress = move.current
    return {
        "id": move.id,
        "from": settings.regions[move.source],
        "to": settings.regions[move.target],
        "automatic": move.automatic,
        "drill": move.drill or None,
        "levers": list(move.levers),
        "reason": move.reason,
        "requested_by": move.requested_by,
        "decided_at": timestamp(move.decided_at),
        "under_way_for": span(now - move.decided_at),
        "going_back": move.reverting,
        "steps_percent": list(move.steps),
        "aims_at": describe(move.weights, settings),
        "submitted": bool(progress and progress.submitted_at),
        "in_sync": bool(progress and progress.in_sync_at),
        "confirmed": move.records_confirmed_at is not None,
        "trouble": move.trouble,
    }


def _last_move(state: State, settings: Settings) -> dict[str, Any] | None:
    move = state.last_move
    if move is None or state.last_move_ended_at is None:
        return None
    return {
        "id": move.id,
        "from": settings.regions[move.source],
        "to": settings.regions[move.destination],
        # Of one that has come back: a lever's test, or one that was turned round.
        "by_way_of": settings.regions[move.target] if move.destination is not move.target else None,
        "automatic": move.automatic,
        "drill": move.drill or None,
        "reason": move.reason,
        "requested_by": move.requested_by,
        "suspected_at": timestamp(move.suspected_at),
        "ended_at": timestamp(state.last_move_ended_at),
        "stages_seconds": stages(move, state.last_move_ended_at),
    }


def stages(move: Move, ended_at: Instant) -> dict[str, float]:
    """Return how long after its first cause each stage of a move was reached, in seconds."""
    reached = {
        "decided": move.decided_at,
        "submitted": move.first_submitted_at,
        "in_sync": move.first_in_sync_at,
        "confirmed": ended_at,
    }
    return {stage: round(at - move.suspected_at, 1) for stage, at in reached.items() if at is not None}


def _automation(state: State, settings: Settings, now: Instant) -> dict[str, Any]:
    pause = state.pause if state.pause and state.pause.until > now else None
    return {
        "blocked_by": state.blocked_by,
        "paused": {"until": timestamp(pause.until), "reason": pause.reason, "requested_by": pause.requested_by}
        if pause
        else None,
        "observe_only": state.observe_only or settings.observe_only,
        "waits_for_acknowledgement": {"since": timestamp(state.hold.since), "reason": state.hold.reason}
        if state.hold
        else None,
        "cool_down_until": timestamp(state.cool_down_until) if state.cool_down_until > now else None,
        "automatic_moves_within_a_day": len(state.automatic_moves),
        "automatic_moves_allowed_a_day": settings.max_automatic_moves_per_day,
    }
