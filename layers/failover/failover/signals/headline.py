"""The news of a transition in a few words: what a phone shows before anybody opens a message. Pure."""

from typing import assert_never

from failover.decision.announcement import OF_DRILLS, Announcement, Kind
from failover.signals.situation import Situation


def headline(situation: Situation) -> str:
    """Return what happened, without a full stop; a rehearsal says so first."""
    return f"{_mark(situation.announcement)}{_words(situation)}"


def _words(situation: Situation) -> str:  # noqa: C901, PLR0911, PLR0912 - one return for each case of a closed set
    kind = situation.announcement.kind
    match kind:
        case Kind.ADOPTED:
            return "Failover controller started"
        case Kind.SUSPECTED:
            return "Sign-in may be failing"
        case Kind.SUSPICION_CLEARED:
            return "Sign-in works again, nothing was moved"
        case Kind.BLOCKED:
            return f"Sign-in is failing, and not moved{_by_rule(situation)}"
        case Kind.WOULD_MOVE:
            return "Sign-in is failing, and automation only watches"
        case Kind.MOVE_DECIDED:
            return f"Sign-in is moving{_direction(situation)}"
        case Kind.MOVE_SUBMITTED:
            return f"Route 53 has taken the change{_direction(situation)}"
        case Kind.LATCH_SET:
            return f"The latch is set{_direction(situation)}"
        case Kind.LATCH_ARRIVED:
            return f"The latch is seen to work{_direction(situation)}"
        case Kind.WEIGHTS_FOLLOWED:
            return "The weights have followed the users"
        case Kind.STEP_CONFIRMED:
            return f"A share of sign-in has moved{_direction(situation)}"
        case Kind.MOVE_CONFIRMED:
            return f"{_confirmed(situation)}{_direction(situation)}"
        case Kind.MOVE_DELAYED:
            return f"Sign-in moves late{_direction(situation)}"
        case Kind.MOVE_WITHDRAWN:
            return "Move withdrawn, nothing was changed"
        case Kind.MOVE_HASTENED:
            return f"Sign-in is moving at once{_direction(situation)}"
        case Kind.MOVE_REVERTING:
            return f"Sign-in is going back{_direction(situation)}"
        case Kind.MOVE_OVERTAKEN:
            return "Acknowledge: a move has ended unfinished"
        case Kind.HELD:
            return f"Acknowledge: automation waits because of the {situation.settings.what_steers}"
        case Kind.ACKNOWLEDGED:
            return "Automation goes on, acknowledged"
        case Kind.PAUSED:
            return "Automation paused"
        case Kind.RESUMED:
            return "Automation resumed"
        case Kind.OBSERVE_ONLY_SET:
            return "Automation set to observe only"
        case Kind.ATTACHMENT:
            return "The latch is being attached or detached"
        case Kind.CONCERN:
            return f"{_region(situation)} is {situation.announcement.verdict or 'not healthy'}"
        case Kind.RECOVERED:
            return f"{_region(situation)} is healthy again"
        case Kind.LEVER_PROBLEM:
            return f"The {situation.settings.what_steers} can't be used or read"
        case Kind.LEVER_MENDED:
            return f"The {situation.settings.what_steers} can be used again"
        case Kind.LATCH_PROBLEM:
            return "A latch can't be relied on"
        case Kind.LATCH_MENDED:
            return "A latch can be relied on again"
        case Kind.PREFLIGHT_FAILED:
            return "A failover would not go well now"
        case Kind.PREFLIGHT_MENDED:
            return "The standby is ready again"
        case Kind.DRILL_STARTED:
            return f"Drill begins{_kind_of_drill(situation)}"
        case Kind.DRILL_HOLDS:
            return f"Drill holds{_kind_of_drill(situation)}"
        case Kind.DRILL_ABORTED:
            return f"Drill aborted{_kind_of_drill(situation)}"
        case Kind.DRILL_ENDED:
            return f"Drill ended{_outcome(situation)}"
        case Kind.DRILL_REFUSED:
            return f"Drill refused{_by_rule(situation)}"
        case Kind.REFUSED:
            return f"Refused{_by_rule(situation)}"
        case _:
            assert_never(kind)


def _mark(announcement: Announcement) -> str:
    """Return what every headline of a drill begins with, unless its own words say so."""
    return "DRILL: " if announcement.drill_id and announcement.kind not in OF_DRILLS else ""


def _region(situation: Situation) -> str:
    side = situation.announcement.side
    return situation.settings.regions[side] if side else "A Region"


def _by_rule(situation: Situation) -> str:
    rule = situation.announcement.rule
    return f" ({rule})" if rule else ""


def _kind_of_drill(situation: Situation) -> str:
    drill = situation.announcement.drill
    return f" ({drill.kind})" if drill else ""


def _outcome(situation: Situation) -> str:
    drill = situation.announcement.drill
    return f" ({drill.kind}, {drill.outcome})" if drill else ""


def _confirmed(situation: Situation) -> str:
    move = situation.announcement.move
    return "Sign-in has come back" if move and move.reverting else "Sign-in moved"


def _direction(situation: Situation) -> str:
    move = situation.announcement.move
    if move is None:
        return ""
    return f" to {situation.settings.regions[move.destination]} ({'automatic' if move.automatic else 'by hand'})"
