"""The Region that clients should sign in to, for clients that choose it themselves. Pure."""

from cognito_failover.common.region import RegionRole
from cognito_failover.core.model.state import ControllerState


def find_decided_role(state: ControllerState) -> RegionRole | None:
    """Return the Region for clients that know only one Region; None while it is unknown.

    It changes when traffic starts to move. The decision is too early, because it may be cancelled. The confirmation is
    too late, because users have been moving for a while. In a stepped move it changes with the last step, because these
    clients move all at once. In a rollback it changes back at once.
    """
    move = state.move
    if move is not None:
        return move.destination if move.is_started and move.is_on_last_step else move.source
    if state.hold is not None and state.records is not None and state.records.read_at < state.hold.since:
        # The records were changed externally during a move. The next read shows where they lead.
        return None
    return state.active_role
