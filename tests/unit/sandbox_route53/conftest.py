import pytest

from tests.unit.sandbox_route53.harness import Route53Harness, build_weighted_change


@pytest.fixture
def world() -> Route53Harness:
    return Route53Harness()


@pytest.fixture
def paired(world: Route53Harness) -> Route53Harness:
    """Give a world with a weighted pair as the failover controller keeps it."""
    world.change_records(
        build_weighted_change("CREATE", "ap-northeast-1", 255), build_weighted_change("CREATE", "us-east-1", 0)
    )
    world.wait_until_in_sync()
    return world
