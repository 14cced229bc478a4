import pytest

from tests.unit.sandbox_route53.harness import Route53Harness, build_change, build_weighted_change


@pytest.fixture
def harness() -> Route53Harness:
    """Return a harness with a weighted pair, its targets, and an answer too long for UDP."""
    harness = Route53Harness()
    harness.change_records(
        build_weighted_change(
            "CREATE", "ap-northeast-1", 255, ResourceRecords=[{"Value": "primary.target.example.com"}]
        ),
        build_weighted_change("CREATE", "us-east-1", 0, ResourceRecords=[{"Value": "standby.target.example.com"}]),
        build_change("CREATE", "primary.target.example.com", "A", "127.99.1.3"),
        build_change("CREATE", "standby.target.example.com", "A", "127.99.2.3"),
        build_change("CREATE", "long.example.com", "TXT", *(f'"{number:0200}"' for number in range(10))),
    )
    harness.wait_until_in_sync()
    return harness
