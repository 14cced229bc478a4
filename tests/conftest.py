"""What holds for every test: none is timed, since machines are slow now and then; and the longest begin first."""

import hypothesis
import pytest

from tests.support import load_scaling

LONG_TEST_FOLDERS = ("exhaustive", "property")
"""Folders whose files take minutes: begun last, one of them would be left over with nothing beside it."""

if hypothesis.settings.get_current_profile_name() == "default":
    hypothesis.settings.register_profile("untimed", deadline=None)
    hypothesis.settings.load_profile("untimed")


TEST_SECONDS = 1_800
"""How long one test may take, with what it waits for; scaled like every other limit."""


def pytest_configure() -> None:
    """Measure the load of the machine before any test runs; the processes that run them inherit the result."""
    load_scaling.get_factor()


def pytest_report_header() -> str:
    """Say by how much limits are stretched."""
    return f"patience: {load_scaling.get_factor():.2f} times the usual limits, by the load of this machine"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long ones first, leave the others in order, and give each one time for a busy machine."""
    items.sort(key=lambda item: not set(LONG_TEST_FOLDERS) & set(item.nodeid.split("/")))
    for item in items:
        if item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(load_scaling.scale_seconds(TEST_SECONDS)))
