"""The services of a latch, in the test's process."""

import asyncio
from typing import Any

import pytest

from tests.integration.sandbox_cognito.cloud import InProcessCloud


@pytest.fixture
def cloud(engine: tuple[asyncio.Runner, Any]) -> InProcessCloud:
    """Return a cloud with a separate account."""
    return InProcessCloud(*engine)
