"""In which order days are played when several are played side by side."""

import pytest

LONGEST_FIRST = (
    "test_the_primary_dies_with_the_control_plane",
    "test_drills",
    "test_main_job",
    "test_hard_days_without_a_move",
    "test_hard_days_of_a_move",
    "test_without_the_control_plane",
    "test_observers",
    "test_rotation",
)
"""So that none is left over at the end, with nothing beside it. A day that is not here comes first."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put days in order, and leave each day's tests in theirs."""
    places = {name: place for place, name in enumerate(LONGEST_FIRST, start=1)}
    items.sort(key=lambda item: places.get(item.path.stem, 0))
