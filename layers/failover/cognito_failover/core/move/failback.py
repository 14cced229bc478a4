"""When users are brought back without being asked to: only if the policy says so. Pure."""

from cognito_failover.common.region import Instant, RegionRole
from cognito_failover.common.text import format_duration
from cognito_failover.core.model.move import ALL_AT_ONCE, STEPPED, Move
from cognito_failover.core.model.state import ControllerState, require_move
from cognito_failover.settings.controller import FailbackPolicy, Settings


def should_fail_back_later(state: ControllerState, settings: Settings) -> bool:
    """Tell whether users are to be brought back some day, now that the move under way ends.

    Only from where the controller itself has moved them. Who moves them by hand, edits the records or stops a failback
    decides when they go back, and a policy that is deployed while they are away moves nobody.
    """
    move = require_move(state)
    if settings.failback_policy is FailbackPolicy.MANUAL or move.destination is RegionRole.PRIMARY:
        return False
    return move.is_automatic_failover or (move.is_automatic_failback and state.is_auto_failback_pending)


def is_failback_due(state: ControllerState, settings: Settings) -> bool:
    """Tell whether users are away, and to be brought back; only to be asked while they are on no suspect Region.

    A sick standby is none of its business: that is an automatic move like any other, in one step.
    """
    is_away = state.active_role is RegionRole.STANDBY
    return is_away and state.is_auto_failback_pending and settings.failback_policy is not FailbackPolicy.MANUAL


def create_failback_move(state: ControllerState, settings: Settings, now: Instant) -> Move:
    """Return the move that brings users back. Only weights can give a share: Cognito's own domain moves as a whole."""
    target, source = RegionRole.PRIMARY, RegionRole.STANDBY
    is_stepped = settings.failback_policy is FailbackPolicy.STEPPED and settings.has_managed_records
    region, streak = settings.regions[target], state.streaks[target]
    reason = f"{region} has been healthy for {streak.rounds} rounds in a row ({format_duration(now - streak.since)})."
    return Move(
        id=f"to-{region}-{int(now)}",
        source=source,
        target=target,
        is_automatic=True,
        is_automatic_failback=True,
        reason=reason,
        requested_by="controller",
        suspected_at=now,
        decided_at=now,
        step_started_at=now,
        steps=STEPPED if is_stepped else ALL_AT_ONCE,
        is_stepped=is_stepped,
    )
