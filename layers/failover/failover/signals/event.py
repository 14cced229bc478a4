"""The event a program receives. Pure."""

from typing import Any

from failover.decision.announcement import Announcement, Kind
from failover.decision.move import Move
from failover.decision.state import State
from failover.decision.status import drill_as_json, stages
from failover.region import Instant
from failover.settings import Settings
from failover.signals.decided_region import decided_side
from failover.signals.severity import severity
from failover.signals.situation import Situation
from failover.timetext import clock_time

SOURCE = "cognito-failover"


def detail_type(kind: Kind) -> str:
    """Return the kind in words, such as ``Move confirmed``: what EventBridge rules match on."""
    return kind.replace("-", " ").capitalize()


def detail(announcement: Announcement, settings: Settings, state: State | None) -> dict[str, Any]:
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
    decided = decided_side(state) if state else None
    return {
        "id": announcement.id,
        "incident": announcement.incident or None,
        "kind": announcement.kind.value,
        "severity": severity(Situation(announcement=announcement, settings=settings, state=state)).value,
        "at": clock_time(announcement.at),
        "sentence": announcement.sentence,
        "domain": settings.sign_in_name,
        "user_pool_id": settings.user_pool_id,
        "active_region": settings.regions[state.active] if state else None,
        "decided_region": settings.regions[decided] if decided else None,
        "move": _move(announcement.move, announcement.kind, announcement.at, settings) if announcement.move else None,
        "drill": _drill(announcement),
    }


def _drill(announcement: Announcement) -> dict[str, Any] | None:
    """Return the drill that it belongs to: by its id alone where only a move of it is told."""
    if announcement.drill:
        return drill_as_json(announcement.drill)
    return {"id": announcement.drill_id} if announcement.drill_id else None


def _move(move: Move, kind: Kind, at: Instant, settings: Settings) -> dict[str, Any]:
    reached = stages(move, at)
    if kind is not Kind.MOVE_CONFIRMED:
        del reached["confirmed"]
    return {
        "id": move.id,
        "from": settings.regions[move.source],
        "to": settings.regions[move.target],
        "automatic": move.automatic,
        "reason": move.reason,
        "requested_by": move.requested_by,
        "overridden": list(move.overridden),
        "steps": list(move.steps),
        "going_back": move.reverting,
        "drill": move.drill or None,
        "stages_seconds": reached,
    }
