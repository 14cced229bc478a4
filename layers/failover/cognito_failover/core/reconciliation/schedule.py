"""When the controller reads records and latches. Pure.

It reads about once a minute, and after a move. During a move or a weight sync, the drivers read. A read can block for
seconds, above all on the day of a failover. So a failed read is not repeated sooner than a successful one. Between the
first sick round and the decision there is no read: the driver of the move reads the records before it changes them.
"""

from cognito_failover.common.time_budget import INVOCATION_INTERVAL_SECONDS
from cognito_failover.core.failure_detector import is_contiguous_round, is_sick
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.round_context import RoundContext


def should_reconcile(state: ControllerState, context: RoundContext) -> bool:
    """Return whether it is time to read records and latches."""
    if state.move or (state.pending_weight_sync and state.hold is None):
        return False
    if state.records is None:
        return True
    if _is_decision_near(state, context):
        return False
    if context.now - state.records.last_attempt_at >= INVOCATION_INTERVAL_SECONDS - 1:
        return True
    return state.last_move_ended_at is not None and state.records.last_attempt_at < state.last_move_ended_at


def _is_decision_near(state: ControllerState, context: RoundContext) -> bool:
    """Return whether a suspicion is on its way to the threshold. After the threshold it delays no read."""
    is_sick_now = is_sick(context.consensus.roles[state.active_role].verdict, context.settings)
    is_contiguous = is_contiguous_round(state.last_round_at, context.settings, context.now)
    is_suspect = state.active_suspicion.is_active and is_contiguous
    return (is_sick_now or is_suspect) and not state.active_suspicion.is_threshold_reached(context.settings)
