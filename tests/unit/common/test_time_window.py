"""Weekly time windows open and close at their hours."""

from datetime import UTC, datetime

import pytest

from cognito_failover.common.time_window import TimeWindow, TimeWindowError

MONDAY = datetime(2026, 6, 29, tzinfo=UTC)


def is_open_at(text: str, day: int, hour: int, minute: int = 0) -> float:
    moment = (
        MONDAY.replace(day=29 + day, hour=hour, minute=minute)
        if day < 2
        else datetime(2026, 7, day - 1, hour, minute, tzinfo=UTC)
    )
    return TimeWindow.parse(text).compute_open_seconds(moment.timestamp()) / 60


@pytest.mark.parametrize(
    ("text", "day", "hour", "minute", "minutes"),
    [
        ("Tue 02:00-05:00 UTC", 1, 2, 0, 180),
        ("Tue 02:00-05:00 UTC", 1, 4, 59, 1),
        ("Tue 02:00-05:00 UTC", 1, 5, 0, 0),
        ("Tue 02:00-05:00 UTC", 1, 1, 59, 0),
        ("Tue 02:00-05:00 UTC", 2, 3, 0, 0),
        ("Tue,Thu 02:00-05:00 UTC", 3, 3, 0, 120),
        ("Mon-Wed 02:00-05:00 UTC", 2, 3, 0, 120),
        ("Mon-Wed 02:00-05:00 UTC", 3, 3, 0, 0),
        ("Sat-Mon 02:00-05:00 UTC", 6, 3, 0, 120),
        ("Sat-Mon 02:00-05:00 UTC", 0, 3, 0, 120),
        ("Sat-Mon 02:00-05:00 UTC", 1, 3, 0, 0),
        ("Sun 22:00-02:00 UTC", 0, 1, 0, 60),
        ("Sun 22:00-02:00 UTC", 6, 23, 0, 180),
        ("Sun 22:00-02:00 UTC", 0, 2, 0, 0),
        ("Sun 00:00-24:00 UTC", 6, 12, 0, 720),
        ("Mon 03:00-03:00 UTC", 1, 2, 0, 60),
    ],
)
def test_window_is_open_for_its_duration(text: str, day: int, hour: int, minute: int, minutes: float) -> None:
    assert is_open_at(text, day, hour, minute) == minutes


WRONG_WINDOWS = (
    *("", "Tue", "02:00-05:00 UTC", "Tue 2:00-5:00 UTC", "Tue 02:00-05:00", "Die 02:00-05:00 UTC"),
    *("Tue 24:00-05:00 UTC", "Tue 02:00-05:60 UTC", "Tue-Thu,Sat 02:00-05:00 UTC", "tue 02:00-05:00 UTC"),
)


@pytest.mark.parametrize("text", WRONG_WINDOWS)
def test_invalid_window_is_rejected_with_valid_example(text: str) -> None:
    with pytest.raises(TimeWindowError, match="Tue 02:00-05:00 UTC"):
        TimeWindow.parse(text)
