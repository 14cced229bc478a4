"""How much an event matters, and whether people get a message about it. Pure."""

from collections.abc import Callable

from cognito_failover.common.region import RegionRole
from cognito_failover.core.model.drill import DrillOutcome
from cognito_failover.core.model.event import Event, EventKind, EventSeverity
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.verdict import OUTAGE_VERDICTS

type _Rating = EventSeverity | Callable[[Event, ControllerState | None], EventSeverity]

_KINDS_WITHOUT_MESSAGE = frozenset(
    {
        EventKind.SUSPECTED,
        EventKind.SUSPICION_CLEARED,
        EventKind.MOVE_SUBMITTED,
        EventKind.LATCH_SET,
        EventKind.LATCH_EFFECTIVE,
        EventKind.STEP_CONFIRMED,
        EventKind.DRILL_ON_STANDBY,
        EventKind.REFUSED,
    }
)

_KINDS_HANDLED_BY_DRILL = frozenset(
    {
        EventKind.SUSPECTED,
        EventKind.SUSPICION_CLEARED,
        EventKind.BLOCKED,
        EventKind.WOULD_MOVE,
        EventKind.MOVE_DECIDED,
        EventKind.MOVE_SUBMITTED,
        EventKind.LATCH_SET,
        EventKind.LATCH_EFFECTIVE,
        EventKind.STEP_CONFIRMED,
        EventKind.MOVE_CONFIRMED,
        EventKind.MOVE_CANCELLED,
        EventKind.MOVE_ROLLING_BACK,
    }
)


def is_notified(kind: EventKind) -> bool:
    """Return whether people get a message about events of this kind. Others are for programs and the history."""
    return kind not in _KINDS_WITHOUT_MESSAGE


def is_drill_step(event: Event, state: ControllerState | None) -> bool:
    """Return whether the current drill caused the event and handles it."""
    drill = state.drill if state else None
    return drill is not None and drill.id == event.drill_id and event.kind in _KINDS_HANDLED_BY_DRILL


def rate_severity(event: Event, state: ControllerState | None) -> EventSeverity:
    """Return how much an event matters: as saved with it, or by the state if it is not saved yet.

    A drill wakes no one: its events are never critical, and only info where the drill handles them.
    """
    if event.severity:
        return event.severity
    rating = _RATINGS.get(event.kind, EventSeverity.INFO)
    severity = rating if isinstance(rating, EventSeverity) else rating(event, state)
    if not event.drill_id or severity is EventSeverity.INFO:
        return severity
    return EventSeverity.INFO if is_drill_step(event, state) else EventSeverity.WARNING


def _rate_decision(event: Event, _: ControllerState | None) -> EventSeverity:
    is_failover = event.move is not None and event.move.is_automatic_failover
    return EventSeverity.CRITICAL if is_failover else EventSeverity.INFO


def _rate_confirmation(event: Event, _: ControllerState | None) -> EventSeverity:
    is_failover = event.move is not None and event.move.destination is RegionRole.STANDBY
    return EventSeverity.WARNING if is_failover else EventSeverity.INFO


def _rate_degradation(event: Event, state: ControllerState | None) -> EventSeverity:
    has_users = state is not None and event.role in state.user_roles
    return EventSeverity.CRITICAL if has_users and event.verdict in OUTAGE_VERDICTS else EventSeverity.WARNING


def _rate_ended_drill(event: Event, _: ControllerState | None) -> EventSeverity:
    has_failed = event.drill is not None and event.drill.outcome is not DrillOutcome.SUCCEEDED
    return EventSeverity.WARNING if has_failed else EventSeverity.INFO


_RATINGS: dict[EventKind, _Rating] = {
    EventKind.STATE_INITIALIZED: EventSeverity.WARNING,
    EventKind.SUSPECTED: EventSeverity.WARNING,
    EventKind.BLOCKED: EventSeverity.CRITICAL,
    EventKind.WOULD_MOVE: EventSeverity.CRITICAL,
    EventKind.MOVE_DECIDED: _rate_decision,
    EventKind.MOVE_CONFIRMED: _rate_confirmation,
    EventKind.MOVE_DELAYED: EventSeverity.CRITICAL,
    EventKind.MOVE_CANCELLED: EventSeverity.WARNING,
    EventKind.MOVE_ACCELERATED: EventSeverity.CRITICAL,
    EventKind.MOVE_ROLLING_BACK: EventSeverity.WARNING,
    EventKind.MOVE_SUPERSEDED: EventSeverity.CRITICAL,
    EventKind.LOCATION_DIFFERS: EventSeverity.CRITICAL,
    EventKind.AUTOMATION_HELD: EventSeverity.WARNING,
    EventKind.REGION_DEGRADED: _rate_degradation,
    EventKind.LEVER_PROBLEM: EventSeverity.WARNING,
    EventKind.LATCH_PROBLEM: EventSeverity.WARNING,
    EventKind.PREFLIGHT_FAILED: EventSeverity.WARNING,
    EventKind.DRILL_ABORTED: EventSeverity.WARNING,
    EventKind.DRILL_ENDED: _rate_ended_drill,
    EventKind.DRILL_REFUSED: EventSeverity.WARNING,
}
"""The severity of each kind outside a drill. Other kinds are info."""
