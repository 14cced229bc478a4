"""When the controller reads records and latches, and when it looks where users are. Pure.

It reads records and latches about once a minute, and after a move. During a move, the drivers read. A read can block
for seconds, above all on the day of a failover. So a failed read is not repeated sooner than a successful one, and
between the first sick round and the decision a read waits: the driver of the move reads the records before it changes
them. That wait is bounded, as a Region may stay suspect for hours.

A look queries name servers only. It is made about once a minute at rest, and in each round otherwise.
"""

from cognito_failover.common.time_budget import CONFIRMATION_TIMEOUT_SECONDS, INVOCATION_INTERVAL_SECONDS
from cognito_failover.core.failure_detector import is_contiguous_round, is_sick
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.move.latches import has_unsynced_lever
from cognito_failover.core.round_context import RoundContext

_INTERVAL_SECONDS = INVOCATION_INTERVAL_SECONDS - 1
"""Interval at rest. It is a second shorter, as rounds do not start to the second."""


def should_reconcile(state: ControllerState, context: RoundContext) -> bool:
    """Return whether it is time to read records and latches."""
    if state.move:
        return False
    if state.records is None:
        return True
    last_attempt_at = state.records.last_attempt_at
    if state.hold and last_attempt_at < state.hold.since:
        return True
    # A suspicion that starts just before a read is due reaches the threshold within this time.
    settings = context.settings
    max_wait_seconds = INVOCATION_INTERVAL_SECONDS + (settings.suspect_rounds + 1) * settings.round_interval_seconds
    if context.now - last_attempt_at < max_wait_seconds and _is_decision_near(state, context):
        return False
    if context.now - last_attempt_at >= _INTERVAL_SECONDS:
        return True
    return state.last_move_ended_at is not None and last_attempt_at < state.last_move_ended_at


def should_look(state: ControllerState, context: RoundContext) -> bool:
    """Return whether it is time to look where users are."""
    if state.move or state.drill or has_unsynced_lever(state) or state.differences or state.looked_at is None:
        return True
    if state.looked_at < state.active_since or _is_suspect(state, context):
        return True
    # After an external change, users are on their way.
    if state.hold and context.now - state.hold.since < CONFIRMATION_TIMEOUT_SECONDS:
        return True
    return context.now - state.looked_at >= _INTERVAL_SECONDS


def _is_decision_near(state: ControllerState, context: RoundContext) -> bool:
    """Return whether a suspicion is on its way to the threshold. After the threshold it delays no read."""
    return _is_suspect(state, context) and not state.active_suspicion.is_threshold_reached(context.settings)


def _is_suspect(state: ControllerState, context: RoundContext) -> bool:
    """Return whether a Region with users is sick now, or was until the last round."""
    is_sick_now = any(is_sick(context.consensus.roles[role].verdict, context.settings) for role in state.user_roles)
    is_contiguous = is_contiguous_round(state.last_round_at, context.settings, context.now)
    return is_sick_now or (state.active_suspicion.is_active and is_contiguous)
