import asyncio
from typing import Any

import pytest

from tests.integration.replicate.stage import Stage
from tests.integration.sandbox_cognito.cloud import Cloud


@pytest.fixture
def stage(engine: tuple[asyncio.Runner, Any]) -> Stage:
    return Stage(Cloud(*engine))
