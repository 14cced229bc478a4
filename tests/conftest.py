"""Settings of all tests: no Hypothesis deadlines, because machines are sometimes slow, and the longest tests first."""

import hypothesis
import pytest

from tests.support import load_scaling

LONG_TEST_FOLDERS = ("exhaustive", "interleavings", "property")
"""Folders whose files take minutes. They start first, so that no long file runs alone at the end."""

if hypothesis.settings.get_current_profile_name() == "default":
    hypothesis.settings.register_profile("untimed", deadline=None)
    hypothesis.settings.load_profile("untimed")

FUZZ_PROFILE = "fuzz"
"""The Hypothesis profile of ``make fuzz``: new random examples, and ten times as many of each property."""

FUZZ_FACTOR = 10

hypothesis.settings.register_profile(
    FUZZ_PROFILE,
    parent=hypothesis.settings.get_profile("default"),
    deadline=None,
    max_examples=100 * FUZZ_FACTOR,
    derandomize=False,
    print_blob=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)

_HYPOTHESIS_SETTINGS_ATTRIBUTES = ("_hypothesis_internal_use_settings", "settings")
"""Attributes in which Hypothesis keeps the settings of a property and of a state machine."""


TEST_SECONDS = 1_800
"""Time limit of one test, including its waits. Scaled like every other limit."""


def pytest_configure() -> None:
    """Raise the priority, then measure the load before any test runs. The processes that run tests inherit both."""
    load_scaling.raise_priority()
    load_scaling.get_factor()


def pytest_report_header() -> str:
    """Return the header line with the factor of the time limits."""
    return f"time limits: {load_scaling.get_factor():.2f} times the usual ones, by the load of this machine"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long tests first, keep the order of the others, and scale each time limit to the load of the machine."""
    items.sort(key=lambda item: not set(LONG_TEST_FOLDERS) & set(item.nodeid.split("/")))
    is_fuzzing = hypothesis.settings.get_current_profile_name() == FUZZ_PROFILE
    if is_fuzzing:
        _multiply_examples(items)
    seconds = TEST_SECONDS * (FUZZ_FACTOR if is_fuzzing else 1)
    for item in items:
        if item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(load_scaling.scale_seconds(seconds)))


def _multiply_examples(items: list[pytest.Item]) -> None:
    """Multiply the number of examples of each property that sets its own number; the others take the profile's."""
    profile = hypothesis.settings.get_profile(FUZZ_PROFILE)
    for owner in {getattr(item, name, None) for item in items for name in ("function", "cls")}:
        for attribute in _HYPOTHESIS_SETTINGS_ATTRIBUTES:
            usual = getattr(owner, attribute, None)
            if isinstance(usual, hypothesis.settings) and usual.max_examples != profile.max_examples:
                setattr(owner, attribute, hypothesis.settings(usual, max_examples=usual.max_examples * FUZZ_FACTOR))
