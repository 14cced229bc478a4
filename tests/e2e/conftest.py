"""In which order days are played when several are played side by side, and how a day goes on after a failed test."""

from collections.abc import Generator, Iterator

import pytest

from tests.support import load_scaling

MODULE_ORDER = (
    "test_primary_and_control_plane_outage",
    "test_drills",
    "test_failover_and_failback",
    "test_failures_without_a_move",
    "test_failures_during_a_move",
    "test_control_plane_outage",
    "test_observers",
    "test_rotation",
)
"""So that none is left over at the end, with nothing beside it. A day that is not here comes first."""

HAS_FAILED = pytest.StashKey[bool]()
"""Whether a test of the day has failed."""

IS_ASTRAY = pytest.StashKey[bool]()
"""Whether the day is in the state that a failed test has left, and not restored since."""

HAS_NO = pytest.StashKey[set[str]]()
"""The fixtures of the day that have failed."""

CONNECT_SECONDS, READ_SECONDS, DNS_SECONDS = 2.0, 3.0, 2.0
"""How long people outside wait for a connection, an answer and a name server, on an idle machine."""


def pytest_configure(config: pytest.Config) -> None:
    """Declare what a test says about the day it is part of."""
    config.addinivalue_line(
        "markers", "begins(by): call `by` with the stage first if an earlier test of the day has failed"
    )
    config.addinivalue_line("markers", "looks_back: skip if an earlier test of the day has failed")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put days in order, and leave each day's tests in theirs."""
    places = {name: place for place, name in enumerate(MODULE_ORDER, start=1)}
    items.sort(key=lambda item: places.get(item.path.stem, 0))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note that a day has gone astray."""
    report = yield
    if report.failed and item.parent is not None:
        item.parent.stash[HAS_FAILED] = item.parent.stash[IS_ASTRAY] = True
    return report


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest
) -> Generator[None, object, object]:
    """Note that a whole day, or a part of it, can't be played."""
    try:
        return (yield)
    except Exception:
        if fixturedef.scope == "module":
            request.node.stash.setdefault(HAS_NO, set()).add(fixturedef.argname)
        raise


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Report once that a day can't be played: the first test that needs it fails, and the others are skipped."""
    missing: set[str] = item.parent.stash.get(HAS_NO, set()) if item.parent else set()
    if needed := missing & set(getattr(item, "fixturenames", ())):
        pytest.skip(f"the fixture {min(needed)} has failed; an earlier test of the day says why")


@pytest.fixture(autouse=True)
def _begin_as_expected(request: pytest.FixtureRequest) -> None:
    """After a failed test, establish what the next one begins with, so that it does not fail for that alone."""
    node: pytest.Item = request.node
    day = node.parent
    if day is None or not day.stash.get(HAS_FAILED, False):
        return
    if node.get_closest_marker("looks_back"):
        pytest.skip("it looks back at the whole day, and an earlier test of it has failed")
    begins = node.get_closest_marker("begins")
    if begins and day.stash.get(IS_ASTRAY, False):
        begins.kwargs["by"](request.getfixturevalue("stage"))
        day.stash[IS_ASTRAY] = False


@pytest.fixture(scope="session", autouse=True)
def _patient_people() -> Iterator[None]:
    """Let people outside wait as long as this machine needs; slowness of the machine is no failed sign-in."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("demo.external_clients._CONNECT_TIMEOUT_SECONDS", load_scaling.scale_seconds(CONNECT_SECONDS))
        patch.setattr("demo.external_clients._READ_TIMEOUT_SECONDS", load_scaling.scale_seconds(READ_SECONDS))
        patch.setattr("demo.external_clients._DNS_TIMEOUT_SECONDS", load_scaling.scale_seconds(DNS_SECONDS))
        yield
