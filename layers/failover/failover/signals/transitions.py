"""What a round changed, as its logs and metrics need it. Pure."""

from failover.decision.announcement import Announcement
from failover.decision.move import Move
from failover.rounds.round import Report


def transitions(report: Report) -> tuple[Announcement, ...]:
    """Return what was announced in this round; what waits to be told may be older."""
    if report.state is None:
        return ()
    return tuple(each for each in report.state.untold if each.at >= report.observation.observed_at)


def move_in(report: Report) -> Move | None:
    """Return the move this round was about: the one under way, or the one that has just ended."""
    if report.state is None:
        return None
    ended = [each.move for each in transitions(report) if each.move]
    return report.state.move or (ended[-1] if ended else None)
