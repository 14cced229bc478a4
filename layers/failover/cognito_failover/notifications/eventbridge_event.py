"""The event a program receives. Pure."""

from typing import Any

from cognito_failover.common.region import Instant
from cognito_failover.common.text import format_iso_utc
from cognito_failover.core.model.event import Event, EventKind
from cognito_failover.core.model.move import Move
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.status import compute_stage_seconds, format_drill
from cognito_failover.notifications.context import EventContext
from cognito_failover.notifications.severity import rate_severity
from cognito_failover.settings.controller import Settings
from cognito_failover.telemetry.decided_region import find_decided_role

SOURCE = "cognito-failover"


def format_detail_type(kind: EventKind) -> str:
    """Return the kind in words, such as ``Move confirmed``: what EventBridge rules match on."""
    return kind.replace("-", " ").capitalize()


def build_detail(event: Event, settings: Settings, state: ControllerState | None) -> dict[str, Any]:
    """Return the event's detail, as JSON values with Regions by name and moments as ISO 8601.

    ``docs/events.schema.json`` says what may be in it.

    Parameters
    ----------
    announcement
        The transition.
    settings
        The names of Regions, domain and pool.
    state
        What is remembered now; without it neither the active nor the decided Region is known, and both are None.

    """
    target_role = find_decided_role(state) if state else None
    return {
        "id": event.id,
        "incident": event.incident_id or None,
        "kind": event.kind.value,
        "severity": rate_severity(EventContext(event=event, settings=settings, state=state)).value,
        "at": format_iso_utc(event.at),
        "message": event.message,
        "domain": settings.sign_in_name,
        "user_pool_id": settings.user_pool_id,
        "active_region": settings.regions[state.active_role] if state else None,
        "decided_region": settings.regions[target_role] if target_role else None,
        "move": _build_move(event.move, event.kind, event.at, settings) if event.move else None,
        "drill": _build_drill(event),
    }


def _build_drill(event: Event) -> dict[str, Any] | None:
    """Return the drill that it belongs to: by its id alone where only a move of it is told."""
    if event.drill:
        return format_drill(event.drill)
    return {"id": event.drill_id} if event.drill_id else None


def _build_move(move: Move, kind: EventKind, at: Instant, settings: Settings) -> dict[str, Any]:
    reached_stages = compute_stage_seconds(move, at)
    if kind is not EventKind.MOVE_CONFIRMED:
        del reached_stages["confirmed"]
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
        "stages_seconds": reached_stages,
    }
