"""What a report is made of, and where in time it lies. Pure."""

import re
from dataclasses import dataclass

from failover.decision.announcement import MOVE_ENDS, Announcement, Kind
from failover.decision.drill import Drill
from failover.decision.move import Move
from failover.errors import FailoverError
from failover.outside.sample import Sample
from failover.region import Instant

BEFORE_SECONDS = 3600.0
"""How long before its decision a cause may lie: as many of the slowest rounds as can be set make half an hour."""

LEAD_SECONDS = 30.0
"""What is shown of the time before the first cause."""

LONGEST_SECONDS = 7 * 86_400.0
"""How far after its decision the end of a move is looked for."""

_MOMENT = re.compile(r".+-(?P<at>\d{9,11})")


class UnknownReportError(FailoverError):
    """There is no such move or drill; the message says where its id is found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """Everything that the ledger knows of one report's time.

    Attributes
    ----------
    id
        Of the drill, or of the move.
    history
        What was told, oldest first.
    samples
        The timeline, oldest first.

    """

    id: str
    history: tuple[Announcement, ...]
    samples: tuple[Sample, ...]


def moment_in(report_id: str) -> Instant:
    """Return when what an id names was decided: every id ends with it.

    Raises
    ------
    UnknownReportError
        If it is no such id.

    """
    found = _MOMENT.fullmatch(report_id)
    if not found:
        raise UnknownReportError(
            f"{report_id!r} is no id of a move or a drill. An id is such as to-us-east-1-1800000000; "
            f"the history and every message name it."
        )
    return float(found["at"])


def moves_in(history: tuple[Announcement, ...], report_id: str) -> tuple[Move, ...]:
    """Return the moves that a report is about, each as it was last told, in order."""
    latest: dict[str, Move] = {}
    for told in history:
        if told.move and report_id in {told.move.id, told.move.drill}:
            latest[told.move.id] = told.move
    return tuple(latest.values())


def end_of(move: Move, history: tuple[Announcement, ...]) -> Announcement | None:
    """Return what told the end of a move; None while it is under way."""
    return next((told for told in history if told.kind in MOVE_ENDS and told.move and told.move.id == move.id), None)


def drill_in(history: tuple[Announcement, ...], report_id: str) -> Drill | None:
    """Return the drill that a report is about, as it was told last; None where it is about a move that was meant."""
    told = [each.drill for each in history if each.drill and each.drill.id == report_id]
    return told[-1] if told else None


def end_of_drill(drill: Drill, history: tuple[Announcement, ...]) -> Announcement | None:
    """Return what told the end of a drill; None while it is on."""
    ends = (told for told in history if told.kind is Kind.DRILL_ENDED and told.drill and told.drill.id == drill.id)
    return next(ends, None)
