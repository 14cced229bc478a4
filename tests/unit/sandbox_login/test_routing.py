from dataclasses import dataclass, field

import pytest

from sandbox.login.routing import Routing
from tests.unit.sandbox_login.domains import PRIMARY, SECONDARY, domain


@dataclass
class Check:
    """A health check, a clock, and the routing that goes by them."""

    healthy: bool = True
    now: float = 1000.0
    asked: list[str] = field(default_factory=list)

    def routing(self, reaction_seconds: float = 0) -> Routing:
        return Routing(healthy=self._look, clock=lambda: self.now, reaction_seconds=reaction_seconds)

    def _look(self, check_id: str) -> bool:
        self.asked.append(check_id)
        return self.healthy


@pytest.fixture
def check() -> Check:
    return Check()


def test_a_healthy_check_leads_to_the_primary_and_an_unhealthy_one_to_the_secondary(check: Check) -> None:
    routing = check.routing()

    seen = []
    for healthy in (True, False, True):
        check.healthy = healthy
        seen.append(routing.region(domain()))
    assert seen == [PRIMARY, SECONDARY, PRIMARY]


def test_a_domain_without_failover_is_always_the_primarys(check: Check) -> None:
    check.healthy = False
    routing = check.routing()
    routing.follow([domain(routed=False)])

    assert routing.region(domain(routed=False)) == PRIMARY
    assert check.asked == []


def test_the_reaction_takes_its_time_from_when_the_change_was_seen(check: Check) -> None:
    routing = check.routing(reaction_seconds=10)
    routing.follow([domain()])
    check.now += 100
    check.healthy = False
    routing.follow([domain()])

    check.now += 9.9
    assert routing.region(domain()) == PRIMARY
    check.now += 0.1
    assert routing.region(domain()) == SECONDARY


def test_a_check_that_changes_its_mind_in_time_moves_nothing(check: Check) -> None:
    routing = check.routing(reaction_seconds=10)
    routing.follow([domain()])
    for healthy in (False, True, False):
        check.healthy = healthy
        routing.follow([domain()])
        check.now += 9

    check.healthy = True
    check.now += 9
    assert routing.region(domain()) == PRIMARY


def test_a_new_domain_goes_by_what_its_check_says_at_once(check: Check) -> None:
    check.healthy = False

    assert check.routing(reaction_seconds=10).region(domain()) == SECONDARY
