"""The status as it changes: what is shown between two looks, and when a look failed."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from rich.console import RenderableType

from failoverctl.views.status import status_view
from failoverctl.views.text import brief, sentence

type Status = Mapping[str, Any]


def watch_view(status: Status | None, trouble: str, seen_at: datetime, now: datetime) -> Iterator[RenderableType]:
    """Show the last status that was seen, and above it why there is no newer one.

    Parameters
    ----------
    status
        The last one seen; None before the first.
    trouble
        Why the last look failed; empty if it didn't.
    seen_at
        When the status was seen.
    now
        The time.

    """
    yield sentence(f"{now:%Y-%m-%d %H:%M:%S} UTC; Ctrl-C ends it")
    if trouble:
        age = f" What follows is {brief((now - seen_at).total_seconds())} old." if status else ""
        yield sentence(f"No answer: {trouble}{age}", style="bold red")
    if status:
        yield sentence("")
        yield from status_view(status, now)


def change_of(before: Status | None, status: Status) -> str:
    """Return what changed since the status before, in one line; empty if nothing that matters did."""
    if before is None or any(before.get(name) != status.get(name) for name in ("phase", "active_region", "move")):
        return f"{status.get('phase', 'unreadable')}, {status.get('active_region', '?')} serves: {_why(status)}"
    return ""


def _why(status: Status) -> str:
    return str(status.get("reason") or status.get("problem") or "")
