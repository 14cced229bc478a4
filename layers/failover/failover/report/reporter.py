"""Writes reports when something has ended: as often as it is told, always into the same place."""

import logging
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec

from failover.decision.announcement import MOVE_ENDS, Announcement, Kind
from failover.errors import FailoverError
from failover.outside.sample import Sample
from failover.outside.watched import LONGEST_AFTERMATH_SECONDS
from failover.region import Instant
from failover.report.building import build
from failover.report.document import Document
from failover.report.material import BEFORE_SECONDS, LONGEST_SECONDS, Material, UnknownReportError, moment_in
from failover.report.page import page
from failover.report_place import HTML, JSON, key_of
from failover.settings import Settings

RECENT_SECONDS = 2 * LONGEST_AFTERMATH_SECONDS
"""Moves that ended no longer ago are reported anew as well: a later move may have ended their aftermath early."""

CONTENT_TYPES = {HTML: "text/html; charset=utf-8", JSON: "application/json"}

_log = logging.getLogger(__name__)


class Archive(Protocol):
    """What of the ledger a report needs."""

    def history_between(self, *, since: Instant, until: Instant) -> tuple[Announcement, ...]:
        """Return what was told, oldest first."""
        ...

    def samples(self, *, since: Instant, until: Instant) -> tuple[Sample, ...]:
        """Return the timeline, oldest first."""
        ...


class Shelf(Protocol):
    """Where reports are put."""

    def put(self, key: str, body: bytes, *, content_type: str) -> None:
        """Put an object, in the place of an older one."""
        ...


class UnwrittenError(FailoverError):
    """Some reports could not be written; the message says which and why. The event may be sent again."""


class Reporter:
    """Serves the reporter function.

    Parameters
    ----------
    settings
        The policy.
    archive, shelf
        Where it reads, and where it writes.
    versions
        Of the software.
    clock
        Seconds since the epoch.

    """

    def __init__(
        self,
        settings: Settings,
        *,
        archive: Archive,
        shelf: Shelf,
        versions: Mapping[str, str],
        clock: Callable[[], Instant],
    ) -> None:
        self._settings = settings
        self._archive = archive
        self._shelf = shelf
        self._versions = versions
        self._clock = clock

    def handle(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Write the report that an event is about, and those of moves that have ended lately.

        Parameters
        ----------
        event
            One of our own events of EventBridge, or ``{"id": …}``.

        Returns
        -------
        dict[str, Any]
            The ids of the reports written.

        Raises
        ------
        UnknownReportError
            If the event names no move or drill that the history knows.
        UnwrittenError
            If a report could not be written.

        """
        wanted = id_in(event)
        if not wanted:
            return {"written": []}
        now = self._clock()
        recent = self._archive.history_between(since=now - RECENT_SECONDS, until=now)
        ended = dict.fromkeys(report_id for told in recent if (report_id := _ended(told)))
        written, problems = list[str](), list[str]()
        for report_id in dict.fromkeys((*ended, wanted)):
            try:
                self._write(self._document(report_id, now))
            except UnknownReportError:
                raise
            except Exception as error:  # noqa: BLE001 - one that can't be written must not cost the others
                problems.append(f"{report_id}: {type(error).__name__}: {error}")
            else:
                written.append(report_id)
        if problems:
            raise UnwrittenError(f"{len(problems)} reports could not be written. {'; '.join(problems)}")
        return {"written": written}

    def _document(self, report_id: str, now: Instant) -> Document:
        decided_at = moment_in(report_id)
        since, until = decided_at - BEFORE_SECONDS, min(now, decided_at + LONGEST_SECONDS)
        material = Material(
            id=report_id,
            history=self._archive.history_between(since=since, until=until),
            samples=self._archive.samples(since=since, until=until),
        )
        return build(material, self._settings, versions=self._versions, now=now)

    def _write(self, document: Document) -> None:
        """Put the data first: whoever finds the page finds both."""
        bodies = {JSON: msgspec.json.format(msgspec.json.encode(document)), HTML: page(document).encode()}
        for kind, body in bodies.items():
            self._shelf.put(key_of(document.id, kind), body, content_type=CONTENT_TYPES[kind])
        _log.info("Wrote the report %s%s.", document.id, "" if document.complete else ", not complete yet")


def _ended(told: Announcement) -> str:
    """Return the id of the report about what has ended by this; empty where nothing has."""
    if told.kind is Kind.DRILL_ENDED and told.drill:
        return told.drill.id
    return told.move.drill or told.move.id if told.kind in MOVE_ENDS and told.move else ""


def id_in(event: Mapping[str, Any]) -> str:
    """Return the id that an event is about: the drill's, or else the move's; empty where it is about neither."""
    detail = event.get("detail") or event
    for name in ("report", "drill", "move"):
        if isinstance(about := detail.get(name), Mapping) and about.get("id"):
            return str(about["id"])
    return str(detail.get("id", "")) if detail is event else ""
