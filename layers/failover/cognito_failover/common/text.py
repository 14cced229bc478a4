"""Times and durations as people read them, and texts of others made safe to show."""

import unicodedata
from datetime import UTC, datetime

from cognito_failover.common.region import Instant

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
"""Independent of the locale."""


def format_iso_utc(at: Instant) -> str:
    """Return a time as ISO 8601, UTC, to the second."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def format_short_utc(at: Instant) -> str:
    """Return a time in UTC, to the second and without the year, such as ``23 Nov 08:02:49 UTC``."""
    moment = datetime.fromtimestamp(at, UTC)
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment:%H:%M:%S} UTC"


def format_iso_millis(at: Instant) -> str:
    """Return a time as ISO 8601, UTC, to the millisecond, for machines."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def format_duration(seconds: float) -> str:
    """Return a duration, such as ``1 h 5 min``, ``12 min 30 s`` or ``8.4 s``."""
    if round(seconds) < 60:  # noqa: PLR2004 - seconds in a minute
        tenths = round(seconds, 1)
        return f"{tenths:.1f} s" if tenths < 10 and tenths % 1 else f"{seconds:.0f} s"  # noqa: PLR2004 - digits
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{hours} h" if hours else "", f"{minutes} min" if minutes else "", f"{rest} s" if rest else ""]
    return " ".join(part for part in parts if part)


_CONTROL_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Control and format characters, single surrogates, and line ends of Unicode."""

_JOINERS = frozenset("\u200c\u200d")
"""Format characters that ordinary texts need: some scripts, and emoji."""


def is_control_character(character: str) -> bool:
    """Return whether a character controls a terminal, ends a line, or changes the order of the text around it."""
    return unicodedata.category(character) in _CONTROL_CATEGORIES and character not in _JOINERS


def neutralize(text: str) -> str:
    """Return a text of others in one line, with a mark for each control character."""
    if not any(map(is_control_character, text)):
        return text
    return "".join(
        character
        if not is_control_character(character)
        else " "
        if character.isspace()
        else "\N{REPLACEMENT CHARACTER}"
        for character in text
    )
