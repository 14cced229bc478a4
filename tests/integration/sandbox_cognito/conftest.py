import asyncio
from typing import Any

import pytest

from tests.integration.sandbox_cognito.cloud import Cloud, SignedUpPool, replicable_pool, replicate


@pytest.fixture
def cloud(engine: tuple[asyncio.Runner, Any]) -> Cloud:
    return Cloud(*engine)


@pytest.fixture
def pool(cloud: Cloud) -> SignedUpPool:
    """Return the article's pool, ready for a replica."""
    return replicable_pool(cloud)


@pytest.fixture
def replicated(pool: SignedUpPool) -> SignedUpPool:
    """Return the article's pool with an ACTIVE replica that knows everything."""
    return replicate(pool)
