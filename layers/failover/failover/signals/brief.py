"""The one thing to do about a transition, short enough for a text message. Pure."""

from typing import assert_never

from failover.decision.announcement import Kind
from failover.decision.drill import DrillOutcome
from failover.probe.verdict import Verdict
from failover.region import Side
from failover.signals.situation import Situation

MAX_LENGTH = 40
"""So that what happened, and where, finds its place beside it."""

_NOTHING = "Nothing to do."
_CONFIRMATION = "Wait 2 min for the confirmation."
_NOTHING_IF_YOU = "Nothing, if it was you."
_STATUS = "See why: failoverctl status."


def in_brief(situation: Situation) -> str:  # noqa: C901, PLR0911, PLR0912 - one return for each case of a closed set
    """Return one sentence of at most `MAX_LENGTH` characters, without a name that may be long."""
    if situation.goes_on_by_itself:
        return "Nothing to do: the drill goes on."
    match situation.announcement.kind:
        case Kind.ADOPTED:
            return "See that it is what you expect."
        case Kind.BLOCKED | Kind.LEVER_PROBLEM | Kind.LATCH_PROBLEM:
            return _STATUS
        case Kind.WOULD_MOVE:
            return f"To move users: failoverctl {_move_by_hand(situation)}."
        case Kind.MOVE_DECIDED | Kind.MOVE_HASTENED | Kind.MOVE_REVERTING:
            return _CONFIRMATION
        case Kind.MOVE_CONFIRMED:
            return "See that users sign in."
        case Kind.MOVE_DELAYED:
            return "If users can't wait, break glass."
        case Kind.MOVE_OVERTAKEN | Kind.HELD:
            return "Look, then: failoverctl acknowledge."
        case Kind.PAUSED | Kind.OBSERVE_ONLY_SET:
            return "To end it: failoverctl resume."
        case Kind.ATTACHMENT | Kind.REFUSED:
            return _NOTHING_IF_YOU
        case Kind.CONCERN:
            return _when_concerned(situation.announcement.verdict)
        case Kind.RECOVERED:
            return _when_recovered(situation)
        case Kind.PREFLIGHT_FAILED:
            return "See which check: failoverctl preflight."
        case Kind.DRILL_STARTED:
            return "Nothing to do: it ends by itself."
        case Kind.DRILL_HOLDS:
            return "Try your app on the standby."
        case Kind.DRILL_ABORTED:
            return "Wait for its end, then see why."
        case Kind.DRILL_ENDED:
            return _when_a_drill_has_ended(situation)
        case Kind.DRILL_REFUSED:
            return "See why: failoverctl history."
        case (
            Kind.SUSPECTED
            | Kind.SUSPICION_CLEARED
            | Kind.MOVE_SUBMITTED
            | Kind.LATCH_SET
            | Kind.LATCH_ARRIVED
            | Kind.STEP_CONFIRMED
            | Kind.MOVE_WITHDRAWN
            | Kind.WEIGHTS_FOLLOWED
            | Kind.ACKNOWLEDGED
            | Kind.RESUMED
            | Kind.LEVER_MENDED
            | Kind.LATCH_MENDED
            | Kind.PREFLIGHT_MENDED
        ):
            return _NOTHING
        case _:
            assert_never(situation.announcement.kind)


def _move_by_hand(situation: Situation) -> str:
    state = situation.state
    return "failback" if state and state.active is Side.STANDBY else "failover"


def _when_concerned(verdict: Verdict | None) -> str:
    match verdict:
        case Verdict.CANARY_BROKEN:
            return "Mend the canary; users may be fine."
        case Verdict.THROTTLED:
            return "Compare sign-ins with the quota."
        case Verdict.TRIGGER:
            return "See the log of the Lambda trigger."
        case Verdict.NOT_READY:
            return "See that the replica is ACTIVE."
        case Verdict.UNVERIFIED:
            return "See that the JWKS can be read."
        case Verdict.UNKNOWN:
            return "Look at the controller's network."
        case Verdict.HEALTHY:
            return _NOTHING
        case Verdict.SICK | None:
            return _STATUS
        case _:
            assert_never(verdict)


def _when_recovered(situation: Situation) -> str:
    state = situation.state
    if situation.announcement.side is Side.PRIMARY and situation.users_are_away and state and not state.to_return:
        return "When you are ready: failoverctl failback."
    return _NOTHING


def _when_a_drill_has_ended(situation: Situation) -> str:
    drill = situation.announcement.drill
    return _NOTHING if drill and drill.outcome is DrillOutcome.CLEAN else "See why: failoverctl report."
