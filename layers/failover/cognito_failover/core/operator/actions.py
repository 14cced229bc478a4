"""What follows from a manual request: the next state and the answer, or a refusal that names the rule. Pure."""

from dataclasses import replace
from typing import assert_never

from cognito_failover.common.region import Instant, RegionRole
from cognito_failover.common.text import format_iso_utc
from cognito_failover.core.consensus import Consensus
from cognito_failover.core.model.event import Event, EventKind
from cognito_failover.core.model.move import ALL_AT_ONCE, STEPPED, Move
from cognito_failover.core.model.state import CompletedRequest, ControllerState, Pause, RejectedRequest, require_drill
from cognito_failover.core.move.latches import has_latch_set
from cognito_failover.core.move.transitions import cancel_move, start_rollback
from cognito_failover.core.operator.attachment_rules import find_attachment_blocker
from cognito_failover.core.operator.drill_request import abort_drill, request_drill
from cognito_failover.core.operator.request import FailbackMode, OperatorAction, OperatorRequest
from cognito_failover.core.operator.response import OperatorResponse
from cognito_failover.core.reconciliation.external_changes import describe_routing
from cognito_failover.core.replication_lag import build_lag_warning
from cognito_failover.core.rules import OVERRIDABLE_RULES, MoveProposal, Rule, Violation, find_manual_move_violations
from cognito_failover.core.verdict import Verdict
from cognito_failover.settings.controller import Settings

MAX_REMEMBERED_REQUESTS = 20


def handle_request(
    state: ControllerState, consensus: Consensus, request: OperatorRequest, settings: Settings, now: Instant
) -> OperatorResponse:
    """Return what a request leads to.

    A token that has been answered before leads to nothing new. Refusals are not remembered: what was refused may be
    asked again with the same token once its cause is gone; until then it is refused again, but told of only once.
    """
    if before := _find_previous(state, request):
        return _replay_answer(state, before, request)
    response = _add_audit_fields(_dispatch_action(state, consensus, request, settings, now), request, now)
    if not request.token or request.dry_run:
        return response
    if not response.is_accepted:
        return _suppress_repeat(state, response, request)
    completed = CompletedRequest(token=request.token, at=now, action=request.action, answer=response.answer)
    return replace(
        response,
        state=replace(
            response.state, completed_requests=(completed, *response.state.completed_requests)[:MAX_REMEMBERED_REQUESTS]
        ),
    )


def _suppress_repeat(state: ControllerState, response: OperatorResponse, request: OperatorRequest) -> OperatorResponse:
    """Return a refusal without what was told when the same request was refused by the same rule."""
    rejected = RejectedRequest(token=request.token, rule=response.rule)
    if rejected in state.rejected_requests:
        return replace(response, events=())
    remembered = (rejected, *state.rejected_requests)[:MAX_REMEMBERED_REQUESTS]
    return replace(response, state=replace(response.state, rejected_requests=remembered))


def _add_audit_fields(response: OperatorResponse, request: OperatorRequest, now: Instant) -> OperatorResponse:
    """Return the response with what is to be kept of it for the history: who asked and why, refusals too."""
    events = response.events
    if not response.is_accepted and not events and not request.dry_run:
        message = f"{request.requested_by} asked for {request.action}: {request.reason}. {response.message}"
        events = (Event(kind=EventKind.REFUSED, at=now, message=message, rule=response.rule),)
    audited_events = tuple(replace(each, requested_by=request.requested_by, reason=request.reason) for each in events)
    return replace(response, events=audited_events)


def _dispatch_action(  # noqa: C901, PLR0911 - one return for each case of a closed set
    state: ControllerState, consensus: Consensus, request: OperatorRequest, settings: Settings, now: Instant
) -> OperatorResponse:
    match request.action:
        case OperatorAction.STATUS | OperatorAction.HISTORY | OperatorAction.REPORT:
            return OperatorResponse(state=state, is_accepted=True, message="")
        case OperatorAction.FAILOVER:
            return _start_move(state, consensus, request, RegionRole.STANDBY, ALL_AT_ONCE, settings, now)
        case OperatorAction.FAILBACK:
            # Only weights can give a share: Cognito's own domain moves as a whole.
            is_stepped = request.mode is FailbackMode.STEPPED and settings.has_managed_records
            steps = STEPPED if is_stepped else ALL_AT_ONCE
            return _start_move(state, consensus, request, RegionRole.PRIMARY, steps, settings, now)
        case OperatorAction.ABORT:
            return _abort(state, consensus, request, settings, now)
        case OperatorAction.PAUSE:
            return _pause(state, request, now)
        case OperatorAction.RESUME:
            return _resume(state, request, settings, now)
        case OperatorAction.ACKNOWLEDGE:
            return _acknowledge(state, request, settings, now)
        case OperatorAction.OBSERVE_ONLY:
            return _set_observe_only(state, request, now)
        case OperatorAction.ATTACH | OperatorAction.DETACH:
            return _accept_attachment(state, request, settings, now)
        case OperatorAction.DRILL:
            return request_drill(state, consensus, request, settings, now)
        case _:
            assert_never(request.action)


def _find_previous(state: ControllerState, request: OperatorRequest) -> CompletedRequest | None:
    return next(
        (answered for answered in state.completed_requests if request.token and answered.token == request.token), None
    )


def _replay_answer(state: ControllerState, previous: CompletedRequest, request: OperatorRequest) -> OperatorResponse:
    if previous.action != request.action:
        message = (
            f"The token {request.token} was used at {format_iso_utc(previous.at)} for {previous.action}; "
            f"nothing was done. Give {request.action} a token of its own."
        )
        return OperatorResponse(state=state, is_accepted=False, message=message, rule="token")
    message = f"Already done at {format_iso_utc(previous.at)}, nothing was done twice: {previous.answer['message']}"
    return OperatorResponse(state=state, is_accepted=True, message=message)


def _start_move(
    state: ControllerState,
    consensus: Consensus,
    request: OperatorRequest,
    target: RegionRole,
    steps: tuple[int, ...],
    settings: Settings,
    now: Instant,
) -> OperatorResponse:
    region = settings.regions[target]
    if state.move is None and state.active_role is target and state.weights[target.opposite] == 0:
        return OperatorResponse(
            state=state, is_accepted=True, message=f"All users are on {region} already; nothing was done."
        )
    proposal = MoveProposal(state=state, consensus=consensus, settings=settings, now=now, target=target)
    violations = [o for o in find_manual_move_violations(proposal) if o.rule not in request.override]
    if violations:
        return _refuse(state, violations[0])
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
        steps=steps,
        is_stepped=steps == STEPPED,
    )
    steps_text = " in steps of " + ", ".join(f"{step} %" for step in steps) if steps == STEPPED else ""
    lag_text = build_lag_warning(
        state.lag_state, target=target, warn_above_seconds=settings.replication_lag_alarm_seconds
    )
    message = f"Traffic moves to {region}{steps_text}, asked for by {request.requested_by}: {request.reason}"
    if lag_text:
        message += f" ({lag_text})"
    return OperatorResponse(
        state=replace(state, move=move, blocked_by=""),
        is_accepted=True,
        message=message,
        events=(Event(kind=EventKind.MOVE_DECIDED, at=now, message=message, move=move),),
    )


def _refuse(state: ControllerState, violation: Violation) -> OperatorResponse:
    refusal_text = f"Refused by the rule {violation.rule}, nothing was changed: {violation.message}"
    override_hint = (
        f' To move all the same, repeat with "override": ["{violation.rule}"].'
        if violation.rule in OVERRIDABLE_RULES
        else ""
    )
    return OperatorResponse(state=state, is_accepted=False, message=refusal_text + override_hint, rule=violation.rule)


def _abort(
    state: ControllerState, consensus: Consensus, request: OperatorRequest, settings: Settings, now: Instant
) -> OperatorResponse:
    if state.drill:
        return abort_drill(state, state.drill, consensus, request, settings, now)
    move = state.move
    if move is None:
        return OperatorResponse(
            state=state, is_accepted=False, message="No move is under way; nothing to abort.", rule="abort"
        )
    source = settings.regions[move.source]
    if move.is_rolling_back:
        return OperatorResponse(
            state=state, is_accepted=True, message=f"The move {move.id} is already going back to {source}."
        )
    reason = f"aborted by {request.requested_by}: {request.reason}"
    # Whoever stops users from being brought back wants them to stay.
    state = replace(state, is_auto_failback_pending=state.is_auto_failback_pending and not move.is_automatic_failback)
    if move.progress is None and not has_latch_set(state, move):
        new_state, message, events = cancel_move(state, reason, now)
        return OperatorResponse(state=new_state, is_accepted=True, message=message, events=events)
    region_consensus = consensus.roles[move.source]
    if region_consensus.verdict is Verdict.SICK:
        message = f"Refused, nothing was changed: {source}, where traffic would go back to, is sick: {region_consensus.detail}"
        return OperatorResponse(state=state, is_accepted=False, message=message, rule=Rule.TARGET_HEALTHY)
    new_state, message, events = start_rollback(state, reason, settings, now)
    return OperatorResponse(state=new_state, is_accepted=True, message=message, events=events)


def _pause(state: ControllerState, request: OperatorRequest, now: Instant) -> OperatorResponse:
    until = now + 60 * request.minutes
    pause = Pause(until=until, reason=request.reason, requested_by=request.requested_by)
    progress_text = f" The move {state.move.id}, already begun, is finished." if state.move else ""
    if state.drill:
        progress_text = f" The drill {state.drill.id}, already begun, goes on to its end; abort ends it early."
    message = (
        f"{request.requested_by} paused automation until {format_iso_utc(until)}: {request.reason}. "
        f"Everything goes on, only no automatic move begins.{progress_text}"
    )
    return _accept(replace(state, pause=pause), EventKind.PAUSED, message, now)


def _resume(state: ControllerState, request: OperatorRequest, settings: Settings, now: Instant) -> OperatorResponse:
    if state.pause is None and not state.is_observe_only:
        message = "Automation is neither paused nor set to observe only; nothing was done."
        return OperatorResponse(state=state, is_accepted=True, message=message)
    message = f"{request.requested_by} resumed automation: {request.reason}."
    if settings.observe_only:
        message += " The stack itself is deployed observe-only (parameter ObserveOnly), which stays."
    return _accept(replace(state, pause=None, is_observe_only=False), EventKind.RESUMED, message, now)


def _acknowledge(
    state: ControllerState, request: OperatorRequest, settings: Settings, now: Instant
) -> OperatorResponse:
    """Accept the world as it is: what stopped automation is settled, and its bounds begin anew."""
    if state.hold and state.records is None:
        subject = "records have" if settings.has_managed_records else "latch has"
        message = f"Refused, nothing was changed: the {subject} not been read since; repeat it after the next round."
        return OperatorResponse(state=state, is_accepted=False, message=message, rule=Rule.ROUTING_READABLE)
    new_state = replace(state, hold=None, cool_down_until=0.0, automatic_move_times=(), blocked_by="")
    message = (
        f"{request.requested_by} acknowledged: {request.reason}. Automation goes on from "
        f"{describe_routing(state.weights, settings, state.latches)}; cool-down and the day's count of moves begin anew."
    )
    return _accept(new_state, EventKind.ACKNOWLEDGED, message, now)


def _set_observe_only(state: ControllerState, request: OperatorRequest, now: Instant) -> OperatorResponse:
    if state.move or state.drill:
        subject = (
            f"the move {state.move.id} is under way" if state.move else f"the drill {require_drill(state).id} is on"
        )
        message = (
            f"Refused, nothing was changed: {subject}, and observe-only can't be set during one; wait for its end, or "
            f"abort it first."
        )
        return OperatorResponse(state=state, is_accepted=False, message=message, rule=Rule.ONE_MOVE_AT_A_TIME)
    message = f"{request.requested_by} set the controller to observe only, until resume: {request.reason}."
    return _accept(replace(state, is_observe_only=True), EventKind.OBSERVE_ONLY_SET, message, now)


def _accept_attachment(
    state: ControllerState, request: OperatorRequest, settings: Settings, now: Instant
) -> OperatorResponse:
    """Accept that latches are to be attached or detached; whoever does it asks again before each step."""
    if why := find_attachment_blocker(state, settings):
        message = f"Refused, nothing was changed: {why}"
        return OperatorResponse(state=state, is_accepted=False, message=message, rule="at-rest")
    message = f"{request.requested_by} asked to {request.action} the latch: {request.reason}."
    return _accept(state, EventKind.ATTACHMENT, message, now)


def _accept(state: ControllerState, kind: EventKind, message: str, now: Instant) -> OperatorResponse:
    event = Event(kind=kind, at=now, message=message)
    return OperatorResponse(state=state, is_accepted=True, message=message, events=(event,))
