"""How much a transition matters, for subscribers who choose what may wake them. Pure."""

from enum import StrEnum

from failover.decision.announcement import Kind
from failover.decision.drill import DrillOutcome
from failover.probe.verdict import Verdict
from failover.region import Side
from failover.signals.situation import Situation


class Severity(StrEnum):
    """In the words of pagers.

    Critical: users can't sign in, or may not be able to, and a person may have to act now. Warning: look at it today.
    Info: good to know.
    """

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


_CRITICAL = frozenset({Kind.BLOCKED, Kind.WOULD_MOVE, Kind.MOVE_DELAYED, Kind.MOVE_HASTENED, Kind.MOVE_OVERTAKEN})
_WARNING = frozenset(
    {
        Kind.ADOPTED,
        Kind.SUSPECTED,
        Kind.MOVE_WITHDRAWN,
        Kind.MOVE_REVERTING,
        Kind.HELD,
        Kind.CONCERN,
        Kind.LEVER_PROBLEM,
        Kind.LATCH_PROBLEM,
        Kind.PREFLIGHT_FAILED,
        Kind.DRILL_ABORTED,
        Kind.DRILL_REFUSED,
    }
)


def severity(situation: Situation) -> Severity:
    """Return how much a transition matters.

    What a drill causes is never critical, and only good to know where the drill takes care of it: nobody is to be woken
    for a rehearsal.
    """
    found = _severity(situation)
    if not situation.announcement.drill_id or found is Severity.INFO:
        return found
    return Severity.INFO if situation.goes_on_by_itself else Severity.WARNING


def _severity(situation: Situation) -> Severity:
    announcement, state = situation.announcement, situation.state
    kind, move = announcement.kind, announcement.move
    if kind in _CRITICAL or (kind is Kind.MOVE_DECIDED and move and move.fleeing):
        return Severity.CRITICAL
    if kind is Kind.CONCERN and announcement.verdict is Verdict.SICK and state and announcement.side is state.active:
        return Severity.CRITICAL
    if kind in _WARNING:
        return Severity.WARNING
    if kind is Kind.MOVE_CONFIRMED and move and move.destination is Side.STANDBY:
        return Severity.WARNING
    if kind is Kind.DRILL_ENDED and announcement.drill and announcement.drill.outcome is not DrillOutcome.CLEAN:
        return Severity.WARNING
    return Severity.INFO
