"""Sentences, moments and words as they look on a terminal."""

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
    """Return a text that is shown as it is, whatever brackets are in it."""
    return Text(str(text), style=style)


def style_word(text: object) -> Text:
    """Return a phase or a verdict, in its colour."""
    return Text(str(text), style=_WORD_STYLES.get(str(text), _DEFAULT_WORD_STYLE))


def format_time(timestamp: str | None) -> str:
    """Return an ISO 8601 moment to the second, without what is the same for all."""
    return timestamp[:19].replace("T", " ") if timestamp else "never"


def format_age(timestamp: str | None, now: datetime) -> str:
    """Return how long ago a moment was."""
    if not timestamp:
        return ""
    seconds = (now - datetime.fromisoformat(timestamp).astimezone(UTC)).total_seconds()
    return format_short_duration(max(0.0, seconds))


def format_short_duration(seconds: float) -> str:
    """Return a span with its two largest units."""
    return " ".join(format_duration(round(seconds)).split()[:4]) or "0 s"


def format_seconds(value: Any) -> str:
    """Return a latency, or that there is none."""
    return f"{value:.2f} s" if isinstance(value, int | float) else "-"
