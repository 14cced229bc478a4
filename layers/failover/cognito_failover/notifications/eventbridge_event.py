"""The events that programs receive. Pure."""

from typing import Any

from cognito_failover.common.region import Instant
from cognito_failover.common.text import format_iso_utc
from cognito_failover.core.model.event import Event, EventKind
from cognito_failover.core.model.move import Move
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.severity import rate_severity
from cognito_failover.core.status import compute_stage_seconds, format_drill
from cognito_failover.settings.controller import Settings
from cognito_failover.telemetry.decided_region import find_decided_role

SOURCE = "cognito-failover"
TIMELINE_DETAIL_TYPE = "Timeline complete"


def format_detail_type(kind: EventKind) -> str:
    """Return the detail type that EventBridge rules match on, such as ``Move confirmed``."""
    return kind.replace("-", " ").capitalize()


def build_detail(event: Event, settings: Settings, state: ControllerState | None) -> dict[str, Any]:
    """Return the detail as JSON values, with Regions by name and times in ISO 8601.

    ``docs/events.schema.json`` is its schema.

    Parameters
    ----------
    event
        The event.
    settings
        The names of Regions, domain and pool.
    state
        The current state; without it the active and the decided Region are None.

    """
    decided_role = find_decided_role(state) if state else None
    return {
        "id": event.id,
        "incident": event.incident_id or None,
        "kind": event.kind.value,
        "severity": rate_severity(event, state).value,
        "at": format_iso_utc(event.at),
        "message": event.message,
        "domain": settings.sign_in_name,
        "user_pool_id": settings.user_pool_id,
        "active_region": settings.regions[state.active_role] if state else None,
        "decided_region": settings.regions[decided_role] if decided_role else None,
        "move": _build_move(event.move, event.kind, event.at, settings) if event.move else None,
        "drill": _build_drill(event),
    }


def build_timeline_detail(report_id: str, settings: Settings, now: Instant) -> dict[str, object]:
    """Return the detail of the event that a timeline is complete, so that its report can be written."""
    return {
        "id": f"timeline-complete-{report_id}",
        "kind": "timeline-complete",
        "at": format_iso_utc(now),
        "domain": settings.sign_in_name,
        "user_pool_id": settings.user_pool_id,
        "report": {"id": report_id},
    }


def _build_drill(event: Event) -> dict[str, Any] | None:
    """Return the drill of the event, or only its id if the event is about one of its moves."""
    if event.drill:
        return format_drill(event.drill)
    return {"id": event.drill_id} if event.drill_id else None


def _build_move(move: Move, kind: EventKind, at: Instant, settings: Settings) -> dict[str, Any]:
    stage_seconds = compute_stage_seconds(move, at)
    if kind is not EventKind.MOVE_CONFIRMED:
        del stage_seconds["confirmed"]
    return {
        "id": move.id,
        "from": settings.regions[move.source],
        "to": settings.regions[move.target],
        "automatic": move.is_automatic,
        "reason": move.reason,
        "requested_by": move.requested_by,
        "overridden": list(move.overridden_rules),
        "steps": list(move.steps),
        "going_back": move.is_rolling_back,
        "drill": move.drill_id or None,
        "stages_seconds": stage_seconds,
    }
