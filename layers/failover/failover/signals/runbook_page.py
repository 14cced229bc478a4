"""The page of the runbooks that ends what a transition is about: that of the alarm which rings for the same. Pure."""

from failover.decision.announcement import Kind
from failover.probe.verdict import Verdict
from failover.region import Side
from failover.signals.situation import Situation

_BY_KIND = {
    Kind.BLOCKED: "primary-sick",
    Kind.WOULD_MOVE: "primary-sick",
    Kind.MOVE_DELAYED: "move-stuck",
    Kind.MOVE_OVERTAKEN: "drift",
    Kind.HELD: "drift",
    Kind.PAUSED: "paused-too-long",
    Kind.OBSERVE_ONLY_SET: "paused-too-long",
    Kind.LATCH_PROBLEM: "levers-out-of-reach",
    Kind.PREFLIGHT_FAILED: "preflight-failed",
}
_BY_VERDICT = {
    Verdict.CANARY_BROKEN: "canary-broken",
    Verdict.THROTTLED: "region-throttled",
    Verdict.TRIGGER: "trigger-failing",
    Verdict.NOT_READY: "standby-not-ready",
    Verdict.UNKNOWN: "regions-unjudged",
}


def runbook_page(situation: Situation) -> str:
    """Return the name of the page, such as ``primary-sick``; empty where there is nothing to end."""
    announcement, state = situation.announcement, situation.state
    move, verdict = announcement.move, announcement.verdict
    match announcement.kind:
        case Kind.MOVE_CONFIRMED if move and move.destination is Side.STANDBY and not announcement.drill_id:
            return "moved"
        case Kind.LEVER_PROBLEM:
            return "levers-out-of-reach" if state and state.surveyed and state.surveyed.out_of_reach else "drift"
        case Kind.CONCERN if verdict is Verdict.SICK:
            return "primary-sick" if announcement.side is Side.PRIMARY else "standby-not-ready"
        case Kind.CONCERN if verdict:
            return _BY_VERDICT.get(verdict, "")
        case kind:
            return _BY_KIND.get(kind, "")
