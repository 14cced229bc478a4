"""When the world is compared with what is remembered. Pure.

About once a minute, and after a move; in a move, and while weights follow one, the drivers look. A look may hang for
seconds, on the day of a failover above all. So a world out of reach is not read sooner again than any other, and none
is read on the way from the first sick round to the decision: whoever drives the move that follows reads the records
anyway, before they are changed.
"""

from cognito_failover.common.region import Instant
from cognito_failover.common.time_budget import INVOCATION_INTERVAL_SECONDS
from cognito_failover.core.consensus import Consensus
from cognito_failover.core.failure_detector import is_contiguous_round, is_sick
from cognito_failover.core.model.state import ControllerState
from cognito_failover.settings.controller import Settings


def should_reconcile(state: ControllerState, consensus: Consensus, settings: Settings, now: Instant) -> bool:
    """Tell whether it is time for a look."""
    if state.move or (state.pending_weight_sync and state.hold is None):
        return False
    if state.records is None:
        return True
    if _is_decision_near(state, consensus, settings, now):
        return False
    if now - state.records.last_attempt_at >= INVOCATION_INTERVAL_SECONDS - 1:
        return True
    return state.last_move_ended_at is not None and state.records.last_attempt_at < state.last_move_ended_at


def _is_decision_near(state: ControllerState, consensus: Consensus, settings: Settings, now: Instant) -> bool:
    """Tell whether a suspicion is on its way to a decision; not of one that has been enough and moved nobody."""
    is_sick_now = is_sick(consensus.roles[state.active_role].verdict, settings)
    is_suspect = state.active_suspicion.is_active and is_contiguous_round(state.last_round_at, settings, now)
    return (is_sick_now or is_suspect) and not state.active_suspicion.is_threshold_reached(settings)
