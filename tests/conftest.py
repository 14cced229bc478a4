"""What holds for every test: none is timed, since machines are slow now and then; and the longest begin first."""

import hypothesis
import pytest

LONG = ("exhaustive", "property")
"""Folders whose files take minutes: begun last, one of them would be left over with nothing beside it."""

if hypothesis.settings.get_current_profile_name() == "default":
    hypothesis.settings.register_profile("untimed", deadline=None)
    hypothesis.settings.load_profile("untimed")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long ones first, and leave the others in order."""
    items.sort(key=lambda item: not set(LONG) & set(item.nodeid.split("/")))
