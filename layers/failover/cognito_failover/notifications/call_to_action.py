"""The one thing to do about a transition, short enough for a text message. Pure."""

from typing import assert_never

from cognito_failover.common.region import RegionRole
from cognito_failover.core.model.drill import DrillOutcome
from cognito_failover.core.model.event import EventKind
from cognito_failover.core.verdict import Verdict
from cognito_failover.notifications.context import EventContext

MAX_LENGTH = 40
"""So that what happened, and where, finds its place beside it."""

_NO_ACTION = "Nothing to do."
_WAIT_FOR_CONFIRMATION = "Wait 2 min for the confirmation."
_NO_ACTION_IF_EXPECTED = "Nothing, if it was you."
_CHECK_STATUS = "See why: failoverctl status."


def format_call_to_action(context: EventContext) -> str:  # noqa: C901, PLR0911, PLR0912 - one return for each case of a closed set
    """Return one sentence of at most `MAX_LENGTH` characters, without a name that may be long."""
    if context.is_drill_step:
        return "Nothing to do: the drill goes on."
    match context.event.kind:
        case EventKind.STATE_INITIALIZED:
            return "See that it is what you expect."
        case EventKind.BLOCKED | EventKind.LEVER_PROBLEM | EventKind.LATCH_PROBLEM:
            return _CHECK_STATUS
        case EventKind.WOULD_MOVE:
            return f"To move users: failoverctl {_choose_move_command(context)}."
        case EventKind.MOVE_DECIDED | EventKind.MOVE_ACCELERATED | EventKind.MOVE_ROLLING_BACK:
            return _WAIT_FOR_CONFIRMATION
        case EventKind.MOVE_CONFIRMED:
            return "See that users sign in."
        case EventKind.MOVE_DELAYED:
            return "If users can't wait, break glass."
        case EventKind.MOVE_SUPERSEDED | EventKind.AUTOMATION_HELD:
            return "Look, then: failoverctl acknowledge."
        case EventKind.PAUSED | EventKind.OBSERVE_ONLY_SET:
            return "To end it: failoverctl resume."
        case EventKind.ATTACHMENT | EventKind.REFUSED:
            return _NO_ACTION_IF_EXPECTED
        case EventKind.REGION_DEGRADED:
            return _advise_on_degradation(context.event.verdict)
        case EventKind.REGION_RECOVERED:
            return _advise_on_recovery(context)
        case EventKind.PREFLIGHT_FAILED:
            return "See which check: failoverctl preflight."
        case EventKind.DRILL_STARTED:
            return "Nothing to do: it ends by itself."
        case EventKind.DRILL_ON_STANDBY:
            return "Try your app on the standby."
        case EventKind.DRILL_ABORTED:
            return "Wait for its end, then see why."
        case EventKind.DRILL_ENDED:
            return _advise_after_drill(context)
        case EventKind.DRILL_REFUSED:
            return "See why: failoverctl history."
        case (
            EventKind.SUSPECTED
            | EventKind.SUSPICION_CLEARED
            | EventKind.MOVE_SUBMITTED
            | EventKind.LATCH_SET
            | EventKind.LATCH_EFFECTIVE
            | EventKind.STEP_CONFIRMED
            | EventKind.MOVE_CANCELLED
            | EventKind.WEIGHTS_SYNCED
            | EventKind.ACKNOWLEDGED
            | EventKind.RESUMED
            | EventKind.LEVER_RECOVERED
            | EventKind.LATCH_RECOVERED
            | EventKind.PREFLIGHT_RECOVERED
        ):
            return _NO_ACTION
        case _:
            assert_never(context.event.kind)


def _choose_move_command(context: EventContext) -> str:
    state = context.state
    return "failback" if state and state.active_role is RegionRole.STANDBY else "failover"


def _advise_on_degradation(verdict: Verdict | None) -> str:
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
            return _NO_ACTION
        case Verdict.SICK | None:
            return _CHECK_STATUS
        case _:
            assert_never(verdict)


def _advise_on_recovery(context: EventContext) -> str:
    state = context.state
    if (
        context.event.role is RegionRole.PRIMARY
        and context.is_failed_over
        and state
        and not state.is_auto_failback_pending
    ):
        return "When you are ready: failoverctl failback."
    return _NO_ACTION


def _advise_after_drill(context: EventContext) -> str:
    drill = context.event.drill
    return _NO_ACTION if drill and drill.outcome is DrillOutcome.SUCCEEDED else "See why: failoverctl report."
