from collections.abc import Iterator

import pytest

from sandbox.client import SandboxClient
from sandbox.testing import run_sandbox
from tests.integration.sandbox_health_checkers.s3_latch import STANDBY, LatchClients, S3LatchHarness


@pytest.fixture(scope="package")
def sandbox() -> Iterator[SandboxClient]:
    quick = ("--check-pace", "25", "--propagation-seconds", "0", "--health-propagation-seconds", "0")
    with run_sandbox(*quick) as started:
        yield started


@pytest.fixture(scope="package")
def clients(sandbox: SandboxClient) -> LatchClients:
    """Give clients for all tests: to make one takes longer than most tests."""
    return LatchClients(route53=sandbox.client("route53", STANDBY), s3=sandbox.client("s3", STANDBY))


@pytest.fixture
def latch(sandbox: SandboxClient, clients: LatchClients) -> Iterator[S3LatchHarness]:
    """Give a latch that is open, with no record that follows it."""
    made = S3LatchHarness(sandbox, clients)
    yield made
    made.remove()
