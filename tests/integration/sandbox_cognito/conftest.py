import asyncio
from typing import Any

import pytest

from tests.integration.sandbox_cognito.cloud import (
    InProcessCloud,
    SignedUpPool,
    create_active_replica,
    create_replicable_pool,
)


@pytest.fixture
def cloud(engine: tuple[asyncio.Runner, Any]) -> InProcessCloud:
    return InProcessCloud(*engine)


@pytest.fixture
def pool(cloud: InProcessCloud) -> SignedUpPool:
    """Return the reference setup's pool, ready for a replica."""
    return create_replicable_pool(cloud)


@pytest.fixture
def replicated(pool: SignedUpPool) -> SignedUpPool:
    """Return the reference setup's pool with an ACTIVE, complete replica."""
    return create_active_replica(pool)
