import asyncio
from typing import Any

import pytest

from tests.integration.rotation.stage import Stage, alike
from tests.integration.sandbox_cognito.cloud import Cloud


@pytest.fixture
def cloud(engine: tuple[asyncio.Runner, Any]) -> Cloud:
    return Cloud(*engine)


@pytest.fixture
def stage(cloud: Cloud) -> Stage:
    return alike(cloud)
