from collections.abc import Iterator

import pytest

from sandbox.attached import Sandbox
from sandbox.testing import running
from tests.integration.sandbox_checks.latch import STANDBY, Clients, Latch


@pytest.fixture(scope="package")
def sandbox() -> Iterator[Sandbox]:
    quick = ("--check-pace", "25", "--propagation-seconds", "0", "--health-propagation-seconds", "0")
    with running(*quick) as started:
        yield started


@pytest.fixture(scope="package")
def clients(sandbox: Sandbox) -> Clients:
    """Give clients for all tests: to make one takes longer than most tests."""
    return Clients(route53=sandbox.client("route53", STANDBY), s3=sandbox.client("s3", STANDBY))


@pytest.fixture
def latch(sandbox: Sandbox, clients: Clients) -> Iterator[Latch]:
    """Give a latch that is open, with no record that follows it."""
    made = Latch(sandbox, clients)
    yield made
    made.remove()
