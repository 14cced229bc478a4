"""How the latches of a move advance: each advance noted in the state, with what to say of it. Pure."""

from dataclasses import replace

from cognito_failover.common.latch_name import LatchName
from cognito_failover.common.region import Instant
from cognito_failover.core.model.event import Event, EventKind
from cognito_failover.core.model.records import Confirmation
from cognito_failover.core.model.state import ControllerState, LatchState
from cognito_failover.core.move.latches import is_move_complete, with_latch
from cognito_failover.core.move.transitions import Transition, complete_move
from cognito_failover.settings.controller import Settings


def record_latch_intent(state: ControllerState, name: LatchName, *, thrown: bool) -> ControllerState:
    """Save what a latch is going to be, before it is set."""
    previous = state.latches.get(name)
    return with_latch(state, name, LatchState(is_thrown=thrown, dns_watch=previous.dns_watch if previous else None))


def on_latch_set(state: ControllerState, name: LatchName, settings: Settings, now: Instant) -> Transition:
    """Note that a latch is what it should be."""
    latch = replace(state.latches[name], set_at=now, set_failed_at=None, problem="")
    updated_state = with_latch(state, name, latch)
    state_text = "thrown" if latch.is_thrown else "released"
    region = settings.regions[latch.role]
    message = (
        f"The latch of the {name} is {state_text}; Route 53's health checkers send users to {region} within a minute."
    )
    if latch.dns_watch is None:
        message = f"The latch of the {name} is {state_text}, but moves nobody: it is not attached."
    move = state.move
    if (
        move
        and latch.dns_watch
        and not move.is_started
        and not move.is_rolling_back
        and (latch.is_thrown or not move.is_stepped)
    ):
        # From here on users may be on their way.
        updated_state = replace(updated_state, move=replace(move, first_submitted_at=now))
    event = Event(kind=EventKind.LATCH_SET, at=now, message=message, move=updated_state.move)
    return updated_state, message, (event,) if latch.dns_watch else ()


def on_latch_failed(state: ControllerState, name: LatchName, problem: str, now: Instant) -> ControllerState:
    """Note that a latch could not be set."""
    return with_latch(state, name, replace(state.latches[name], set_failed_at=now, problem=problem))


def on_latch_effective(
    state: ControllerState, name: LatchName, confirmation: Confirmation, settings: Settings, now: Instant
) -> Transition:
    """Note that a latch was seen to have done its part; with the last one the move ends."""
    latch = replace(state.latches[name], effective_at=now)
    updated_state = with_latch(state, name, latch)
    message = f"The health check behind the latch of the {name} is seen to follow. {confirmation.detail}"
    if name is LatchName.DOMAIN:
        message = f"Cognito's own domain is presumed to be on {settings.regions[latch.role]}. {confirmation.detail}"
    if updated_state.move and updated_state.move.is_round_trip and name is LatchName.DOMAIN:
        updated_state = replace(updated_state, move=replace(updated_state.move, arrived_at=now))
    event = Event(kind=EventKind.LATCH_EFFECTIVE, at=now, message=message, move=updated_state.move)
    if not is_move_complete(updated_state, settings):
        return updated_state, message, (event,)
    new_state, end_message, more_events = complete_move(updated_state, message, settings, now)
    return new_state, end_message, (event, *more_events)
