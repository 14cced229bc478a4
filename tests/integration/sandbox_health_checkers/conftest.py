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
    """Return clients that all tests share, because creating them is slow."""
    return LatchClients(route53=sandbox.client("route53", STANDBY), s3=sandbox.client("s3", STANDBY))


@pytest.fixture
def latch(sandbox: SandboxClient, clients: LatchClients) -> Iterator[S3LatchHarness]:
    """Return a latch that is not set, without records."""
    latch = S3LatchHarness(sandbox, clients)
    yield latch
    latch.remove()
