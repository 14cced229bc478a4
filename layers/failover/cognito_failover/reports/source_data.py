"""What a report is made of, and where in time it lies. Pure."""

import re
from dataclasses import dataclass

from cognito_failover.common.errors import FailoverError
from cognito_failover.common.region import Instant
from cognito_failover.core.model.drill import Drill
from cognito_failover.core.model.event import MOVE_END_KINDS, Event, EventKind
from cognito_failover.core.model.move import Move
from cognito_failover.timeline.sample import RoundSample

CAUSE_WINDOW_SECONDS = 3600.0
"""How long before its decision a cause may lie: as many of the slowest rounds as can be set make half an hour."""

LEAD_SECONDS = 30.0
"""What is shown of the time before the first cause."""

MAX_MOVE_SECONDS = 7 * 86_400.0
"""How far after its decision the end of a move is looked for."""

_ID_PATTERN = re.compile(r".+-(?P<at>\d{9,11})")


class UnknownReportError(FailoverError):
    """There is no such move or drill; the message says where its id is found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportInput:
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
    history: tuple[Event, ...]
    samples: tuple[RoundSample, ...]


def parse_id_timestamp(report_id: str) -> Instant:
    """Return when what an id names was decided: every id ends with it.

    Raises
    ------
    UnknownReportError
        If it is no such id.

    """
    match = _ID_PATTERN.fullmatch(report_id)
    if not match:
        raise UnknownReportError(
            f"{report_id!r} is no id of a move or a drill. An id is such as to-us-east-1-1800000000; "
            f"the history and every message name it."
        )
    return float(match["at"])


def find_moves(history: tuple[Event, ...], report_id: str) -> tuple[Move, ...]:
    """Return the moves that a report is about, each as it was last told, in order."""
    latest: dict[str, Move] = {}
    for told in history:
        if told.move and report_id in {told.move.id, told.move.drill_id}:
            latest[told.move.id] = told.move
    return tuple(latest.values())


def find_move_end(move: Move, history: tuple[Event, ...]) -> Event | None:
    """Return what told the end of a move; None while it is under way."""
    return next(
        (told for told in history if told.kind in MOVE_END_KINDS and told.move and told.move.id == move.id), None
    )


def find_drill(history: tuple[Event, ...], report_id: str) -> Drill | None:
    """Return the drill that a report is about, as it was told last; None where it is about a move that was meant."""
    drills = [each.drill for each in history if each.drill and each.drill.id == report_id]
    return drills[-1] if drills else None


def find_drill_end(drill: Drill, history: tuple[Event, ...]) -> Event | None:
    """Return what told the end of a drill; None while it is on."""
    ends = (told for told in history if told.kind is EventKind.DRILL_ENDED and told.drill and told.drill.id == drill.id)
    return next(ends, None)
