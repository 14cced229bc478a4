from collections.abc import Iterator

import pytest

from sandbox.client import SandboxClient
from sandbox.testing import run_sandbox


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxClient]:
    with run_sandbox("--creating-seconds", "0.5", "--lag-seconds", "0", "--propagation-seconds", "0.5") as started:
        yield started
