"""The services a latch is made of, in the tests' own process."""

import asyncio
from typing import Any

import pytest

from tests.integration.sandbox_cognito.cloud import Cloud


@pytest.fixture
def cloud(engine: tuple[asyncio.Runner, Any]) -> Cloud:
    """Return an account of its own."""
    return Cloud(*engine)
