"""What a round changed, as its logs and metrics need it. Pure."""

from cognito_failover.core.model.event import Event
from cognito_failover.core.model.move import Move
from cognito_failover.core.round_result import RoundResult


def list_round_events(result: RoundResult) -> tuple[Event, ...]:
    """Return what was announced in this round; what waits to be told may be older."""
    if result.state is None:
        return ()
    return tuple(each for each in result.state.undelivered_events if each.at >= result.observation.observed_at)


def find_round_move(result: RoundResult) -> Move | None:
    """Return the move this round was about: the one under way, or the one that has just ended."""
    if result.state is None:
        return None
    ended_moves = [each.move for each in list_round_events(result) if each.move]
    return result.state.move or (ended_moves[-1] if ended_moves else None)
