"""Formatting of texts, times and durations for a terminal."""

from datetime import UTC, datetime
from typing import Any

from rich.text import Text

from cognito_failover.common.text import format_duration

_WORD_STYLES = {
    "healthy": "green",
    "unverified": "green",
    "sick": "bold red",
    "steady": "green",
    "moving": "bold yellow",
    "suspect": "bold red",
    "held": "bold yellow",
}
_DEFAULT_WORD_STYLE = "yellow"


def plain_text(text: object, *, style: str = "") -> Text:
    """Return a text without markup: brackets are shown as they are."""
    return Text(str(text), style=style)


def style_word(text: object) -> Text:
    """Return a phase or a verdict in its colour."""
    return Text(str(text), style=_WORD_STYLES.get(str(text), _DEFAULT_WORD_STYLE))


def format_time(timestamp: str | None) -> str:
    """Return an ISO 8601 time to the second, without ``T`` and ``Z``."""
    return timestamp[:19].replace("T", " ") if timestamp else "never"


def format_age(timestamp: str | None, now: datetime) -> str:
    """Return the time since a timestamp. Empty if there is no timestamp."""
    if not timestamp:
        return ""
    seconds = (now - datetime.fromisoformat(timestamp).astimezone(UTC)).total_seconds()
    return format_short_duration(max(0.0, seconds))


def format_short_duration(seconds: float) -> str:
    """Return a duration with its two largest units."""
    return " ".join(format_duration(round(seconds)).split()[:4]) or "0 s"


def format_seconds(value: Any) -> str:
    """Return a latency in seconds, or ``-``."""
    return f"{value:.2f} s" if isinstance(value, int | float) else "-"
