"""Durations as text."""

import pytest

from cognito_failover.common.text import format_duration


@pytest.mark.parametrize(
    ("seconds", "read"),
    [
        (0, "0 s"),
        (8.44, "8.4 s"),
        (8.0, "8 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (750, "12 min 30 s"),
        (3_900, "1 h 5 min"),
    ],
)
def test_duration_has_useful_precision(seconds: float, read: str) -> None:
    assert format_duration(seconds) == read
