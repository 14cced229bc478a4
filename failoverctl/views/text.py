"""Sentences, moments and words as they look on a terminal."""

from datetime import UTC, datetime
from typing import Any

from rich.text import Text

from failover.timetext import span

_STYLES = {
    "healthy": "green",
    "unverified": "green",
    "sick": "bold red",
    "steady": "green",
    "moving": "bold yellow",
    "suspect": "bold red",
    "held": "bold yellow",
}
_OTHER_WORD = "yellow"


def sentence(text: object, *, style: str = "") -> Text:
    """Return a text that is shown as it is, whatever brackets are in it."""
    return Text(str(text), style=style)


def word(text: object) -> Text:
    """Return a phase or a verdict, in its colour."""
    return Text(str(text), style=_STYLES.get(str(text), _OTHER_WORD))


def moment(stamp: str | None) -> str:
    """Return an ISO 8601 moment to the second, without what is the same for all."""
    return stamp[:19].replace("T", " ") if stamp else "never"


def ago(stamp: str | None, now: datetime) -> str:
    """Return how long ago a moment was."""
    if not stamp:
        return ""
    seconds = (now - datetime.fromisoformat(stamp).astimezone(UTC)).total_seconds()
    return brief(max(0.0, seconds))


def brief(seconds: float) -> str:
    """Return a span with its two largest units."""
    return " ".join(span(round(seconds)).split()[:4]) or "0 s"


def seconds_text(value: Any) -> str:
    """Return a latency, or that there is none."""
    return f"{value:.2f} s" if isinstance(value, int | float) else "-"
