"""The page of the runbooks that ends what a transition is about: that of the alarm which rings for the same. Pure."""

from cognito_failover.common.region import RegionRole
from cognito_failover.core.model.event import EventKind
from cognito_failover.core.verdict import Verdict
from cognito_failover.notifications.context import EventContext

_PAGE_BY_KIND = {
    EventKind.BLOCKED: "primary-sick",
    EventKind.WOULD_MOVE: "primary-sick",
    EventKind.MOVE_DELAYED: "move-stuck",
    EventKind.MOVE_SUPERSEDED: "drift",
    EventKind.AUTOMATION_HELD: "drift",
    EventKind.PAUSED: "paused-too-long",
    EventKind.OBSERVE_ONLY_SET: "paused-too-long",
    EventKind.LATCH_PROBLEM: "levers-unavailable",
    EventKind.PREFLIGHT_FAILED: "preflight-failed",
}
_PAGE_BY_VERDICT = {
    Verdict.CANARY_BROKEN: "canary-broken",
    Verdict.THROTTLED: "region-throttled",
    Verdict.TRIGGER: "trigger-failing",
    Verdict.NOT_READY: "standby-not-ready",
    Verdict.UNKNOWN: "region-status-unknown",
}


def find_runbook_page(context: EventContext) -> str:
    """Return the name of the page, such as ``primary-sick``; empty where there is nothing to end."""
    event, state = context.event, context.state
    move, verdict = event.move, event.verdict
    match event.kind:
        case EventKind.MOVE_CONFIRMED if move and move.destination is RegionRole.STANDBY and not event.drill_id:
            return "failed-over"
        case EventKind.LEVER_PROBLEM:
            return "levers-unavailable" if state and state.records and state.records.read_error else "drift"
        case EventKind.REGION_DEGRADED if verdict is Verdict.SICK:
            return "primary-sick" if event.role is RegionRole.PRIMARY else "standby-not-ready"
        case EventKind.REGION_DEGRADED if verdict:
            return _PAGE_BY_VERDICT.get(verdict, "")
        case kind:
            return _PAGE_BY_KIND.get(kind, "")
