"""Automatic failback: whether the policy wants it, and the move. Pure."""

from cognito_failover.common.region import RegionRole, find_full_role
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.common.text import format_duration
from cognito_failover.core.model.move import CONTROLLER_NAME, Move, MoveMode
from cognito_failover.core.model.state import ControllerState, require_move
from cognito_failover.core.round_context import RoundContext
from cognito_failover.settings.controller import FailbackPolicy, Settings


def should_fail_back_later(state: ControllerState, settings: Settings) -> bool:
    """Return whether the move that ends now shall be followed by an automatic failback one day.

    This holds only for users that the controller itself has moved to the standby. After a manual move, a change of the
    records by hand or a stopped failback, a person decides. A policy that is deployed while users are on the standby
    does not move them.
    """
    move = require_move(state)
    if settings.failback_policy is FailbackPolicy.MANUAL or move.destination is RegionRole.PRIMARY:
        return False
    return move.is_automatic_failover or (move.is_automatic_failback and state.is_auto_failback_pending)


def is_failback_due(state: ControllerState, settings: Settings) -> bool:
    """Return whether users are on the standby and wait for an automatic failback.

    A move away from a sick standby is not a failback in this sense: it is an automatic failover in one step.
    """
    is_on_standby = state.users_role is RegionRole.STANDBY
    return is_on_standby and state.is_auto_failback_pending and settings.failback_policy is not FailbackPolicy.MANUAL


def can_return_in_steps(state: ControllerState) -> bool:
    """Return whether the first step moves only its share of the users.

    A stepped failback releases the records' latch first. Only weights on the standby keep the users there.
    """
    latch = state.latches.get(SteeredName.RECORDS)
    is_held_by_latch = latch is not None and latch.is_thrown and latch.is_attached
    return not is_held_by_latch or find_full_role(state.weights) is RegionRole.STANDBY


def create_failback_move(state: ControllerState, context: RoundContext) -> Move:
    """Return the move back to the primary. Only weights can be stepped: Cognito's own domain moves as a whole."""
    settings, now = context.settings, context.now
    is_stepped = (
        settings.failback_policy is FailbackPolicy.STEPPED
        and settings.has_managed_records
        and can_return_in_steps(state)
    )
    mode = MoveMode.STEPPED if is_stepped else MoveMode.ALL_AT_ONCE
    region, streak = settings.regions.primary, state.streaks.primary
    healthy_duration = format_duration(now - streak.serving_since)
    reason = f"{region} has been healthy for {streak.serving_rounds} rounds in a row ({healthy_duration})."
    return Move(
        id=f"to-{region}-{int(now)}",
        source=RegionRole.STANDBY,
        target=RegionRole.PRIMARY,
        is_automatic=True,
        is_automatic_failback=True,
        reason=reason,
        requested_by=CONTROLLER_NAME,
        suspected_at=now,
        decided_at=now,
        step_started_at=now,
        mode=mode,
        steps=mode.steps,
    )
