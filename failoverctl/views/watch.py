"""The status in ``failoverctl watch``, and the line for each change."""

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
    """Show the last status, and above it the error if the last read failed.

    Parameters
    ----------
    status
        The last status; None before the first.
    error_message
        Why the last read failed; empty if it succeeded.
    status_at
        When the status was read.
    now
        The time.

    """
    yield plain_text(f"{now:%Y-%m-%d %H:%M:%S} UTC. Press Ctrl-C to end.")
    if error_message:
        age = format_short_duration((now - status_at).total_seconds())
        age_text = f" The status below is {age} old." if status else ""
        yield plain_text(f"No answer: {error_message}{age_text}", style="bold red")
    if status:
        yield plain_text("")
        yield from render_status(status, now)


def summarize_change(previous: Status | None, status: Status) -> str:
    """Return one line if the phase, the active Region or the move has changed; otherwise an empty text."""
    if previous is None or any(previous.get(name) != status.get(name) for name in ("phase", "active_region", "move")):
        phase, active_region = status.get("phase", "unreadable"), status.get("active_region", "?")
        return f"{phase}, active Region {active_region}: {_get_reason(status)}"
    return ""


def _get_reason(status: Status) -> str:
    return str(status.get("reason") or status.get("problem") or "")
