"""When users are brought back without being asked to: only if the policy says so. Pure."""

from failover.decision.move import IN_ONE, IN_STEPS, Move
from failover.decision.state import State, move_of
from failover.region import Instant, Side
from failover.settings import FailbackPolicy, Settings
from failover.timetext import span


def to_return(state: State, settings: Settings) -> bool:
    """Tell whether users are to be brought back some day, now that the move under way ends.

    Only from where the controller itself has moved them. Who moves them by hand, edits the records or stops a failback
    decides when they go back, and a policy that is deployed while they are away moves nobody.
    """
    move = move_of(state)
    if settings.failback_policy is FailbackPolicy.MANUAL or move.destination is Side.PRIMARY:
        return False
    return move.fleeing or (move.returning and state.to_return)


def is_wanted(state: State, settings: Settings) -> bool:
    """Tell whether users are away, and to be brought back; only to be asked while they are on no suspect Region.

    A sick standby is none of its business: that is an automatic move like any other, in one step.
    """
    away = state.active is Side.STANDBY
    return away and state.to_return and settings.failback_policy is not FailbackPolicy.MANUAL


def failback(state: State, settings: Settings, now: Instant) -> Move:
    """Return the move that brings users back. Only weights can give a share: Cognito's own domain moves as a whole."""
    target, source = Side.PRIMARY, Side.STANDBY
    in_steps = settings.failback_policy is FailbackPolicy.IN_STEPS and settings.moves_records
    region, streak = settings.regions[target], state.streaks[target]
    recovered = f"{region} has been healthy for {streak.rounds} rounds in a row ({span(now - streak.since)})."
    return Move(
        id=f"to-{region}-{int(now)}",
        source=source,
        target=target,
        automatic=True,
        returning=True,
        reason=recovered,
        requested_by="controller",
        suspected_at=now,
        decided_at=now,
        step_began_at=now,
        steps=IN_STEPS if in_steps else IN_ONE,
        in_steps=in_steps,
    )
