"""Writes the report of a move or drill when an event about its end arrives. Idempotent: a repeat overwrites it."""

import hashlib
import logging
import platform
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

import cognito_failover
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

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

REWRITE_WINDOW_SECONDS = 2 * MAX_POST_MOVE_SECONDS
"""Reports of moves that ended within this time are written again: a later move may have ended their recording."""

HASH_DIGITS = 16

CONTENT_TYPES = {HTML: "text/html; charset=utf-8", JSON: "application/json"}

_log = logging.getLogger(__name__)


class ReportSource(EventStore, TimelineStore, Protocol):
    """The parts of the ledger that a report is built from."""


class ReportStore(Protocol):
    """Interface for the storage of reports."""

    def put(self, key: str, body: bytes, *, content_type: str) -> None:
        """Write an object, or overwrite it."""
        ...


class ReportWriteError(FailoverError):
    """Some reports could not be written. The message says which and why; the event can be sent again."""


class S3ReportStore:
    """Stores reports in an S3 bucket.

    Parameters
    ----------
    client
        A client of the bucket's Region.
    bucket
        The name of the bucket.

    """

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def put(self, key: str, body: bytes, *, content_type: str) -> None:
        """Write an object, or overwrite it. Raises what botocore raises."""
        self._client.put_object(
            Bucket=self._bucket, Key=key, Body=body, ContentType=content_type, CacheControl="no-store"
        )


class Reporter:
    """Handles the events of the reporter function.

    Parameters
    ----------
    settings
        The settings.
    timeline, store
        The sources of the data, and the storage of reports.
    versions
        The versions of the software; see `collect_versions`.
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
        """Write the report that an event is about, and those of moves that ended recently.

        Parameters
        ----------
        event
            An event of the controller from EventBridge, or ``{"id": …}``.

        Returns
        -------
        dict[str, Any]
            The ids of the reports written.

        Raises
        ------
        UnknownReportError
            If the history has no such move or drill.
        ReportWriteError
            If a report could not be written.

        """
        requested_id = find_report_id(event)
        if not requested_id:
            return {"written": []}
        now = self._clock()
        recent = self._timeline.load_history_between(since=now - REWRITE_WINDOW_SECONDS, until=now)
        ended_ids = dict.fromkeys(report_id for ended in recent if (report_id := _find_ended_report_id(ended)))
        written, problems = list[str](), list[str]()
        for report_id in dict.fromkeys((*ended_ids, requested_id)):
            try:
                self._write(self._build_document(report_id, now))
            except UnknownReportError:
                raise
            except Exception as error:  # noqa: BLE001 - a failed report must not stop the others
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
        """Write the data before the page, so that a page always has its data."""
        bodies = {JSON: msgspec.json.format(msgspec.json.encode(document)), HTML: render_page(document).encode()}
        for kind, body in bodies.items():
            self._store.put(build_report_key(document.id, kind), body, content_type=CONTENT_TYPES[kind])
        _log.info("Wrote the report %s%s.", document.id, "" if document.complete else ", not complete yet")


def _find_ended_report_id(event: Event) -> str:
    """Return the id of the move or drill that the event ended; empty for other events."""
    if event.kind is EventKind.DRILL_ENDED and event.drill:
        return event.drill.id
    return event.move.drill_id or event.move.id if event.kind in MOVE_END_KINDS and event.move else ""


def find_report_id(event: Mapping[str, Any]) -> str:
    """Return the id of the drill of an event, or else of its move; empty without both."""
    detail = event.get("detail") or event
    for name in ("report", "drill", "move"):
        if isinstance(about := detail.get(name), Mapping) and about.get("id"):
            return str(about["id"])
    return str(detail.get("id", "")) if detail is event else ""


def collect_versions(env: Mapping[str, str]) -> dict[str, str]:
    """Return the versions of the package, its code, Python, and the function if it runs in Lambda."""
    versions = {
        "package": cognito_failover.__version__,
        "code": compute_code_hash(),
        "python": platform.python_version(),
    }
    function = env.get("AWS_LAMBDA_FUNCTION_VERSION", "")
    return {**versions, "function": function} if function else versions


@cache
def compute_code_hash() -> str:
    """Return the first digits of the SHA-256 of the package's files. All functions of one deployment share it."""
    root = Path(cognito_failover.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:HASH_DIGITS]
