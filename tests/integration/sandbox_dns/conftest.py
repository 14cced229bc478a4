import pytest

from tests.unit.sandbox_route53.world import World, entry, weighted


@pytest.fixture
def world() -> World:
    """Give a world with a weighted pair, its targets, and an answer too long for UDP."""
    world = World()
    world.change(
        weighted("CREATE", "ap-northeast-1", 255, ResourceRecords=[{"Value": "primary.target.example.com"}]),
        weighted("CREATE", "us-east-1", 0, ResourceRecords=[{"Value": "standby.target.example.com"}]),
        entry("CREATE", "primary.target.example.com", "A", "127.99.1.3"),
        entry("CREATE", "standby.target.example.com", "A", "127.99.2.3"),
        entry("CREATE", "long.example.com", "TXT", *(f'"{number:0200}"' for number in range(10))),
    )
    world.settle()
    return world
