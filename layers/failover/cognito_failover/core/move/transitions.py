"""How a move advances: each advance noted in the state, with what to say of it. Pure."""

from dataclasses import replace

from cognito_failover.common.region import Instant, Weights, route_all_to
from cognito_failover.common.text import format_duration
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
from cognito_failover.settings.controller import Settings

type Transition = tuple[ControllerState, str, tuple[Event, ...]]
"""What to remember, why as a sentence, and what to tell."""


def record_intent(state: ControllerState, intent: Intent) -> ControllerState:
    """Save what the current step is going to change, before it is changed."""
    return replace(state, move=replace(require_move(state), progress=Progress(intent=intent)))


def on_submitted(state: ControllerState, change_id: str, settings: Settings, now: Instant) -> Transition:
    """Note that Route 53 has taken the current step's change."""
    move = require_move(state)
    progress = replace(require_progress(move), submitted_at=now, change_id=change_id)
    # The way back of a move that was turned round before Route 53 took anything changes nothing: it stays unbegun.
    is_no_op = move.is_rolling_back and progress.intent.before == progress.intent.after
    started_at = move.first_submitted_at or (None if is_no_op else now)
    updated_move = replace(move, progress=progress, last_error="", first_submitted_at=started_at)
    message = f"Route 53 has taken the change of {describe_step(move, settings)}; waiting until its name servers answer with it."
    event = Event(kind=EventKind.MOVE_SUBMITTED, at=now, message=message, move=updated_move)
    return replace(state, move=updated_move), message, (event,)


def on_in_sync(state: ControllerState, now: Instant) -> ControllerState:
    """Note that Route 53 has brought the current step's change to all its servers."""
    move = require_move(state)
    progress = replace(require_progress(move), in_sync_at=now)
    return replace(state, move=replace(move, progress=progress, first_in_sync_at=move.first_in_sync_at or now))


def forget_change_id(state: ControllerState) -> ControllerState:
    """Forget a change id that Route 53 does not know, so that the step's values are set again."""
    move = require_move(state)
    return replace(state, move=replace(move, progress=replace(require_progress(move), change_id=None)))


def record_error(state: ControllerState, error: str) -> ControllerState:
    """Note what keeps the move from advancing; empty once nothing does."""
    return replace(state, move=replace(require_move(state), last_error=error))


def on_records_confirmed(
    state: ControllerState, confirmation: Confirmation, settings: Settings, now: Instant
) -> Transition:
    """Note that the records send users where the current step wants them; if nothing else is awaited the move ends."""
    move = require_move(state)
    updated_move = replace(move, records_confirmed_at=now, last_error="")
    if move.is_round_trip:
        updated_move = replace(updated_move, arrived_at=now)
    updated_state = replace(state, move=updated_move)
    if is_move_complete(updated_state, settings):
        return complete_move(updated_state, confirmation.detail, settings, now)
    message = f"Confirmed: {describe_step(move, settings)}. {confirmation.detail}"
    return updated_state, message, (Event(kind=EventKind.STEP_CONFIRMED, at=now, message=message, move=updated_move),)


def complete_move(state: ControllerState, detail: str, settings: Settings, now: Instant) -> Transition:
    """End a move whose users are all where they should be; weights that have not moved with them follow."""
    move = require_move(state)
    if not move.is_started:
        return cancel_move(state, _describe_no_effect(settings), now)
    destination = settings.regions[move.destination]
    duration_text, since_text = format_duration(now - move.suspected_at), f"since {move.time_origin_text}"
    message = f"All users are on {destination}, {duration_text} {since_text}. {detail}"
    weights, pending_weight_sync = _compute_final_weights(state, settings)
    if pending_weight_sync:
        message += " The weights of the records have not followed yet, and will once Route 53 takes changes."
    hold = state.hold
    if move.overridden_rules and not move.is_rolling_back:
        # Automation knows no better than before; without a hold it would take the person's move back at once.
        hold = Hold(since=now, reason=f"{move.requested_by} moved against the rule {', '.join(move.overridden_rules)}.")
        message += " Automation waits for an acknowledgement, since a rule was overridden."
    new_state = replace(
        state,
        active_role=move.destination,
        active_since=now,
        weights=weights,
        pending_weight_sync=pending_weight_sync,
        latches=reset_pending_latches(state, move, move.destination),
        move=None,
        last_move=move,
        last_move_ended_at=now,
        hold=hold,
        is_auto_failback_pending=should_fail_back_later(state, settings),
    )
    event = Event(kind=EventKind.MOVE_CONFIRMED, at=now, message=message, move=move)
    return _start_cool_down(new_state, move, settings, now), message, (event,)


def _describe_no_effect(settings: Settings) -> str:
    if settings.has_managed_records:
        return "it was turned round before Route 53 took any of it, and the records are confirmed as they were."
    return "it was turned round before the latch moved anybody, and the latch is confirmed as it was."


def _compute_final_weights(state: ControllerState, settings: Settings) -> tuple[Weights, PendingWeightSync | None]:
    """Return the weights that Route 53 now holds, and what is left to change in them."""
    move = require_move(state)
    target_weights = route_all_to(move.destination)
    is_submitted = move.current_progress is not None and move.current_progress.submitted_at is not None
    if is_submitted or not settings.has_managed_records:
        return target_weights, None
    saved_intent = state.pending_weight_sync.intent if state.pending_weight_sync else None
    intent = move.progress.intent if move.progress else saved_intent
    if intent is None and state.weights == target_weights:
        return target_weights, None
    return state.weights, PendingWeightSync(intent=intent)


def _start_cool_down(state: ControllerState, move: Move, settings: Settings, now: Instant) -> ControllerState:
    """Return the state with what bounds the next automatic move, now that this one has ended."""
    if not move.is_automatic:
        # A person who moves traffic has judged for himself: nothing is left to cool down.
        return replace(state, cool_down_until=0.0)
    return replace(state, cool_down_until=now + settings.cool_down_seconds)


def cancel_move(state: ControllerState, reason: str, now: Instant) -> Transition:
    """Give up a move that has changed nothing yet."""
    move = require_move(state)
    message = f"The move {move.id} is withdrawn before it moved anybody: {reason}"
    new_state = replace(
        state,
        move=None,
        latches=reset_pending_latches(state, move, move.source),
        automatic_move_times=tuple(at for at in state.automatic_move_times if at != move.decided_at),
    )
    return new_state, message, (Event(kind=EventKind.MOVE_CANCELLED, at=now, message=message, move=move),)


def start_rollback(state: ControllerState, reason: str, settings: Settings, now: Instant) -> Transition:
    """Turn the move round, back to the last confirmed side."""
    rollback = require_move(state).with_rollback(now, reason)
    message = f"Traffic goes back to {settings.regions[rollback.source]}: {reason}"
    event = Event(kind=EventKind.MOVE_ROLLING_BACK, at=now, message=message, move=rollback)
    return replace(state, move=rollback), message, (event,)


def finish_in_one_step(state: ControllerState, reason: str, settings: Settings, now: Instant) -> Transition:
    """Make all that is left of a move one step."""
    move = require_move(state).with_single_step(now)
    message = f"The move {move.id} takes all users to {settings.regions[move.target]} at once: {reason}"
    event = Event(kind=EventKind.MOVE_ACCELERATED, at=now, message=message, move=move)
    return replace(state, move=move), message, (event,)


def stop_for_external_change(state: ControllerState, description: str, now: Instant) -> Transition:
    """End a move because somebody else changed the records: a person's edit is never overwritten."""
    move = require_move(state)
    message = f"The move {move.id} has ended unfinished, and automation waits for an acknowledgement: {description}"
    # Whatever was surveyed is out of date: the world is looked at again before anything else may move.
    new_state = replace(
        state,
        move=None,
        pending_weight_sync=None,
        hold=Hold(since=now, reason=description),
        records=None,
        is_auto_failback_pending=False,
    )
    return new_state, message, (Event(kind=EventKind.MOVE_SUPERSEDED, at=now, message=message, move=move),)


def record_weight_sync(state: ControllerState, intent: Intent) -> ControllerState:
    """Save the change by which trailing weights will follow, before it is made."""
    return replace(state, pending_weight_sync=PendingWeightSync(intent=intent))


def on_weight_sync_failed(state: ControllerState, error: str, now: Instant) -> ControllerState:
    """Note why trailing weights could not follow yet."""
    return replace(state, pending_weight_sync=replace(require_weight_sync(state), failed_at=now, last_error=error))


def on_weights_synced(state: ControllerState, settings: Settings, now: Instant) -> Transition:
    """Note that Route 53 has taken the weights that trailed a move; they move nobody."""
    new_state = replace(state, weights=route_all_to(state.active_role), pending_weight_sync=None)
    message = f"The weights of the records have followed the users to {settings.regions[state.active_role]}."
    return new_state, message, (Event(kind=EventKind.WEIGHTS_SYNCED, at=now, message=message),)


def abandon_weight_sync(state: ControllerState, reason: str, now: Instant) -> Transition:
    """Let trailing weights be, because somebody else has changed the records."""
    message = f"Automation waits for an acknowledgement: {reason}"
    new_state = replace(
        state,
        pending_weight_sync=None,
        hold=Hold(since=now, reason=reason),
        records=None,
        is_auto_failback_pending=False,
    )
    return new_state, message, (Event(kind=EventKind.AUTOMATION_HELD, at=now, message=message),)


def require_progress(move: Move) -> Progress:
    """Return how far the current step has come; only to be asked once its intent is saved."""
    if move.current_progress is None:
        raise ValueError(f"the current step of the move {move.id} has no saved intent")
    return move.current_progress


def describe_step(move: Move, settings: Settings) -> str:
    """Say what the current step brings about."""
    lever_text = f", by the {' and the '.join(move.levers)} alone" if move.levers != ALL_LEVERS else ""
    if move.is_rolling_back:
        return f"all users back on {settings.regions[move.source]}{lever_text}"
    if move.steps[0] == ALL_PERCENT:
        return f"all users on {settings.regions[move.target]}{lever_text}"
    return f"{move.steps[0]} % of the users on {settings.regions[move.target]}"
