from dataclasses import dataclass, field

import pytest

from sandbox.custom_domain.routing import FailoverRouter
from tests.unit.sandbox_custom_domain.domains import PRIMARY, SECONDARY, build_domain


@dataclass
class RoutingHarness:
    """A health check, a clock, and the routing that follows them."""

    is_healthy: bool = True
    now: float = 1000.0
    requested_check_ids: list[str] = field(default_factory=list)

    def build_router(self, reaction_seconds: float = 0) -> FailoverRouter:
        return FailoverRouter(is_healthy=self._read_health, clock=lambda: self.now, reaction_seconds=reaction_seconds)

    def _read_health(self, check_id: str) -> bool:
        self.requested_check_ids.append(check_id)
        return self.is_healthy


@pytest.fixture
def check() -> RoutingHarness:
    return RoutingHarness()


def test_healthy_check_routes_to_primary_and_unhealthy_to_secondary(check: RoutingHarness) -> None:
    routing = check.build_router()

    seen = []
    for healthy in (True, False, True):
        check.is_healthy = healthy
        seen.append(routing.find_region(build_domain()))
    assert seen == [PRIMARY, SECONDARY, PRIMARY]


def test_domain_without_failover_always_routes_to_primary(check: RoutingHarness) -> None:
    check.is_healthy = False
    routing = check.build_router()
    routing.refresh([build_domain(has_failover=False)])

    assert routing.find_region(build_domain(has_failover=False)) == PRIMARY
    assert check.requested_check_ids == []


def test_reaction_delay_starts_when_change_is_observed(check: RoutingHarness) -> None:
    routing = check.build_router(reaction_seconds=10)
    routing.refresh([build_domain()])
    check.now += 100
    check.is_healthy = False
    routing.refresh([build_domain()])

    check.now += 9.9
    assert routing.find_region(build_domain()) == PRIMARY
    check.now += 0.1
    assert routing.find_region(build_domain()) == SECONDARY


def test_check_recovering_within_delay_does_not_switch(check: RoutingHarness) -> None:
    routing = check.build_router(reaction_seconds=10)
    routing.refresh([build_domain()])
    for healthy in (False, True, False):
        check.is_healthy = healthy
        routing.refresh([build_domain()])
        check.now += 9

    check.is_healthy = True
    check.now += 9
    assert routing.find_region(build_domain()) == PRIMARY


def test_new_domain_follows_its_check_immediately(check: RoutingHarness) -> None:
    check.is_healthy = False

    assert check.build_router(reaction_seconds=10).find_region(build_domain()) == SECONDARY
