"""The input of a report, and the move or drill that it is about. Pure."""

import re
from dataclasses import dataclass

from cognito_failover.common.errors import FailoverError
from cognito_failover.common.region import Instant
from cognito_failover.core.model.drill import Drill
from cognito_failover.core.model.event import MOVE_END_KINDS, Event, EventKind
from cognito_failover.core.model.move import Move
from cognito_failover.timeline.sample import RoundSample

CAUSE_WINDOW_SECONDS = 3600.0
"""How long before its decision the cause of a move is searched. The slowest settings take half an hour."""

LEAD_SECONDS = 30.0
"""How much time before the first cause a report shows."""

MAX_MOVE_SECONDS = 7 * 86_400.0
"""How long after its decision the end of a move is searched."""

_ID_PATTERN = re.compile(r".+-(?P<at>\d{9,11})")


class UnknownReportError(FailoverError):
    """No such move or drill exists. The message says where to find ids."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportInput:
    """The data of the ledger for one report.

    Attributes
    ----------
    id
        The id of the drill or move.
    history
        The events, oldest first.
    samples
        The timeline, oldest first.

    """

    id: str
    history: tuple[Event, ...]
    samples: tuple[RoundSample, ...]


def parse_id_timestamp(report_id: str) -> Instant:
    """Return the time of the decision, with which every id ends.

    Raises
    ------
    UnknownReportError
        If the id has no time.

    """
    match = _ID_PATTERN.fullmatch(report_id)
    if not match:
        raise UnknownReportError(
            f"{report_id!r} is not the id of a move or drill. An id looks like to-us-east-1-1800000000. "
            f"The history and every message contain it."
        )
    return float(match["at"])


def find_moves(history: tuple[Event, ...], report_id: str) -> tuple[Move, ...]:
    """Return the moves of a report in order, each as its last event has it."""
    latest: dict[str, Move] = {}
    for event in history:
        if event.move and report_id in {event.move.id, event.move.drill_id}:
            latest[event.move.id] = event.move
    return tuple(latest.values())


def find_move_end(move: Move, history: tuple[Event, ...]) -> Event | None:
    """Return the event that ended a move; None while it is in progress."""
    return next(
        (event for event in history if event.kind in MOVE_END_KINDS and event.move and event.move.id == move.id), None
    )


def find_drill(history: tuple[Event, ...], report_id: str) -> Drill | None:
    """Return the drill of a report, as its last event has it; None if the report is about a real move."""
    drills = [event.drill for event in history if event.drill and event.drill.id == report_id]
    return drills[-1] if drills else None


def find_drill_end(drill: Drill, history: tuple[Event, ...]) -> Event | None:
    """Return the event that ended a drill; None while it runs."""
    ends = (event for event in history if event.kind is EventKind.DRILL_ENDED and event.drill)
    return next((event for event in ends if event.drill and event.drill.id == drill.id), None)
