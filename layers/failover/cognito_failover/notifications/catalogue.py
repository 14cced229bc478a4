"""The catalogue of event kinds: what each says, and which runbook page it leads to. Pure."""

from collections.abc import Callable
from dataclasses import dataclass

from cognito_failover.common.region import RegionRole
from cognito_failover.common.text import format_duration, format_short_utc
from cognito_failover.core.model.drill import DrillOutcome
from cognito_failover.core.model.event import DRILL_KINDS, EventKind
from cognito_failover.core.move.lifecycle import compute_bake_seconds
from cognito_failover.core.operator.request import OperatorAction
from cognito_failover.core.rules import Rule
from cognito_failover.core.severity import is_drill_step
from cognito_failover.core.verdict import Verdict
from cognito_failover.notifications.advice import (
    NOT_MOVED,
    NOTHING_TO_DO,
    advise_after_confirmed_move,
    advise_after_drill,
    advise_on_blocked_move,
    advise_on_degradation,
    advise_on_hold,
    advise_on_lever_problem,
    advise_on_location,
    advise_on_recovery,
    describe_abort,
    describe_break_glass,
    describe_confirmed_move,
    describe_drill_abort,
    describe_ended_drill,
    describe_lever_problem,
    describe_manual_move,
    describe_no_action,
    describe_resume,
    describe_retries,
)
from cognito_failover.notifications.context import EventContext

MAX_CALL_TO_ACTION_LENGTH = 40
"""Leaves room in a text message for the headline and the domain."""


type Text = str | Callable[[EventContext], str]
"""A text, or a function where the text depends on the event or the state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSpec:
    """All that belongs to one kind of event.

    Attributes
    ----------
    kind
        The kind.
    headline
        The news in a few words, without a full stop.
    call_to_action
        The one thing to do: a sentence of at most `MAX_CALL_TO_ACTION_LENGTH` characters, without long names.
    actions_taken
        What the controller did, in one or more sentences.
    next_steps
        What a person can do now, in one or more sentences.
    runbook
        The page in docs/runbooks, such as ``primary-sick``: that of the alarm with the same cause. Empty for none.

    """

    kind: EventKind
    headline: Text
    call_to_action: Text = NOTHING_TO_DO
    actions_taken: Text = describe_no_action
    next_steps: Text = NOTHING_TO_DO
    runbook: Text = ""


_CHECK_STATUS = "See why: failoverctl status."
_CHECK_AND_ACKNOWLEDGE = "Check, then: failoverctl acknowledge."
_TO_RESUME = "To end it: failoverctl resume."
_NOTHING_IF_EXPECTED = "Nothing to do, if it was you."
_ON_HOLD = "Records and latches stay as they are. No automatic move starts until you acknowledge."

_CALL_TO_ACTION_BY_VERDICT = {
    Verdict.HEALTHY: NOTHING_TO_DO,
    Verdict.SICK: _CHECK_STATUS,
    Verdict.THROTTLED: "Compare sign-ins with the quota.",
    Verdict.TRIGGER: "Read the log of the Lambda trigger.",
    Verdict.INACTIVE: "Activate the replica.",
    Verdict.TARGET_REFUSES: "Try to sign in; check the target.",
    Verdict.INTERMEDIARY: "Check the web ACLs.",
    Verdict.CANARY_BROKEN: "Fix the canary; users may be fine.",
    Verdict.NOT_READY: "Check the replication of users.",
    Verdict.UNVERIFIED: "Check that the JWKS can be read.",
    Verdict.UNKNOWN: "Check the controller's network.",
}
_RUNBOOK_BY_VERDICT = {
    Verdict.THROTTLED: "region-throttled",
    Verdict.TRIGGER: "trigger-failing",
    Verdict.INACTIVE: "standby-not-ready",
    Verdict.TARGET_REFUSES: "target-refuses",
    Verdict.INTERMEDIARY: "intermediary",
    Verdict.CANARY_BROKEN: "canary-broken",
    Verdict.NOT_READY: "standby-not-ready",
    Verdict.UNKNOWN: "region-status-unknown",
}


def _call_to_wait(context: EventContext) -> str:
    move = context.event.move
    return "Wait: users move in steps." if move and not move.is_on_last_step else "Wait 2 min for the confirmation."


def _advise_to_wait(context: EventContext) -> str:
    move = context.event.move
    if move is None or move.is_on_last_step:
        return "Wait for the confirmation. It usually follows within two minutes."
    ttl_seconds = context.state.records.ttl_seconds if context.state and context.state.records else 0
    bake_seconds = compute_bake_seconds(ttl_seconds, context.settings)
    return (
        f"Wait for the confirmation. Users move in {len(move.steps)} steps, with a pause of "
        f"{format_duration(bake_seconds)} after each one but the last."
    )


def _format_direction(context: EventContext) -> str:
    """Return where users go, and who decided that. A move that is turned back may have been turned by another."""
    move = context.event.move
    if move is None:
        return ""
    if move.is_rolling_back:
        return f" to {context.settings.regions[move.destination]}"
    return f" to {context.settings.regions[move.destination]} ({'automatic' if move.is_automatic else 'by hand'})"


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


def _write_blocked_headline(context: EventContext) -> str:
    state = context.state
    is_target_refused = context.event.rule == Rule.TARGET_HEALTHY
    if state and is_target_refused and all(streak.verdict is Verdict.SICK for _, streak in state.streaks):
        return "Both Regions are sick; users were not moved"
    return f"Sign-in is failing; move blocked{_format_rule(context)}"


def _write_confirmation_headline(context: EventContext) -> str:
    move = context.event.move
    verb = "moved back" if move and move.is_rolling_back else "moved"
    return f"Sign-in {verb}{_format_direction(context)}"


def _call_for_manual_move(context: EventContext) -> str:
    state = context.state
    command = "failback" if state and state.users_role is RegionRole.STANDBY else "failover"
    return f"To move users: failoverctl {command}."


def _call_on_degradation(context: EventContext) -> str:
    verdict = context.event.verdict
    return _CALL_TO_ACTION_BY_VERDICT[verdict] if verdict else _CHECK_STATUS


def _call_on_recovery(context: EventContext) -> str:
    state = context.state
    if (
        context.event.role is RegionRole.PRIMARY
        and context.is_failed_over
        and state
        and not state.is_auto_failback_pending
    ):
        return "When ready: failoverctl failback."
    return NOTHING_TO_DO


def _call_after_drill(context: EventContext) -> str:
    drill = context.event.drill
    return NOTHING_TO_DO if drill and drill.outcome is DrillOutcome.SUCCEEDED else "See why: failoverctl report."


def _find_confirmation_page(context: EventContext) -> str:
    event = context.event
    is_failover = event.move is not None and event.move.destination is RegionRole.STANDBY
    return "failed-over" if is_failover and not event.drill_id else ""


def _find_degradation_page(context: EventContext) -> str:
    role, verdict = context.event.role, context.event.verdict
    if verdict is Verdict.SICK:
        return "primary-sick" if role is RegionRole.PRIMARY else "standby-not-ready"
    return _RUNBOOK_BY_VERDICT.get(verdict, "") if verdict else ""


CATALOGUE = (
    EventSpec(
        kind=EventKind.STATE_INITIALIZED,
        headline="Failover controller started",
        call_to_action="Check the active Region.",
        actions_taken=lambda context: (
            f"The controller starts from the current routing of {context.settings.sign_in_name}. {NOT_MOVED}"
        ),
        next_steps="Check that users are in the Region you expect.",
    ),
    EventSpec(
        kind=EventKind.SUSPECTED,
        headline="Sign-in may be failing",
        actions_taken=lambda context: (
            f"{NOT_MOVED} The controller checks the Region every {context.settings.round_interval_seconds} s."
        ),
        next_steps=lambda context: (
            f"Nothing to do yet. A decision follows after {context.settings.suspect_rounds} sick rounds in a row, or "
            f"one more for every three healthy rounds in between."
        ),
    ),
    EventSpec(
        kind=EventKind.SUSPICION_CLEARED,
        headline="Sign-in works again; users were not moved",
    ),
    EventSpec(
        kind=EventKind.BLOCKED,
        headline=_write_blocked_headline,
        call_to_action=_CHECK_STATUS,
        actions_taken=f"{NOT_MOVED} The controller checks the rule again every round.",
        next_steps=advise_on_blocked_move,
        runbook="primary-sick",
    ),
    EventSpec(
        kind=EventKind.WOULD_MOVE,
        headline="Sign-in is failing; automation is in observe-only mode",
        call_to_action=_call_for_manual_move,
        actions_taken=f"{NOT_MOVED} Automation is in observe-only mode.",
        next_steps=lambda context: f"{describe_manual_move(context)} {describe_resume(context)}",
        runbook="primary-sick",
    ),
    EventSpec(
        kind=EventKind.MOVE_DECIDED,
        headline=lambda context: f"Sign-in is moving{_format_direction(context)}",
        call_to_action=_call_to_wait,
        actions_taken=lambda context: (
            f"The controller is using every lever that moves the users of {context.settings.sign_in_name}."
        ),
        next_steps=lambda context: f"{_advise_to_wait(context)} {describe_abort(context)}",
    ),
    EventSpec(
        kind=EventKind.MOVE_SUBMITTED,
        headline=lambda context: f"Route 53 accepted the change{_format_direction(context)}",
        actions_taken="The controller sent the change to Route 53.",
        next_steps=lambda context: f"{NOTHING_TO_DO} {describe_abort(context)}",
    ),
    EventSpec(
        kind=EventKind.LATCH_SET,
        headline="A latch was set or released",
        actions_taken="The controller set or released the latch in the standby Region.",
        next_steps=lambda context: f"{NOTHING_TO_DO} {describe_abort(context)}",
    ),
    EventSpec(
        kind=EventKind.LATCH_EFFECTIVE,
        headline="A latch has taken effect",
        actions_taken="DNS shows the new state of the latch's health check.",
    ),
    EventSpec(
        kind=EventKind.STEP_CONFIRMED,
        headline=lambda context: f"A share of users has moved{_format_direction(context)}",
        actions_taken="The controller moved a share of the users. The name servers confirmed it.",
        next_steps=lambda context: (
            f"{NOTHING_TO_DO} The next step follows while sign-in works. {describe_abort(context)}"
        ),
    ),
    EventSpec(
        kind=EventKind.MOVE_CONFIRMED,
        headline=_write_confirmation_headline,
        call_to_action="Check that users can sign in.",
        actions_taken=describe_confirmed_move,
        next_steps=advise_after_confirmed_move,
        runbook=_find_confirmation_page,
    ),
    EventSpec(
        kind=EventKind.MOVE_DELAYED,
        headline=lambda context: f"The move{_format_direction(context)} is delayed",
        call_to_action="If users can't wait, break glass.",
        actions_taken=describe_retries,
        next_steps=lambda context: f"If users can't wait, break glass. {describe_break_glass(context)}",
        runbook="move-stuck",
    ),
    EventSpec(
        kind=EventKind.MOVE_CANCELLED,
        headline="Move cancelled; users were not moved",
        actions_taken="The controller cancelled the move before any lever changed.",
        next_steps=lambda context: f"Nothing to do, unless you still want the move. {describe_manual_move(context)}",
    ),
    EventSpec(
        kind=EventKind.MOVE_ACCELERATED,
        headline=lambda context: f"All users are moving at once{_format_direction(context)}",
        call_to_action=_call_to_wait,
        actions_taken="The Region that users leave is sick. The controller makes the rest of the move in one step.",
        next_steps=_advise_to_wait,
    ),
    EventSpec(
        kind=EventKind.MOVE_ROLLING_BACK,
        headline=lambda context: f"Sign-in is moving back{_format_direction(context)}",
        call_to_action=_call_to_wait,
        actions_taken="The controller is sending users back to the Region they came from.",
        next_steps="Wait for the confirmation. Then find out why the move was rolled back.",
    ),
    EventSpec(
        kind=EventKind.MOVE_SUPERSEDED,
        headline="A move ended unfinished; automation is on hold",
        call_to_action=_CHECK_AND_ACKNOWLEDGE,
        actions_taken=_ON_HOLD,
        next_steps=advise_on_hold,
        runbook="drift",
    ),
    EventSpec(
        kind=EventKind.WEIGHTS_SYNCED,
        headline="The weights now match the active Region",
        actions_taken="The controller set the weights to the Region where users already are. This did not move users.",
    ),
    EventSpec(
        kind=EventKind.LOCATION_DIFFERS,
        headline="DNS sends users elsewhere than decided",
        call_to_action=_CHECK_STATUS,
        actions_taken="The controller changed nothing. If users are in a sick Region, it moves them.",
        next_steps=advise_on_location,
        runbook="drift",
    ),
    EventSpec(
        kind=EventKind.LOCATION_RESTORED,
        headline="DNS sends users to the decided Region again",
        actions_taken="The controller changed nothing.",
    ),
    EventSpec(
        kind=EventKind.AUTOMATION_HELD,
        headline=lambda context: f"Automation is on hold: check the {context.settings.traffic_source_name}",
        call_to_action=_CHECK_AND_ACKNOWLEDGE,
        actions_taken=_ON_HOLD,
        next_steps=advise_on_hold,
        runbook="drift",
    ),
    EventSpec(
        kind=EventKind.ACKNOWLEDGED,
        headline="Acknowledged; automation continues",
        actions_taken="Automation continues.",
    ),
    EventSpec(
        kind=EventKind.PAUSED,
        headline="Automation paused",
        call_to_action=_TO_RESUME,
        actions_taken="Rounds continue. No automatic move starts.",
        next_steps=lambda context: f"To end the pause earlier, {context.format_command(OperatorAction.RESUME)}.",
        runbook="paused-too-long",
    ),
    EventSpec(
        kind=EventKind.RESUMED,
        headline="Automation resumed",
        actions_taken="Automation continues.",
    ),
    EventSpec(
        kind=EventKind.OBSERVE_ONLY_SET,
        headline="Automation set to observe-only mode",
        call_to_action=_TO_RESUME,
        actions_taken="Rounds continue. No automatic move starts. The controller reports each move it would have made.",
        next_steps=lambda context: f"This mode does not end until you end it. {describe_resume(context)}",
        runbook="paused-too-long",
    ),
    EventSpec(
        kind=EventKind.ATTACHMENT,
        headline="The latch is being attached or detached",
        call_to_action=_NOTHING_IF_EXPECTED,
        next_steps=f"{_NOTHING_IF_EXPECTED} The answer to the request names the steps that are left.",
    ),
    EventSpec(
        kind=EventKind.REGION_DEGRADED,
        headline=lambda context: f"{_format_region(context)} is {context.event.verdict or 'not healthy'}",
        call_to_action=_call_on_degradation,
        next_steps=advise_on_degradation,
        runbook=_find_degradation_page,
    ),
    EventSpec(
        kind=EventKind.REGION_RECOVERED,
        headline=lambda context: f"{_format_region(context)} is healthy again",
        call_to_action=_call_on_recovery,
        next_steps=advise_on_recovery,
    ),
    EventSpec(
        kind=EventKind.LEVER_PROBLEM,
        headline=lambda context: f"The {context.settings.traffic_source_name} can't be used or read",
        call_to_action=_CHECK_STATUS,
        actions_taken=describe_lever_problem,
        next_steps=advise_on_lever_problem,
        runbook=lambda context: "levers-unavailable" if context.is_route53_unreadable else "drift",
    ),
    EventSpec(
        kind=EventKind.LEVER_RECOVERED,
        headline=lambda context: f"The {context.settings.traffic_source_name} can be used again",
        actions_taken="Moves are possible again.",
    ),
    EventSpec(
        kind=EventKind.LATCH_PROBLEM,
        headline="A latch may not work",
        call_to_action=_CHECK_STATUS,
        actions_taken="The controller keeps watching sign-in, and checks the latch again every minute. Other levers "
        "still move users, and a move still tries this latch.",
        next_steps=lambda context: (
            f"If the latch can't be read, check that S3 (CloudWatch for the metric type) works in {context.standby}, "
            f"and that the controller's role may read and set the latch. If its health check was removed, follow the "
            f"steps above."
        ),
        runbook="levers-unavailable",
    ),
    EventSpec(
        kind=EventKind.LATCH_RECOVERED,
        headline="A latch works again",
        actions_taken="The latch can move users again.",
    ),
    EventSpec(
        kind=EventKind.PREFLIGHT_FAILED,
        headline="Preflight failed: a failover may not work",
        call_to_action="See the checks: failoverctl preflight.",
        actions_taken="The checks run again every hour.",
        next_steps="Run failoverctl preflight. It shows each check and its remedy. Run it again after the fix.",
        runbook="preflight-failed",
    ),
    EventSpec(kind=EventKind.PREFLIGHT_RECOVERED, headline="Preflight passes again"),
    EventSpec(
        kind=EventKind.DRILL_STARTED,
        headline=lambda context: f"Drill started{_format_drill_kind(context)}",
        call_to_action="Nothing to do: it ends automatically.",
        actions_taken="The controller checked all that the drill needs. The plan is above.",
        next_steps=lambda context: (
            f"Nothing to do: the drill brings users back to {context.primary}. {describe_drill_abort(context)}"
        ),
    ),
    EventSpec(
        kind=EventKind.DRILL_ON_STANDBY,
        headline=lambda context: f"Drill: users are on the standby{_format_drill_kind(context)}",
        call_to_action="Try your app on the standby.",
        actions_taken=lambda context: f"The drill moved users to {context.standby}.",
        next_steps=lambda context: f"Try your app on {context.standby}. {describe_drill_abort(context)}",
    ),
    EventSpec(
        kind=EventKind.DRILL_ABORTED,
        headline=lambda context: f"Drill aborted{_format_drill_kind(context)}",
        call_to_action="Wait for its end, then find out why.",
        actions_taken=lambda context: f"Users return to {context.primary} as soon as it signs users in.",
        next_steps="Wait for the end of the drill. Then find out why it was aborted.",
    ),
    EventSpec(
        kind=EventKind.DRILL_ENDED,
        headline=lambda context: f"Drill ended{_format_drill_outcome(context)}",
        call_to_action=_call_after_drill,
        actions_taken=describe_ended_drill,
        next_steps=advise_after_drill,
    ),
    EventSpec(
        kind=EventKind.DRILL_REFUSED,
        headline=lambda context: f"Drill refused{_format_rule(context)}",
        call_to_action="See why: failoverctl history.",
        next_steps="Correct what blocks it, then request the drill again. A scheduled drill is tried again next time.",
    ),
    EventSpec(
        kind=EventKind.REFUSED,
        headline=lambda context: f"Request refused{_format_rule(context)}",
        call_to_action=_NOTHING_IF_EXPECTED,
        next_steps=f"{_NOTHING_IF_EXPECTED} The answer to the request gave the reason.",
    ),
)
"""The specification of every event kind, in the order of `EventKind`."""

_SPEC_BY_KIND = {spec.kind: spec for spec in CATALOGUE}


def format_headline(context: EventContext) -> str:
    """Return what happened, without a full stop. A headline of a drill says so first, a late one gives its time."""
    is_drill_event = bool(context.event.drill_id) and context.event.kind not in DRILL_KINDS
    time_text = f"{format_short_utc(context.event.at)}: " if context.is_late else ""
    return f"{'DRILL: ' if is_drill_event else ''}{time_text}{_render(_get_spec(context).headline, context)}"


def format_call_to_action(context: EventContext) -> str:
    """Return the one thing to do, as one sentence of at most `MAX_CALL_TO_ACTION_LENGTH` characters."""
    if context.is_late:
        return "Late message. See failoverctl status."
    if is_drill_step(context.event, context.state):
        return "Nothing to do: the drill continues."
    return _render(_get_spec(context).call_to_action, context)


def describe_actions_taken(context: EventContext) -> str:
    """Return what the controller did, in one or more sentences."""
    return _render(_get_spec(context).actions_taken, context)


def describe_next_steps(context: EventContext) -> str:
    """Return what a person can do now, in one or more sentences."""
    if context.is_late:
        return (
            f"This message is late, and what it says may be over. To see where users are now, "
            f"{context.format_command(OperatorAction.STATUS)}."
        )
    if is_drill_step(context.event, context.state):
        return f"Nothing to do: the drill continues. {describe_drill_abort(context)}"
    return _render(_get_spec(context).next_steps, context)


def find_runbook_page(context: EventContext) -> str:
    """Return the name of the runbook page, such as ``primary-sick``; empty if none applies."""
    return _render(_get_spec(context).runbook, context)


def _get_spec(context: EventContext) -> EventSpec:
    return _SPEC_BY_KIND[context.event.kind]


def _render(text: Text, context: EventContext) -> str:
    return text if isinstance(text, str) else text(context)
