"""Writes reports when something has ended: as often as it is told, always into the same place."""

import logging
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec

from cognito_failover.common.errors import FailoverError
from cognito_failover.common.region import Instant
from cognito_failover.core.model.event import MOVE_END_KINDS, Event, EventKind
from cognito_failover.core.ports.stores import EventStore
from cognito_failover.core.report_location import HTML, JSON, build_report_key
from cognito_failover.reports.builder import build_document
from cognito_failover.reports.document import Document
from cognito_failover.reports.page import render_page
from cognito_failover.reports.source_data import (
    CAUSE_WINDOW_SECONDS,
    MAX_MOVE_SECONDS,
    ReportInput,
    UnknownReportError,
    parse_id_timestamp,
)
from cognito_failover.settings.controller import Settings
from cognito_failover.timeline.recording_window import MAX_POST_MOVE_SECONDS
from cognito_failover.timeline.timeline_store import TimelineStore

REWRITE_WINDOW_SECONDS = 2 * MAX_POST_MOVE_SECONDS
"""Moves that ended no longer ago are reported anew as well: a later move may have ended their aftermath early."""

CONTENT_TYPES = {HTML: "text/html; charset=utf-8", JSON: "application/json"}

_log = logging.getLogger(__name__)


class ReportSource(EventStore, TimelineStore, Protocol):
    """The parts of the ledger that a report is built from."""


class ReportStore(Protocol):
    """Where reports are put."""

    def put(self, key: str, body: bytes, *, content_type: str) -> None:
        """Put an object, in the place of an older one."""
        ...


class ReportWriteError(FailoverError):
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
        timeline: ReportSource,
        store: ReportStore,
        versions: Mapping[str, str],
        clock: Callable[[], Instant],
    ) -> None:
        self._settings = settings
        self._timeline = timeline
        self._store = store
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
        requested_id = find_report_id(event)
        if not requested_id:
            return {"written": []}
        now = self._clock()
        recent = self._timeline.load_history_between(since=now - REWRITE_WINDOW_SECONDS, until=now)
        ended_ids = dict.fromkeys(report_id for told in recent if (report_id := _find_ended_report_id(told)))
        written, problems = list[str](), list[str]()
        for report_id in dict.fromkeys((*ended_ids, requested_id)):
            try:
                self._write(self._build_document(report_id, now))
            except UnknownReportError:
                raise
            except Exception as error:  # noqa: BLE001 - one that can't be written must not cost the others
                problems.append(f"{report_id}: {type(error).__name__}: {error}")
            else:
                written.append(report_id)
        if problems:
            raise ReportWriteError(f"{len(problems)} reports could not be written. {'; '.join(problems)}")
        return {"written": written}

    def _build_document(self, report_id: str, now: Instant) -> Document:
        decided_at = parse_id_timestamp(report_id)
        since, until = decided_at - CAUSE_WINDOW_SECONDS, min(now, decided_at + MAX_MOVE_SECONDS)
        report_input = ReportInput(
            id=report_id,
            history=self._timeline.load_history_between(since=since, until=until),
            samples=self._timeline.load_samples(since=since, until=until),
        )
        return build_document(report_input, self._settings, versions=self._versions, now=now)

    def _write(self, document: Document) -> None:
        """Put the data first: whoever finds the page finds both."""
        bodies = {JSON: msgspec.json.format(msgspec.json.encode(document)), HTML: render_page(document).encode()}
        for kind, body in bodies.items():
            self._store.put(build_report_key(document.id, kind), body, content_type=CONTENT_TYPES[kind])
        _log.info("Wrote the report %s%s.", document.id, "" if document.complete else ", not complete yet")


def _find_ended_report_id(event: Event) -> str:
    """Return the id of the report about what has ended by this; empty where nothing has."""
    if event.kind is EventKind.DRILL_ENDED and event.drill:
        return event.drill.id
    return event.move.drill_id or event.move.id if event.kind in MOVE_END_KINDS and event.move else ""


def find_report_id(event: Mapping[str, Any]) -> str:
    """Return the id that an event is about: the drill's, or else the move's; empty where it is about neither."""
    detail = event.get("detail") or event
    for name in ("report", "drill", "move"):
        if isinstance(about := detail.get(name), Mapping) and about.get("id"):
            return str(about["id"])
    return str(detail.get("id", "")) if detail is event else ""
