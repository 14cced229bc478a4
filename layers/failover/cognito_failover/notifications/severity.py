"""How much a transition matters, for subscribers who choose what may wake them. Pure."""

from enum import StrEnum

from cognito_failover.common.region import RegionRole
from cognito_failover.core.model.drill import DrillOutcome
from cognito_failover.core.model.event import EventKind
from cognito_failover.core.verdict import Verdict
from cognito_failover.notifications.context import EventContext


class EventSeverity(StrEnum):
    """In the words of pagers.

    Critical: users can't sign in, or may not be able to, and a person may have to act now. Warning: look at it today.
    Info: good to know.
    """

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


_CRITICAL_KINDS = frozenset(
    {
        EventKind.BLOCKED,
        EventKind.WOULD_MOVE,
        EventKind.MOVE_DELAYED,
        EventKind.MOVE_ACCELERATED,
        EventKind.MOVE_SUPERSEDED,
    }
)
_WARNING_KINDS = frozenset(
    {
        EventKind.STATE_INITIALIZED,
        EventKind.SUSPECTED,
        EventKind.MOVE_CANCELLED,
        EventKind.MOVE_ROLLING_BACK,
        EventKind.AUTOMATION_HELD,
        EventKind.REGION_DEGRADED,
        EventKind.LEVER_PROBLEM,
        EventKind.LATCH_PROBLEM,
        EventKind.PREFLIGHT_FAILED,
        EventKind.DRILL_ABORTED,
        EventKind.DRILL_REFUSED,
    }
)


def rate_severity(context: EventContext) -> EventSeverity:
    """Return how much a transition matters.

    What a drill causes is never critical, and only good to know where the drill takes care of it: nobody is to be woken
    for a rehearsal.
    """
    event_severity = _rate_event(context)
    if not context.event.drill_id or event_severity is EventSeverity.INFO:
        return event_severity
    return EventSeverity.INFO if context.is_drill_step else EventSeverity.WARNING


def _rate_event(context: EventContext) -> EventSeverity:
    event, state = context.event, context.state
    kind, move = event.kind, event.move
    if kind in _CRITICAL_KINDS or (kind is EventKind.MOVE_DECIDED and move and move.is_automatic_failover):
        return EventSeverity.CRITICAL
    if (
        kind is EventKind.REGION_DEGRADED
        and event.verdict is Verdict.SICK
        and state
        and event.role is state.active_role
    ):
        return EventSeverity.CRITICAL
    if kind in _WARNING_KINDS:
        return EventSeverity.WARNING
    if kind is EventKind.MOVE_CONFIRMED and move and move.destination is RegionRole.STANDBY:
        return EventSeverity.WARNING
    if kind is EventKind.DRILL_ENDED and event.drill and event.drill.outcome is not DrillOutcome.SUCCEEDED:
        return EventSeverity.WARNING
    return EventSeverity.INFO
