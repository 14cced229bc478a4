from collections.abc import Iterator

import pytest

from sandbox.attached import Sandbox
from sandbox.testing import running
from tests.integration.sandbox_checks.latch import Latch


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running("--check-pace", "50", "--propagation-seconds", "0") as started:
        yield started


@pytest.fixture
def latch(sandbox: Sandbox) -> Iterator[Latch]:
    """Give a latch that is open, with no record that follows it."""
    made = Latch(sandbox)
    yield made
    made.remove()
