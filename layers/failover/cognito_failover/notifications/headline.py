"""The news of a transition in a few words: what a phone shows before anybody opens a message. Pure."""

from typing import assert_never

from cognito_failover.core.model.event import DRILL_KINDS, Event, EventKind
from cognito_failover.notifications.context import EventContext


def format_headline(context: EventContext) -> str:
    """Return what happened, without a full stop; a rehearsal says so first."""
    return f"{_format_drill_prefix(context.event)}{_describe_event(context)}"


def _describe_event(context: EventContext) -> str:  # noqa: C901, PLR0911, PLR0912 - one return for each case of a closed set
    kind = context.event.kind
    match kind:
        case EventKind.STATE_INITIALIZED:
            return "Failover controller started"
        case EventKind.SUSPECTED:
            return "Sign-in may be failing"
        case EventKind.SUSPICION_CLEARED:
            return "Sign-in works again, nothing was moved"
        case EventKind.BLOCKED:
            return f"Sign-in is failing, and not moved{_format_rule(context)}"
        case EventKind.WOULD_MOVE:
            return "Sign-in is failing, and automation only watches"
        case EventKind.MOVE_DECIDED:
            return f"Sign-in is moving{_format_direction(context)}"
        case EventKind.MOVE_SUBMITTED:
            return f"Route 53 has taken the change{_format_direction(context)}"
        case EventKind.LATCH_SET:
            return f"The latch is set{_format_direction(context)}"
        case EventKind.LATCH_EFFECTIVE:
            return f"The latch is seen to work{_format_direction(context)}"
        case EventKind.WEIGHTS_SYNCED:
            return "The weights have followed the users"
        case EventKind.STEP_CONFIRMED:
            return f"A share of sign-in has moved{_format_direction(context)}"
        case EventKind.MOVE_CONFIRMED:
            return f"{_describe_confirmation(context)}{_format_direction(context)}"
        case EventKind.MOVE_DELAYED:
            return f"Sign-in moves late{_format_direction(context)}"
        case EventKind.MOVE_CANCELLED:
            return "Move withdrawn, nothing was changed"
        case EventKind.MOVE_ACCELERATED:
            return f"Sign-in is moving at once{_format_direction(context)}"
        case EventKind.MOVE_ROLLING_BACK:
            return f"Sign-in is going back{_format_direction(context)}"
        case EventKind.MOVE_SUPERSEDED:
            return "Acknowledge: a move has ended unfinished"
        case EventKind.AUTOMATION_HELD:
            return f"Acknowledge: automation waits because of the {context.settings.traffic_source_name}"
        case EventKind.ACKNOWLEDGED:
            return "Automation goes on, acknowledged"
        case EventKind.PAUSED:
            return "Automation paused"
        case EventKind.RESUMED:
            return "Automation resumed"
        case EventKind.OBSERVE_ONLY_SET:
            return "Automation set to observe only"
        case EventKind.ATTACHMENT:
            return "The latch is being attached or detached"
        case EventKind.REGION_DEGRADED:
            return f"{_format_region(context)} is {context.event.verdict or 'not healthy'}"
        case EventKind.REGION_RECOVERED:
            return f"{_format_region(context)} is healthy again"
        case EventKind.LEVER_PROBLEM:
            return f"The {context.settings.traffic_source_name} can't be used or read"
        case EventKind.LEVER_RECOVERED:
            return f"The {context.settings.traffic_source_name} can be used again"
        case EventKind.LATCH_PROBLEM:
            return "A latch can't be relied on"
        case EventKind.LATCH_RECOVERED:
            return "A latch can be relied on again"
        case EventKind.PREFLIGHT_FAILED:
            return "A failover would not go well now"
        case EventKind.PREFLIGHT_RECOVERED:
            return "The standby is ready again"
        case EventKind.DRILL_STARTED:
            return f"Drill begins{_format_drill_kind(context)}"
        case EventKind.DRILL_ON_STANDBY:
            return f"Drill holds{_format_drill_kind(context)}"
        case EventKind.DRILL_ABORTED:
            return f"Drill aborted{_format_drill_kind(context)}"
        case EventKind.DRILL_ENDED:
            return f"Drill ended{_format_drill_outcome(context)}"
        case EventKind.DRILL_REFUSED:
            return f"Drill refused{_format_rule(context)}"
        case EventKind.REFUSED:
            return f"Refused{_format_rule(context)}"
        case _:
            assert_never(kind)


def _format_drill_prefix(event: Event) -> str:
    """Return what every headline of a drill begins with, unless its own words say so."""
    return "DRILL: " if event.drill_id and event.kind not in DRILL_KINDS else ""


def _format_region(context: EventContext) -> str:
    role = context.event.role
    return context.settings.regions[role] if role else "A Region"


def _format_rule(context: EventContext) -> str:
    rule = context.event.rule
    return f" ({rule})" if rule else ""


def _format_drill_kind(context: EventContext) -> str:
    drill = context.event.drill
    return f" ({drill.kind})" if drill else ""


def _format_drill_outcome(context: EventContext) -> str:
    drill = context.event.drill
    return f" ({drill.kind}, {drill.outcome})" if drill else ""


def _describe_confirmation(context: EventContext) -> str:
    move = context.event.move
    return "Sign-in has come back" if move and move.is_rolling_back else "Sign-in moved"


def _format_direction(context: EventContext) -> str:
    move = context.event.move
    if move is None:
        return ""
    return f" to {context.settings.regions[move.destination]} ({'automatic' if move.is_automatic else 'by hand'})"
