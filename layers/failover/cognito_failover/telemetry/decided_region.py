"""Where sign-in is to go, for clients that choose the Region themselves. Pure."""

from cognito_failover.common.region import RegionRole
from cognito_failover.core.model.state import ControllerState


def find_decided_role(state: ControllerState) -> RegionRole | None:
    """Return the side that a client which knows only one Region should sign in to; None while it isn't known.

    It changes when traffic has begun to move, neither at the decision, which may still be withdrawn, nor at the
    confirmation, when users have been moving for a while. In a move in steps clients wait for the last step, since they
    go all at once; when it goes back they do too, at once.
    """
    move = state.move
    if move is not None:
        return move.destination if move.is_started and move.is_on_last_step else move.source
    if state.hold is not None and state.records is None:
        # Somebody else has changed the records during a move: where they lead is known after the next look.
        return None
    return state.active_role
