"""The services a latch is made of, in the tests' own process."""

import asyncio
from typing import Any

import pytest

from tests.integration.sandbox_cognito.cloud import InProcessCloud


@pytest.fixture
def cloud(engine: tuple[asyncio.Runner, Any]) -> InProcessCloud:
    """Return an account of its own."""
    return InProcessCloud(*engine)
