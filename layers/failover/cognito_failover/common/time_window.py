"""A weekly time window, such as ``Tue 02:00-05:00 UTC``. Pure."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cognito_failover.common.region import Instant

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
EXAMPLE = "Tue 02:00-05:00 UTC"

_DAY = f"(?:{'|'.join(DAYS)})"
_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d"
_PATTERN = re.compile(rf"(?P<days>{_DAY}(?:-{_DAY}|(?:,{_DAY})*)) (?P<begins>{_TIME})-(?P<ends>{_TIME}|24:00) UTC")
_DAYS_PER_WEEK = 7


class TimeWindowError(ValueError):
    """A text that is not a time window. The message gives valid examples."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeWindow:
    """Hours of some days of each week.

    Attributes
    ----------
    days
        The days on which it opens, 0 for Monday.
    start, end
        The times since midnight, UTC. An end that is not after the start is on the next day.

    """

    days: frozenset[int]
    start: timedelta
    end: timedelta

    @classmethod
    def parse(cls, text: str) -> "TimeWindow":
        """Parse days (``Tue``, ``Tue,Thu`` or ``Mon-Fri``) and hours.

        Raises
        ------
        TimeWindowError
            If the text is not valid.

        """
        match = _PATTERN.fullmatch(text)
        if match is None:
            raise TimeWindowError(
                f"{text!r} is not a weekly time window. Use days and hours, such as {EXAMPLE}, "
                f"Tue,Thu 02:00-05:00 UTC or Mon-Fri 22:00-02:00 UTC."
            )
        return cls(days=_parse_days(match["days"]), start=_parse_time(match["begins"]), end=_parse_time(match["ends"]))

    def compute_open_seconds(self, now: Instant) -> float:
        """Return how many seconds the window stays open from now; 0 while it is closed."""
        moment = datetime.fromtimestamp(now, UTC)
        midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        return max(0.0, *(self._compute_open_seconds_from(midnight - timedelta(days=ago), moment) for ago in (0, 1)))

    def _compute_open_seconds_from(self, midnight: datetime, moment: datetime) -> float:
        if midnight.weekday() not in self.days:
            return 0.0
        end = self.end if self.end > self.start else self.end + timedelta(days=1)
        if moment < midnight + self.start:
            return 0.0
        return (midnight + end - moment).total_seconds()


def _parse_days(text: str) -> frozenset[int]:
    if "-" in text:
        first, last = (DAYS.index(day) for day in text.split("-"))
        return frozenset((first + offset) % _DAYS_PER_WEEK for offset in range((last - first) % _DAYS_PER_WEEK + 1))
    return frozenset(DAYS.index(day) for day in text.split(","))


def _parse_time(text: str) -> timedelta:
    hours, minutes = (int(part) for part in text.split(":"))
    return timedelta(hours=hours, minutes=minutes)
