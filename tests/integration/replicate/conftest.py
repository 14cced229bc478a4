import asyncio
from typing import Any

import pytest

from tests.integration.replicate.replicate_harness import ReplicateHarness
from tests.integration.sandbox_cognito.cloud import InProcessCloud


@pytest.fixture
def harness(engine: tuple[asyncio.Runner, Any]) -> ReplicateHarness:
    return ReplicateHarness(InProcessCloud(*engine))
