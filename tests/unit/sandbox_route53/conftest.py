import pytest

from tests.unit.sandbox_route53.world import World, weighted


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def paired(world: World) -> World:
    """Give a world with a weighted pair as the failover controller keeps it."""
    world.change(weighted("CREATE", "ap-northeast-1", 255), weighted("CREATE", "us-east-1", 0))
    world.settle()
    return world
