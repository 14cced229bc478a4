"""The order of the e2e modules in a parallel run, and how a module continues after a failed test."""

from collections.abc import Generator, Iterator

import pytest

from tests.support import load_scaling

MODULE_ORDER = (
    "test_primary_and_control_plane_outage",
    "test_drills",
    "test_latch_moved_by_a_person",
    "test_failover_and_failback",
    "test_failures_without_a_move",
    "test_failures_during_a_move",
    "test_control_plane_outage",
    "test_other_records",
    "test_observers",
    "test_rotation",
)
"""The longest modules first, so that no long one runs alone at the end. Modules that are not listed come first."""

HAS_FAILED = pytest.StashKey[bool]()
"""Whether a test of the module has failed."""

IS_ASTRAY = pytest.StashKey[bool]()
"""Whether a failed test has left the deployment in an unknown state that is not restored yet."""

HAS_NO = pytest.StashKey[set[str]]()
"""The fixtures of the module that have failed."""

CONNECT_SECONDS, READ_SECONDS, DNS_SECONDS = 2.0, 3.0, 2.0
"""Timeouts of the external clients for a connection, an answer and a name server, on an idle machine."""


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Raise the priority before the load is measured. Declare the markers of tests that depend on earlier ones."""
    load_scaling.raise_priority(load_scaling.DEPLOYED_NICENESS)
    config.addinivalue_line(
        "markers", "begins(by): call `by` with the stage first if an earlier test of the module has failed"
    )
    config.addinivalue_line("markers", "looks_back: skip if an earlier test of the module has failed")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort the modules, and keep the order of the tests in each."""
    places = {name: place for place, name in enumerate(MODULE_ORDER, start=1)}
    items.sort(key=lambda item: places.get(item.path.stem, 0))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Record the failure of a test of the module."""
    report = yield
    if report.failed and item.parent is not None:
        item.parent.stash[HAS_FAILED] = item.parent.stash[IS_ASTRAY] = True
    return report


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest
) -> Generator[None, object, object]:
    """Record the failure of a fixture of the module."""
    try:
        return (yield)
    except Exception:
        if fixturedef.scope == "module":
            request.node.stash.setdefault(HAS_NO, set()).add(fixturedef.argname)
        raise


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose fixture has failed before, so that the failure is reported only once."""
    missing: set[str] = item.parent.stash.get(HAS_NO, set()) if item.parent else set()
    if needed := missing & set(getattr(item, "fixturenames", ())):
        pytest.skip(f"the fixture {min(needed)} has failed; see the first failure of this module")


@pytest.fixture(autouse=True)
def _begin_as_expected(request: pytest.FixtureRequest) -> None:
    """After a failed test, establish the initial state of the next test."""
    node: pytest.Item = request.node
    module = node.parent
    if module is None or not module.stash.get(HAS_FAILED, False):
        return
    if node.get_closest_marker("looks_back"):
        pytest.skip("this test evaluates the whole module, and an earlier test has failed")
    begins = node.get_closest_marker("begins")
    if begins and module.stash.get(IS_ASTRAY, False):
        begins.kwargs["by"](request.getfixturevalue("stage"))
        module.stash[IS_ASTRAY] = False


@pytest.fixture(scope="session", autouse=True)
def _scale_client_timeouts() -> Iterator[None]:
    """Scale the timeouts of external clients, so that a slow machine does not cause failed sign-ins."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("demo.external_clients._CONNECT_TIMEOUT_SECONDS", load_scaling.scale_seconds(CONNECT_SECONDS))
        patch.setattr("demo.external_clients._READ_TIMEOUT_SECONDS", load_scaling.scale_seconds(READ_SECONDS))
        patch.setattr("demo.external_clients._DNS_TIMEOUT_SECONDS", load_scaling.scale_seconds(DNS_SECONDS))
        yield
