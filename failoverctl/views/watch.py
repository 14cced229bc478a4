"""The status as it changes: what is shown between two looks, and when a look failed."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from rich.console import RenderableType

from failoverctl.views.status import render_status
from failoverctl.views.text import format_short_duration, plain_text

type Status = Mapping[str, Any]


def render_watch(
    status: Status | None, error_message: str, status_at: datetime, now: datetime
) -> Iterator[RenderableType]:
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
    yield plain_text(f"{now:%Y-%m-%d %H:%M:%S} UTC; Ctrl-C ends it")
    if error_message:
        age_text = f" What follows is {format_short_duration((now - status_at).total_seconds())} old." if status else ""
        yield plain_text(f"No answer: {error_message}{age_text}", style="bold red")
    if status:
        yield plain_text("")
        yield from render_status(status, now)


def summarize_change(previous: Status | None, status: Status) -> str:
    """Return what changed since the status before, in one line; empty if nothing that matters did."""
    if previous is None or any(previous.get(name) != status.get(name) for name in ("phase", "active_region", "move")):
        return f"{status.get('phase', 'unreadable')}, {status.get('active_region', '?')} serves: {_get_reason(status)}"
    return ""


def _get_reason(status: Status) -> str:
    return str(status.get("reason") or status.get("problem") or "")
