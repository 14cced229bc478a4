from collections.abc import Iterator

import pytest

from sandbox.attached import Sandbox
from sandbox.testing import running


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running("--creating-seconds", "0.5", "--lag-seconds", "0", "--propagation-seconds", "0.5") as started:
        yield started
