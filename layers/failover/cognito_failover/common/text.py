"""Times and durations as people read them."""

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
