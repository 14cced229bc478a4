import asyncio
from typing import Any

import pytest

from tests.integration.rotation.rotation_deployment import RotationDeployment, create_equivalent
from tests.integration.sandbox_cognito.cloud import InProcessCloud


@pytest.fixture
def cloud(engine: tuple[asyncio.Runner, Any]) -> InProcessCloud:
    return InProcessCloud(*engine)


@pytest.fixture
def harness(cloud: InProcessCloud) -> RotationDeployment:
    return create_equivalent(cloud)
