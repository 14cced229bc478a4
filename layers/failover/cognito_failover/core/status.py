"""The status that the operator action ``status`` returns. Pure."""

from collections.abc import Iterable
from typing import Any

from cognito_failover.common.region import Instant, RegionRole
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.common.text import format_duration, format_iso_millis
from cognito_failover.core.consensus import Consensus
from cognito_failover.core.failure_detector import MAX_GAP_INTERVALS
from cognito_failover.core.headline import list_concerns
from cognito_failover.core.model.drill import Drill
from cognito_failover.core.model.event import MOVE_END_KINDS, Event, EventKind
from cognito_failover.core.model.location import Location
from cognito_failover.core.model.move import Move
from cognito_failover.core.model.state import ControllerState, LatchState
from cognito_failover.core.moments import is_waiting
from cognito_failover.core.observation import Observation
from cognito_failover.core.phase import get_phase
from cognito_failover.core.ports.stores import LoadedHistory
from cognito_failover.core.preflight_result import CheckOutcome, PreflightResult, is_fresh
from cognito_failover.core.reconciliation.external_changes import describe_routing
from cognito_failover.core.replication_lag import LagState, get_current_lag
from cognito_failover.core.report_location import build_report_uri
from cognito_failover.core.rules import list_recent_moves
from cognito_failover.core.user_location import get_domain_name
from cognito_failover.settings.controller import Settings


def build_status(
    state: ControllerState,
    consensus: Consensus,
    observations: Iterable[Observation],
    history: LoadedHistory,
    settings: Settings,
    *,
    now: Instant,
    preflight: PreflightResult | None = None,
) -> dict[str, Any]:
    """Return the status as JSON values, with Regions by name and times as ISO 8601."""
    return {
        "phase": get_phase(state, settings, now),
        "headline": list_concerns(state, settings),
        "reason": _format_reason(state, settings, now),
        "domain": settings.sign_in_name,
        "active_region": settings.regions[state.active_role],
        "active_since": format_iso_millis(state.active_since),
        "last_round": format_iso_millis(state.last_round_at) if state.last_round_at else None,
        "last_round_age_seconds": round(now - state.last_round_at, 1) if state.last_round_at else None,
        "isolated": consensus.is_isolated,
        "regions": {
            settings.regions[role]: _format_region(role, state, consensus, observations, now) for role in RegionRole
        },
        "replication_lag": _format_lag(state.lag_state),
        "location": {
            name: _format_location(name, location, state, settings) for name, location in state.locations.items()
        },
        "weights": _format_weights(state, settings),
        "latches": {name: _format_latch(latch) for name, latch in state.latches.items()},
        "move": _format_move(state.move, settings, now) if state.move else None,
        "last_move": _format_last_move(state, settings),
        "drill": format_drill(state.drill) if state.drill else None,
        "last_drill": format_drill(state.last_drill) if state.last_drill else None,
        "automation": _format_automation(state, settings, now),
        "preflight": format_preflight(preflight, now) if preflight else None,
        **format_history(history, settings),
    }


def format_history(history: LoadedHistory, settings: Settings) -> dict[str, Any]:
    """Return the history as JSON values. A value that an entry does not have is None."""
    return {
        "history": [_format_entry(each, settings) for each in history.events],
        "unreadable_history_entries": history.unreadable_count,
    }


def _format_entry(entry: Event, settings: Settings) -> dict[str, Any]:
    move, drill = entry.move, entry.drill
    origin = drill or move
    return {
        "at": format_iso_millis(entry.at),
        "kind": entry.kind,
        "message": entry.message,
        "requested_by": entry.requested_by or (origin.requested_by if origin else None),
        "reason": entry.reason or (origin.reason if origin else None),
        "rule": entry.rule or None,
        "overridden": list(move.overridden_rules) if move else [],
        "move": move.id if move else None,
        "drill": entry.drill_id or None,
        "duration_seconds": _compute_duration_seconds(entry),
        "report": _get_report_uri(entry, settings) or None,
    }


def _get_report_uri(entry: Event, settings: Settings) -> str:
    """Return where the report of what has ended is; the moves of a drill are in the drill's."""
    if entry.kind is EventKind.DRILL_ENDED and entry.drill:
        return build_report_uri(entry.drill.id, settings)
    if entry.kind in MOVE_END_KINDS and entry.move and not entry.move.drill_id:
        return build_report_uri(entry.move.id, settings)
    return ""


def _compute_duration_seconds(entry: Event) -> float | None:
    """Return how long what has ended took: a move from its first cause, a drill from its start."""
    if entry.kind is EventKind.DRILL_ENDED and entry.drill:
        return round(entry.at - entry.drill.started_at, 1)
    if entry.kind is EventKind.MOVE_CONFIRMED and entry.move:
        return round(entry.at - entry.move.suspected_at, 1)
    return None


def format_drill(drill: Drill) -> dict[str, Any]:
    """Return a drill as JSON values."""
    return {
        "id": drill.id,
        "kind": drill.kind,
        "requested_by": drill.requested_by,
        "reason": drill.reason,
        "started_at": format_iso_millis(drill.started_at),
        "stage": drill.stage if drill.outcome is None else None,
        "stage_since": format_iso_millis(drill.stage_since) if drill.outcome is None else None,
        "hold_seconds": drill.hold_seconds,
        "sign_ins": {"tried": drill.sign_in_count, "failed": drill.failed_sign_in_count},
        "moves": list(drill.move_ids),
        "aborted": drill.abort_reason or None,
        "outcome": drill.outcome,
        "ended_at": format_iso_millis(drill.ended_at) if drill.ended_at is not None else None,
    }


def format_preflight(preflight: PreflightResult, now: Instant) -> dict[str, Any]:
    """Return a preflight as JSON values: the number of passed checks, and each check that failed or is unknown."""
    return {
        "at": format_iso_millis(preflight.at),
        "age_seconds": round(now - preflight.at, 1),
        "fresh": is_fresh(preflight.at, now),
        "passed": sum(finding.outcome is CheckOutcome.PASSED for finding in preflight.findings),
        "failed": [
            {
                "check": finding.check,
                "severity": finding.severity,
                "message": finding.message,
                "remedy": finding.remedy,
                "blocks_failover": finding.blocks_failover,
            }
            for finding in preflight.list_failed()
        ],
        "unknown": [
            {"check": finding.check, "severity": finding.severity, "message": finding.message}
            for finding in preflight.unknown
        ],
    }


def _format_reason(state: ControllerState, settings: Settings, now: Instant) -> str:
    """Return the message of the last round. If that was long ago, say so first."""
    silence_seconds = now - (state.last_round_at or state.created_at)
    if silence_seconds <= MAX_GAP_INTERVALS * settings.round_interval_seconds:
        return state.round_message
    silence_text = format_duration(silence_seconds)
    return f"The controller makes no rounds: the last one was {silence_text} ago. Its message: {state.round_message}"


def _format_region(
    role: RegionRole, state: ControllerState, consensus: Consensus, observations: Iterable[Observation], now: Instant
) -> dict[str, Any]:
    region_consensus, streak = consensus.roles[role], state.streaks[role]
    return {
        "role": role,
        "verdict": region_consensus.verdict,
        "detail": region_consensus.detail,
        "rounds_in_a_row": streak.rounds,
        "since": format_iso_millis(streak.since) if streak.rounds else None,
        "observers": {
            observation.observer: {
                "verdict": observation.readings[role].verdict,
                "code": observation.readings[role].code,
                "detail": observation.readings[role].detail,
                "login_latency_seconds": observation.readings[role].login_latency_seconds,
                "target_latency_seconds": observation.readings[role].target_latency_seconds,
                "age_seconds": round(now - observation.observed_at, 1),
            }
            for observation in observations
        },
    }


def _format_lag(lag_state: LagState) -> dict[str, Any]:
    lag = get_current_lag(lag_state)
    return {
        "lag_seconds": round(lag.seconds, 1) if lag else None,
        "at_least": lag.is_lower_bound if lag else False,
        "measured_at": format_iso_millis(lag.at) if lag else None,
        "last_error": lag_state.problem,
    }


def _format_location(
    name: SteeredName, location: Location, state: ControllerState, settings: Settings
) -> dict[str, Any]:
    difference = state.differences.get(name)
    is_differing = difference is not None and difference.is_confirmed
    return {
        "domain": get_domain_name(name, settings),
        "shares_percent": {settings.regions[role]: round(100 * location.get_share(role)) for role in RegionRole},
        "unknown_percent": round(100 * location.unknown_share),
        "observed_at": format_iso_millis(location.observed_at),
        "observed_by": location.source,
        "answered": location.answering_count,
        "asked": len(location.servers),
        "differs_since": format_iso_millis(difference.since) if difference and is_differing else None,
    }


def _format_weights(state: ControllerState, settings: Settings) -> dict[str, Any]:
    desired = state.move.weights if state.move else state.weights
    records = state.records
    return {
        "desired": {settings.regions[role]: weight for role, weight in desired},
        "found": {settings.regions[role]: weight for role, weight in records.weights}
        if records and records.weights
        else None,
        "read_at": format_iso_millis(records.read_at) if records else None,
        "problem": (records.problem or records.read_error or records.warning) if records else "",
        "sync_pending": state.pending_weight_sync is not None,
    }


def _format_latch(latch: LatchState) -> dict[str, Any]:
    return {
        "attached": latch.is_attached,
        "thrown": latch.is_thrown,
        "set_at": format_iso_millis(latch.set_at) if latch.set_at else None,
        "effective_at": format_iso_millis(latch.effective_at) if latch.effective_at else None,
        "last_error": latch.problem,
    }


def _format_move(move: Move, settings: Settings, now: Instant) -> dict[str, Any]:
    progress = move.current_progress
    return {
        "id": move.id,
        "from": settings.regions[move.source],
        "to": settings.regions[move.target],
        "automatic": move.is_automatic,
        "drill": move.drill_id or None,
        "levers": list(move.levers),
        "reason": move.reason,
        "requested_by": move.requested_by,
        "decided_at": format_iso_millis(move.decided_at),
        "under_way_for": format_duration(now - move.decided_at),
        "going_back": move.is_rolling_back,
        "steps_percent": list(move.steps),
        "aims_at": describe_routing(move.weights, settings),
        "submitted": bool(progress and progress.submitted_at),
        "in_sync": bool(progress and progress.in_sync_at),
        "confirmed": move.records_confirmed_at is not None,
        "last_error": move.last_error,
    }


def _format_last_move(state: ControllerState, settings: Settings) -> dict[str, Any] | None:
    move = state.last_move
    if move is None or state.last_move_ended_at is None:
        return None
    return {
        "id": move.id,
        "from": settings.regions[move.source],
        "to": settings.regions[move.destination],
        # A round trip or a rollback ends in the Region that it started from.
        "by_way_of": settings.regions[move.target] if move.destination is not move.target else None,
        "automatic": move.is_automatic,
        "drill": move.drill_id or None,
        "reason": move.reason,
        "requested_by": move.requested_by,
        "suspected_at": format_iso_millis(move.suspected_at),
        "ended_at": format_iso_millis(state.last_move_ended_at),
        "stages_seconds": compute_stage_seconds(move, state.last_move_ended_at),
    }


def compute_stage_seconds(move: Move, ended_at: Instant) -> dict[str, float]:
    """Return for each stage of a move the time since its cause, in seconds."""
    reached = {
        "decided": move.decided_at,
        "submitted": move.first_submitted_at,
        "in_sync": move.first_in_sync_at,
        "confirmed": ended_at,
    }
    return {stage: round(at - move.suspected_at, 1) for stage, at in reached.items() if at is not None}


def _format_automation(state: ControllerState, settings: Settings, now: Instant) -> dict[str, Any]:
    pause = state.pause if state.pause and state.pause.until > now else None
    return {
        "blocked_by": state.blocked_by,
        "paused": {"until": format_iso_millis(pause.until), "reason": pause.reason, "requested_by": pause.requested_by}
        if pause
        else None,
        "observe_only": state.is_observe_only or settings.observe_only,
        "waits_for_acknowledgement": {
            "hold": state.hold.id,
            "since": format_iso_millis(state.hold.since),
            "reason": state.hold.reason,
        }
        if state.hold
        else None,
        "cool_down_until": format_iso_millis(state.cool_down_until)
        if is_waiting(state.cool_down_until, settings.cool_down_seconds, now)
        else None,
        "automatic_moves_within_a_day": len(list_recent_moves(state, now)),
        "automatic_moves_allowed_a_day": settings.max_automatic_moves_per_day,
    }
