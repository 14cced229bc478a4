"""The transitions of a move. Pure."""

from dataclasses import replace

from cognito_failover.common.region import Instant, Weights, find_full_role, route_all_to
from cognito_failover.common.text import format_duration, format_iso_utc
from cognito_failover.core.model.event import Event, EventKind
from cognito_failover.core.model.move import ALL_LEVERS, ALL_PERCENT, Move, Progress
from cognito_failover.core.model.records import Confirmation, Intent
from cognito_failover.core.model.state import (
    ControllerState,
    Hold,
    PendingWeightSync,
    require_move,
    require_weight_sync,
)
from cognito_failover.core.move.failback import should_fail_back_later
from cognito_failover.core.move.latches import is_move_complete, reset_pending_latches
from cognito_failover.core.round_context import RoundContext
from cognito_failover.core.transition import Transition
from cognito_failover.core.user_location import describe_all_users, describe_hidden_names
from cognito_failover.settings.controller import Settings


def record_intent(state: ControllerState, intent: Intent) -> ControllerState:
    """Return the state with the change of the current step, to save before the change is made."""
    move = require_move(state)
    # With another fence, the earlier change is made, or can no longer be made.
    superseded = tuple(each for each in _list_unsettled_intents(state) if each.fence == intent.fence)
    return replace(state, move=replace(move, progress=Progress(intent=intent, superseded=superseded)))


def give_up_changes(state: ControllerState) -> ControllerState:
    """Return the state without a move and without a weight sync. A saved change of theirs needs a fence."""
    fences = [intent.fence for intent in _list_unsettled_intents(state)]
    if state.unsettled_fence is not None:
        fences.append(state.unsettled_fence)
    return replace(state, move=None, pending_weight_sync=None, unsettled_fence=max(fences, default=None))


def _list_unsettled_intents(state: ControllerState) -> tuple[Intent, ...]:
    """Return the saved changes that are not known to be made."""
    progress, weight_sync = state.move.progress if state.move else None, state.pending_weight_sync
    if progress is None:
        return (weight_sync.intent,) if weight_sync and weight_sync.intent else ()
    return (*progress.superseded, progress.intent) if progress.change_id is None else ()


def on_submitted(state: ControllerState, change_id: str, context: RoundContext) -> Transition:
    """Return what follows when Route 53 has accepted the change of the current step."""
    move, now = require_move(state), context.now
    progress = replace(require_progress(move), submitted_at=now, change_id=change_id)
    # The rollback of a move that Route 53 never accepted changes nothing. The move is still not started.
    is_no_op = move.is_rolling_back and progress.intent.before == progress.intent.after
    started_at = move.first_submitted_at or (None if is_no_op else now)
    updated_move = replace(move, progress=progress, last_error="", first_submitted_at=started_at)
    step_text = describe_step(move, context.settings)
    message = f"Route 53 has accepted the change: {step_text}; waiting until its name servers answer with it."
    event = Event(kind=EventKind.MOVE_SUBMITTED, at=now, message=message, move=updated_move)
    return Transition.from_event(replace(state, move=updated_move), event)


def on_in_sync(state: ControllerState, now: Instant) -> ControllerState:
    """Return the state after Route 53 reported the change of the current step as INSYNC."""
    move = require_move(state)
    progress = replace(require_progress(move), in_sync_at=now)
    return replace(state, move=replace(move, progress=progress, first_in_sync_at=move.first_in_sync_at or now))


def forget_change_id(state: ControllerState) -> ControllerState:
    """Return the state without a change id that Route 53 does not know. The step is then submitted again."""
    move = require_move(state)
    return replace(state, move=replace(move, progress=replace(require_progress(move), change_id=None)))


def record_error(state: ControllerState, error: str) -> ControllerState:
    """Return the state with the reason why the move does not advance; empty if it does."""
    return replace(state, move=replace(require_move(state), last_error=error))


def on_records_confirmed(state: ControllerState, confirmation: Confirmation, context: RoundContext) -> Transition:
    """Return what follows when the records send users where the step wants them. The move ends if it is complete."""
    move, now = require_move(state), context.now
    updated_move = replace(move, records_confirmed_at=now, last_error="")
    if move.is_round_trip:
        updated_move = replace(updated_move, arrived_at=move.arrived_at or now)
    updated_state = replace(state, move=updated_move)
    if is_move_complete(updated_state, context.settings):
        return complete_move(updated_state, confirmation.detail, context)
    message = f"Confirmed: {describe_step(move, context.settings)}. {confirmation.detail}"
    event = Event(kind=EventKind.STEP_CONFIRMED, at=now, message=message, move=updated_move)
    return Transition.from_event(updated_state, event)


def complete_move(state: ControllerState, detail: str, context: RoundContext) -> Transition:
    """End a move whose users are all on its destination. Weights that were not changed yet stay pending."""
    move, settings, now = require_move(state), context.settings, context.now
    weights, pending_weight_sync = _compute_final_weights(state, settings)
    hidden_names = describe_hidden_names(state, settings)
    if not move.is_started and not hidden_names:
        unsynced_state = replace(state, pending_weight_sync=pending_weight_sync)
        return cancel_move(unsynced_state, _describe_no_effect(move, settings), now)
    destination = settings.regions[move.destination]
    duration_text, since_text = format_duration(now - move.suspected_at), f"since {move.time_origin_text}"
    users_text = f"{describe_all_users(state, settings)} are on {destination}, {duration_text} {since_text}."
    kept_text = ""
    if move.first_submitted_at and state.records and state.records.ttl_seconds:
        kept_text = f"Resolvers may keep an earlier answer until {format_iso_utc(now + state.records.ttl_seconds)}."
    message = " ".join(filter(None, (users_text, detail, kept_text, hidden_names)))
    if pending_weight_sync:
        message += " The weights of the records still have to follow."
    hold = state.hold
    if move.overridden_rules and not move.is_rolling_back:
        # Without a hold, automation would take the person's move back at once.
        reason = f"{move.requested_by} overrode the rule {', '.join(move.overridden_rules)}."
        hold = Hold(since=now, reason=reason, bars_rescue=True)
        message += " Automation waits for an acknowledgement, because a rule was overridden."
    completed_state = replace(
        state,
        active_role=move.destination,
        active_since=now,
        weights=weights,
        pending_weight_sync=pending_weight_sync,
        latches=reset_pending_latches(state, move, move.destination),
        move=None,
        last_move=move,
        last_move_ended_at=now,
        # A person who moves users has judged the situation: there is no cool-down after a manual move.
        cool_down_until=now + settings.cool_down_seconds if move.is_automatic else 0.0,
        hold=hold,
        is_auto_failback_pending=should_fail_back_later(state, settings),
    )
    event = Event(kind=EventKind.MOVE_CONFIRMED, at=now, message=message, move=move)
    return Transition.from_event(completed_state, event)


def _describe_no_effect(move: Move, settings: Settings) -> str:
    source, target = settings.regions[move.source], settings.regions[move.target]
    return f"it was rolled back, no look showed users on {target}, and the name servers confirm {source}."


def _compute_final_weights(state: ControllerState, settings: Settings) -> tuple[Weights, PendingWeightSync | None]:
    """Return the weights that Route 53 holds now, and the change that is still pending."""
    move = require_move(state)
    target_weights = route_all_to(move.destination)
    is_submitted = move.current_progress is not None and move.current_progress.submitted_at is not None
    if is_submitted or not settings.has_managed_records:
        return target_weights, None
    if move.progress and move.progress.submitted_at is not None:  # an earlier step of a move that was turned back
        return move.progress.intent.weights, PendingWeightSync()
    saved_intent = state.pending_weight_sync.intent if state.pending_weight_sync else None
    intent = move.progress.intent if move.progress else saved_intent
    if intent is None and find_full_role(state.weights) is move.destination:
        return state.weights, None
    return state.weights, PendingWeightSync(intent=intent)


def cancel_move(state: ControllerState, reason: str, now: Instant) -> Transition:
    """End a move that has not changed anything yet."""
    move = require_move(state)
    message = f"The move {move.id} is cancelled before it moved users: {reason}"
    cancelled_state = replace(
        state,
        move=None,
        latches=reset_pending_latches(state, move, move.source),
        automatic_move_times=tuple(at for at in state.automatic_move_times if at != move.decided_at),
    )
    event = Event(kind=EventKind.MOVE_CANCELLED, at=now, message=message, move=move)
    return Transition.from_event(cancelled_state, event)


def start_rollback(state: ControllerState, reason: str, context: RoundContext) -> Transition:
    """Turn the move back to its source."""
    return _turn_to(state, require_move(state).with_rollback(context.now, reason), reason, context)


def turn_around(state: ControllerState, reason: str, context: RoundContext) -> Transition:
    """Turn a move to the Region opposite to its destination."""
    move = require_move(state)
    turned = move.with_single_step(context.now) if move.is_rolling_back else move.with_rollback(context.now, reason)
    return _turn_to(state, turned, reason, context)


def _turn_to(state: ControllerState, turned: Move, reason: str, context: RoundContext) -> Transition:
    message = f"Traffic goes back to {context.settings.regions[turned.destination]}: {reason}"
    event = Event(kind=EventKind.MOVE_ROLLING_BACK, at=context.now, message=message, move=turned)
    return Transition.from_event(replace(state, move=turned), event)


def finish_in_one_step(state: ControllerState, reason: str, context: RoundContext) -> Transition:
    """Make all steps that are left one step."""
    move = require_move(state).with_single_step(context.now)
    message = f"The move {move.id} takes all users to {context.settings.regions[move.target]} at once: {reason}"
    event = Event(kind=EventKind.MOVE_ACCELERATED, at=context.now, message=message, move=move)
    return Transition.from_event(replace(state, move=move), event)


def stop_for_external_change(state: ControllerState, description: str, now: Instant) -> Transition:
    """End a move because of an external change. The controller never overwrites such a change."""
    move = require_move(state)
    message = f"The move {move.id} has ended unfinished, and automation waits for an acknowledgement: {description}"
    stopped_state = _hold(state, description, now)
    event = Event(kind=EventKind.MOVE_SUPERSEDED, at=now, message=message, move=move)
    return Transition.from_event(stopped_state, event)


def record_weight_sync(state: ControllerState, intent: Intent) -> ControllerState:
    """Return the state with the change of a weight sync, to save before the change is made."""
    return replace(state, pending_weight_sync=PendingWeightSync(intent=intent))


def on_weight_sync_failed(state: ControllerState, error: str, now: Instant) -> ControllerState:
    """Return the state with the reason why the weights could not be synced."""
    return replace(state, pending_weight_sync=replace(require_weight_sync(state), failed_at=now, last_error=error))


def on_weights_synced(state: ControllerState, context: RoundContext) -> Transition:
    """Return what follows when Route 53 has accepted a weight sync, which does not move users."""
    weights = route_all_to(state.active_role)
    records = state.records and replace(state.records, weights=weights)
    synced_state = replace(state, weights=weights, pending_weight_sync=None, records=records)
    region = context.settings.regions[state.active_role]
    message = f"The weights of the records now also send users to {region}."
    event = Event(kind=EventKind.WEIGHTS_SYNCED, at=context.now, message=message)
    return Transition.from_event(synced_state, event)


def abandon_weight_sync(state: ControllerState, reason: str, now: Instant) -> Transition:
    """Drop a weight sync because of an external change of the records."""
    message = f"Automation waits for an acknowledgement: {reason}"
    event = Event(kind=EventKind.AUTOMATION_HELD, at=now, message=message)
    return Transition.from_event(_hold(state, reason, now), event)


def _hold(state: ControllerState, reason: str, now: Instant) -> ControllerState:
    """Return the state on hold. Records and latches are read again soon, as the last read was before the hold."""
    return replace(give_up_changes(state), hold=Hold(since=now, reason=reason), is_auto_failback_pending=False)


def require_progress(move: Move) -> Progress:
    """Return the progress of the current step.

    Raises
    ------
    ValueError
        If its intent is not saved yet.

    """
    if move.current_progress is None:
        raise ValueError(f"the current step of the move {move.id} has no saved intent")
    return move.current_progress


def describe_step(move: Move, settings: Settings) -> str:
    """Return where the current step sends users, such as ``all users on us-east-1``."""
    lever_text = f", by the {' and the '.join(move.levers)} alone" if move.levers != ALL_LEVERS else ""
    if move.is_rolling_back:
        return f"all users back on {settings.regions[move.source]}{lever_text}"
    if move.steps[0] == ALL_PERCENT:
        return f"all users on {settings.regions[move.target]}{lever_text}"
    return f"{move.steps[0]} % of the users on {settings.regions[move.target]}"
