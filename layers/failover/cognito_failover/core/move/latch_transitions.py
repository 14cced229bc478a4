"""The transitions of a move's latches. Pure."""

from dataclasses import replace

from cognito_failover.common.region import Instant
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.model.event import Event, EventKind
from cognito_failover.core.model.records import Confirmation
from cognito_failover.core.model.state import ControllerState, LatchState
from cognito_failover.core.move.latches import is_move_complete, with_latch
from cognito_failover.core.move.transitions import complete_move
from cognito_failover.core.round_context import RoundContext
from cognito_failover.core.transition import Transition


def record_latch_intent(state: ControllerState, name: SteeredName, *, thrown: bool) -> ControllerState:
    """Return the state with what a latch will be, to save before the latch is set."""
    previous = state.latches.get(name)
    return with_latch(state, name, LatchState(is_thrown=thrown, dns_watch=previous.dns_watch if previous else None))


def on_latch_set(state: ControllerState, name: SteeredName, context: RoundContext) -> Transition:
    """Return what follows when a latch is set or released. From then on users may be on their way."""
    latch = replace(state.latches[name], set_at=context.now, set_failed_at=None, problem="")
    updated_state = with_latch(state, name, latch)
    state_text = "set" if latch.is_thrown else "released"
    if not latch.is_attached:
        message = f"The latch of the {name} is {state_text}. It is not known to be attached: DNS shows whether it acts."
        return Transition(state=updated_state, message=message)
    region = context.settings.regions[latch.role]
    message = (
        f"The latch of the {name} is {state_text}; Route 53's health checkers send users to {region} within a minute."
    )
    move = state.move
    if move and not move.is_started and not move.is_rolling_back and (latch.is_thrown or not move.is_stepped):
        updated_state = replace(updated_state, move=replace(move, first_submitted_at=context.now))
    event = Event(kind=EventKind.LATCH_SET, at=context.now, message=message, move=updated_state.move)
    return Transition.from_event(updated_state, event)


def on_latch_failed(state: ControllerState, name: SteeredName, problem: str, now: Instant) -> ControllerState:
    """Return the state with the reason why a latch could not be set."""
    return with_latch(state, name, replace(state.latches[name], set_failed_at=now, problem=problem))


def on_latch_effective(
    state: ControllerState, name: SteeredName, confirmation: Confirmation, context: RoundContext
) -> Transition:
    """Return what follows when the health check of a latch was seen to follow. The last latch ends the move."""
    latch = replace(state.latches[name], effective_at=context.now)
    updated_state = with_latch(state, name, latch)
    message = f"The health check of the latch of the {name} has followed. {confirmation.detail}"
    if not latch.is_shown:
        message = f"The health check of the latch of the {name} can't be seen. {confirmation.detail}"
    elif name is SteeredName.DOMAIN:
        region = context.settings.regions[latch.role]
        message = f"Cognito's own domain is assumed to be on {region}. {confirmation.detail}"
    if updated_state.move and updated_state.move.is_round_trip and name is SteeredName.DOMAIN:
        move = updated_state.move
        updated_state = replace(updated_state, move=replace(move, arrived_at=move.arrived_at or context.now))
    event = Event(kind=EventKind.LATCH_EFFECTIVE, at=context.now, message=message, move=updated_state.move)
    effective = Transition.from_event(updated_state, event)
    if not is_move_complete(updated_state, context.settings):
        return effective
    completed = complete_move(updated_state, message, context)
    return replace(completed, events=(*effective.events, *completed.events))
