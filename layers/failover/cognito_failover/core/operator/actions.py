"""What follows from an operator request. Pure."""

from collections.abc import Iterator
from dataclasses import replace
from typing import assert_never

from cognito_failover.common.region import Instant, RegionRole
from cognito_failover.common.text import format_iso_utc
from cognito_failover.core.failure_detector import is_sick
from cognito_failover.core.model.event import Event, EventKind
from cognito_failover.core.model.move import Move, MoveMode
from cognito_failover.core.model.state import (
    CompletedRequest,
    ControllerState,
    Hold,
    Pause,
    RejectedRequest,
    require_drill,
)
from cognito_failover.core.moments import is_waiting
from cognito_failover.core.move.failback import can_return_in_steps
from cognito_failover.core.move.latches import has_latch_set
from cognito_failover.core.move.lifecycle import is_withdrawable, may_have_changed, withdraw_move
from cognito_failover.core.operator.attachment_rules import find_attachment_blocker
from cognito_failover.core.operator.drill_request import abort_drill, request_drill
from cognito_failover.core.operator.request import FailbackMode, OperatorAction, OperatorRequest
from cognito_failover.core.operator.response import OperatorResponse
from cognito_failover.core.reconciliation.external_changes import describe_routing
from cognito_failover.core.replication_lag import build_lag_warning
from cognito_failover.core.round_context import RoundContext
from cognito_failover.core.rules import (
    OVERRIDABLE_RULES,
    MoveProposal,
    Rule,
    Violation,
    find_manual_move_violations,
    list_recent_moves,
)
from cognito_failover.core.transition import Transition
from cognito_failover.core.user_location import are_all_users_on, describe_all_users
from cognito_failover.core.verdict import OUTAGE_VERDICTS

TOKEN_SECONDS = 86_400.0
"""Minimum time for which a token is known."""

MAX_TOKENS = 200
"""Maximum number of known tokens, for the size of the state. No person makes so many requests in a day."""

MAX_ANSWERS = 20
"""Number of the latest requests whose answer or refusal is kept."""


def handle_request(state: ControllerState, request: OperatorRequest, context: RoundContext) -> OperatorResponse:
    """Return what follows from a request.

    Idempotent: a token that was accepted before changes nothing, and gets the same answer. A refused request can be
    repeated with the same token. Each refusal has only one event.
    """
    if previous := _find_previous(state, request):
        return _replay_answer(state, previous, request)
    response = _add_audit_fields(_dispatch_action(state, request, context), request, context)
    if not request.token or request.dry_run:
        return response
    if not response.is_accepted:
        return _suppress_repeat(state, response, request)
    completed = CompletedRequest(token=request.token, at=context.now, action=request.action, answer=response.answer)
    completed_requests = (completed, *_list_remembered(response.transition.state, context.now))
    return _with_state(response, replace(response.transition.state, completed_requests=completed_requests))


def _list_remembered(state: ControllerState, now: Instant) -> tuple[CompletedRequest, ...]:
    """Return the requests whose tokens are still known. Only the latest keep their answer: the state must stay small.

    A token lives for a day, longer than AWS repeats a request, and the latest requests longer than that.
    """
    latest, older = state.completed_requests[: MAX_ANSWERS - 1], state.completed_requests[MAX_ANSWERS - 1 :]
    recent = (replace(each, answer={}) for each in older if now - each.at < TOKEN_SECONDS)
    return (*latest, *recent)[: MAX_TOKENS - 1]


def _with_state(response: OperatorResponse, state: ControllerState) -> OperatorResponse:
    return replace(response, transition=replace(response.transition, state=state))


def _with_events(response: OperatorResponse, events: tuple[Event, ...]) -> OperatorResponse:
    return replace(response, transition=replace(response.transition, events=events))


def _suppress_repeat(state: ControllerState, response: OperatorResponse, request: OperatorRequest) -> OperatorResponse:
    """Return a refusal, without its event if the same rule has refused the same request before."""
    rejected = RejectedRequest(token=request.token, rule=response.rule)
    if rejected in state.rejected_requests:
        return _with_events(response, ())
    rejected_requests = (rejected, *state.rejected_requests)[:MAX_ANSWERS]
    return _with_state(response, replace(response.transition.state, rejected_requests=rejected_requests))


def _add_audit_fields(response: OperatorResponse, request: OperatorRequest, context: RoundContext) -> OperatorResponse:
    """Return the response with events that name the person and the reason, also for a refusal."""
    events = response.transition.events
    if not response.is_accepted and not events and not request.dry_run:
        message = f"{request.requested_by} requested {request.action}: {request.reason}. {response.transition.message}"
        events = (Event(kind=EventKind.REFUSED, at=context.now, message=message, rule=response.rule),)
    return _with_events(
        response,
        tuple(replace(event, requested_by=request.requested_by, reason=request.reason) for event in events),
    )


def _dispatch_action(  # noqa: C901, PLR0911 - one return for each case of a closed set
    state: ControllerState, request: OperatorRequest, context: RoundContext
) -> OperatorResponse:
    match request.action:
        case OperatorAction.STATUS | OperatorAction.HISTORY | OperatorAction.REPORT:
            return OperatorResponse.accept(state, "")
        case OperatorAction.FAILOVER:
            return _start_move(state, request, RegionRole.STANDBY, MoveMode.ALL_AT_ONCE, context)
        case OperatorAction.FAILBACK:
            # Only weights can be stepped: Cognito's own domain moves as a whole.
            is_stepped = request.mode is FailbackMode.STEPPED and context.settings.has_managed_records
            if is_stepped and not can_return_in_steps(state):
                return _refuse_steps(state, context)
            mode = MoveMode.STEPPED if is_stepped else MoveMode.ALL_AT_ONCE
            return _start_move(state, request, RegionRole.PRIMARY, mode, context)
        case OperatorAction.ABORT:
            return _abort(state, request, context)
        case OperatorAction.PAUSE:
            return _pause(state, request, context)
        case OperatorAction.RESUME:
            return _resume(state, request, context)
        case OperatorAction.ACKNOWLEDGE:
            return _acknowledge(state, request, context)
        case OperatorAction.OBSERVE_ONLY:
            return _set_observe_only(state, request, context)
        case OperatorAction.ATTACH | OperatorAction.DETACH:
            return _accept_attachment(state, request, context)
        case OperatorAction.DRILL:
            return request_drill(state, request, context)
        case _:
            assert_never(request.action)


def _find_previous(state: ControllerState, request: OperatorRequest) -> CompletedRequest | None:
    return next(
        (completed for completed in state.completed_requests if request.token and completed.token == request.token),
        None,
    )


def _replay_answer(state: ControllerState, previous: CompletedRequest, request: OperatorRequest) -> OperatorResponse:
    if previous.action != request.action:
        message = (
            f"The token {request.token} was used at {format_iso_utc(previous.at)} for {previous.action}; "
            f"nothing was done. Use a new token for {request.action}."
        )
        return OperatorResponse.refuse(state, message, rule="token")
    answer_text = f": {previous.answer['message']}" if previous.answer else "."
    message = f"Already done at {format_iso_utc(previous.at)}; nothing was done again{answer_text}"
    return OperatorResponse.accept(state, message)


def _start_move(
    state: ControllerState, request: OperatorRequest, target: RegionRole, mode: MoveMode, context: RoundContext
) -> OperatorResponse:
    region, now = context.settings.regions[target], context.now
    is_settled = state.move is None and state.active_role is target and not (state.records and state.records.warning)
    if is_settled and are_all_users_on(state, target, context):
        users = describe_all_users(state, context.settings)
        return OperatorResponse.accept(state, f"{users} are on {region} already; nothing was done.")
    proposal = MoveProposal(state=state, context=context, target=target)
    for violation in find_manual_move_violations(proposal):
        if violation.rule not in request.override:
            return _refuse(state, violation)
    move = Move(
        id=f"to-{region}-{int(now)}",
        source=target.opposite,
        target=target,
        is_automatic=False,
        reason=request.reason,
        requested_by=request.requested_by,
        overridden_rules=request.override,
        suspected_at=now,
        decided_at=now,
        step_started_at=now,
        mode=mode,
        steps=mode.steps,
    )
    steps_text = " in steps of " + ", ".join(f"{step} %" for step in move.steps) if move.is_stepped else ""
    lag_text = build_lag_warning(
        state.lag_state, target=target, warn_above_seconds=context.settings.replication_lag_alarm_seconds
    )
    message = f"Traffic moves to {region}{steps_text}, requested by {request.requested_by}: {request.reason}"
    if lag_text:
        message += f" ({lag_text})"
    event = Event(kind=EventKind.MOVE_DECIDED, at=now, message=message, move=move)
    transition = Transition.from_event(replace(state, move=move, blocked_by="", differences={}), event)
    return OperatorResponse(transition=transition, is_accepted=True)


def _refuse(state: ControllerState, violation: Violation) -> OperatorResponse:
    refusal_text = f"Refused by the rule {violation.rule}, nothing was changed: {violation.message}"
    override_hint = (
        f' To move anyway, repeat with "override": ["{violation.rule}"].' if violation.rule in OVERRIDABLE_RULES else ""
    )
    return OperatorResponse.refuse(state, refusal_text + override_hint, rule=violation.rule)


def _refuse_steps(state: ControllerState, context: RoundContext) -> OperatorResponse:
    message = (
        f"Refused by the rule {Rule.WEIGHTS_SYNCED}, nothing was changed: only the latch keeps users on "
        f"{context.settings.regions.standby}, and its release would move all of them at once. Wait until the weights "
        f'are synced, or repeat with "mode": "{FailbackMode.ALL_AT_ONCE}".'
    )
    return OperatorResponse.refuse(state, message, rule=Rule.WEIGHTS_SYNCED)


def _abort(state: ControllerState, request: OperatorRequest, context: RoundContext) -> OperatorResponse:
    if state.drill:
        return abort_drill(state, state.drill, request, context)
    move = state.move
    if move is None:
        return OperatorResponse.refuse(state, "No move is under way; nothing to abort.", rule="abort")
    source, region_consensus = context.settings.regions[move.source], context.consensus.roles[move.source]
    if move.is_rolling_back:
        return OperatorResponse.accept(state, f"The move {move.id} is already going back to {source}.")
    reason = f"aborted by {request.requested_by}: {request.reason}"
    if may_have_changed(state, move) and region_consensus.verdict in OUTAGE_VERDICTS:
        message = (
            f"Refused, nothing was changed: {source}, where traffic would go back to, is sick: "
            f"{region_consensus.detail}"
        )
        return OperatorResponse.refuse(state, message, rule=Rule.TARGET_HEALTHY)
    # A person who stops a failback wants users to stay.
    state = replace(state, is_auto_failback_pending=state.is_auto_failback_pending and not move.is_automatic_failback)
    withdrawn = withdraw_move(state, reason, context)
    if move.is_automatic_failover or is_sick(region_consensus.verdict, context.settings):
        withdrawn = withdrawn.then(_hold_after_abort(withdrawn.state, move, request, context))
    return OperatorResponse(transition=withdrawn, is_accepted=True)


def _hold_after_abort(
    state: ControllerState, move: Move, request: OperatorRequest, context: RoundContext
) -> Transition:
    """Stop automation, which would begin the aborted move again."""
    reason = f"{request.requested_by} aborted the move {move.id}: {request.reason}."
    if state.hold:
        reason += f" Before that: {state.hold.reason}"
    message = f"Automation waits for an acknowledgement: {reason}"
    event = Event(kind=EventKind.AUTOMATION_HELD, at=context.now, message=message)
    hold = Hold(since=context.now, reason=reason, bars_rescue=True)
    return Transition.from_event(replace(state, hold=hold), event)


def _pause(state: ControllerState, request: OperatorRequest, context: RoundContext) -> OperatorResponse:
    """Stop automation for a time. A longer pause stays. An automatic move that has not begun is withdrawn."""
    pause = Pause(until=context.now + 60 * request.minutes, reason=request.reason, requested_by=request.requested_by)
    until_text = format_iso_utc(pause.until)
    message = f"{request.requested_by} paused automation until {until_text}: {request.reason}."
    if state.pause and state.pause.until > pause.until:
        pause = state.pause
        message = (
            f"{request.requested_by} asked for a pause until {until_text}: {request.reason}. The longer pause by "
            f"{pause.requested_by} until {format_iso_utc(pause.until)} stays. To shorten it, resume and pause again."
        )
    message += " The controller continues to observe, but starts no automatic move."
    move, paused_state = state.move, replace(state, pause=pause)
    withdrawn = Transition(state=paused_state)
    # A latch whose answer was lost may have moved users.
    if move and move.is_automatic and is_withdrawable(move) and not has_latch_set(state, move):
        withdrawn = withdraw_move(paused_state, f"automation is paused by {request.requested_by}.", context)
        message += f" {withdrawn.message}"
    elif state.drill:
        message += f" The drill {state.drill.id} continues to its end; abort ends it early."
    elif move:
        message += f" The move {move.id} continues to its end."
    paused = _accept(withdrawn.state, EventKind.PAUSED, message, context)
    return _with_events(paused, (*paused.transition.events, *withdrawn.events))


def _resume(state: ControllerState, request: OperatorRequest, context: RoundContext) -> OperatorResponse:
    is_paused = state.pause is not None and state.pause.until > context.now
    if not is_paused and not state.is_observe_only:
        message = "Automation is neither paused nor set to observe only; nothing was done."
        return OperatorResponse.accept(state, message)
    message = f"{request.requested_by} resumed automation: {request.reason}."
    if context.settings.observe_only:
        message += " The stack is still deployed observe-only (parameter ObserveOnly)."
    return _accept(replace(state, pause=None, is_observe_only=False), EventKind.RESUMED, message, context)


def _acknowledge(state: ControllerState, request: OperatorRequest, context: RoundContext) -> OperatorResponse:
    """End what automation waits for: a hold, and the limits of automatic moves.

    A request that names a hold ends no other one, because the person has not read that one. During a move or a drill
    only a hold can be acknowledged: the records are about to change.
    """
    settings, hold, under_way = context.settings, state.hold, state.move or state.drill
    if request.hold and (hold is None or request.hold != hold.id):
        present_text = f"The present one is {hold.id}: {hold.reason}" if hold else "Automation is not on hold."
        message = f"Refused, nothing was changed: {request.hold} is over. {present_text}"
        return OperatorResponse.refuse(state, message, rule="acknowledge")
    subjects = tuple(_list_acknowledgeable(state, context))
    if hold is None and (under_way or not subjects):
        move_text = f" {under_way.id} is under way and continues." if under_way else ""
        return OperatorResponse.accept(state, f"Nothing waits for an acknowledgement; nothing was done.{move_text}")
    acknowledged_state = replace(state, hold=None, cool_down_until=0.0, automatic_move_times=(), blocked_by="")
    message = f"{request.requested_by} acknowledged {' and '.join(subjects)}: {request.reason}."
    if under_way:
        message += f" {under_way.id} continues."
    else:
        message += f" Automation continues from {describe_routing(state.weights, settings, state.latches)}."
    if state.hold and state.records and state.records.read_at < state.hold.since:
        message += (
            " The records have not been read since. If they differ from this, automation is on hold again after the "
            "next read."
        )
    return _accept(acknowledged_state, EventKind.ACKNOWLEDGED, message, context)


def _list_acknowledgeable(state: ControllerState, context: RoundContext) -> Iterator[str]:
    """Yield what bars or limits automatic moves until a person acknowledges it."""
    settings, now = context.settings, context.now
    if state.hold:
        yield f"{state.hold.id} ({state.hold.reason.rstrip('.')})"
    if is_waiting(state.cool_down_until, settings.cool_down_seconds, now):
        yield f"the cool-down until {format_iso_utc(state.cool_down_until)}"
    if moves := list_recent_moves(state, now):
        yield f"the day's count of automatic moves ({len(moves)} of {settings.max_automatic_moves_per_day})"


def _set_observe_only(state: ControllerState, request: OperatorRequest, context: RoundContext) -> OperatorResponse:
    if state.move or state.drill:
        subject = (
            f"the move {state.move.id} is under way" if state.move else f"the drill {require_drill(state).id} is active"
        )
        message = (
            f"Refused, nothing was changed: {subject}, and observe-only can't be set during one; wait for its end, or "
            f"abort it first."
        )
        return OperatorResponse.refuse(state, message, rule=Rule.ONE_MOVE_AT_A_TIME)
    message = f"{request.requested_by} set the controller to observe only, until resume: {request.reason}."
    return _accept(replace(state, is_observe_only=True), EventKind.OBSERVE_ONLY_SET, message, context)


def _accept_attachment(state: ControllerState, request: OperatorRequest, context: RoundContext) -> OperatorResponse:
    """Accept attach or detach. The code that does it checks again before each step."""
    if reason := find_attachment_blocker(state, context.settings):
        return OperatorResponse.refuse(state, f"Refused, nothing was changed: {reason}", rule="at-rest")
    message = f"{request.requested_by} asked to {request.action} the latch: {request.reason}."
    return _accept(state, EventKind.ATTACHMENT, message, context)


def _accept(state: ControllerState, kind: EventKind, message: str, context: RoundContext) -> OperatorResponse:
    event = Event(kind=kind, at=context.now, message=message)
    return OperatorResponse(transition=Transition.from_event(state, event), is_accepted=True)
