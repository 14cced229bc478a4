import pytest

from tests.unit.sandbox_route53.harness import Route53Harness, build_weighted_change


@pytest.fixture
def harness() -> Route53Harness:
    return Route53Harness()


@pytest.fixture
def paired(harness: Route53Harness) -> Route53Harness:
    """Return a harness with a weighted pair like the failover controller's."""
    harness.change_records(
        build_weighted_change("CREATE", "ap-northeast-1", 255), build_weighted_change("CREATE", "us-east-1", 0)
    )
    harness.wait_until_in_sync()
    return harness
