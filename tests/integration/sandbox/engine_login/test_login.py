"""Managed login through the one domain of both Regions, which follows a health check of Route 53."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from sandbox.article import Plan, SetUp, set_up
from sandbox.article_login import Login
from sandbox.attached import Sandbox
from tests.integration.sandbox.engine_login.visitor import Visitor

POLL_SECONDS = 0.05


@dataclass
class Place:
    """A sandbox with the article's set-up and managed login, whose failover goes by a check that is switched."""

    sandbox: Sandbox
    done: SetUp
    login: Login
    password: str
    check_id: str

    def switch(self, *, healthy: bool) -> None:
        route53 = self.sandbox.client("route53", self.sandbox.description["standby"])
        route53.update_health_check(HealthCheckId=self.check_id, Inverted=not healthy)

    def visitor(self) -> Visitor:
        return Visitor(self.sandbox, self.login)

    def status(self) -> int:
        return self.visitor().request("GET", "/login")[0]

    def status_at_once(self) -> int:
        """Return what is answered for an origin that says nothing, without waiting as long as CloudFront does."""
        before = self.sandbox.control("GET", "/settings")
        self.sandbox.control("PUT", "/settings", {"origin_seconds": 0.05})
        try:
            return self.status()
        finally:
            self.sandbox.control("PUT", "/settings", before)

    def sign_in(self) -> dict[str, Any]:
        return self.visitor().sign_in(self.done.person.name, self.password)

    def code(self, visitor: Visitor) -> str:
        return visitor.code(self.done.person.name, self.password)


@pytest.fixture(scope="module")
def place(sandbox: Sandbox) -> Place:
    quick = ("creating", "distributing", "health_propagation", "propagation", "routing")
    sandbox.control("PUT", "/settings", dict.fromkeys((f"{what}_seconds" for what in quick), 0))
    primary, standby = sandbox.description["primary"], sandbox.description["standby"]
    plan = Plan(
        primary=primary,
        standby=standby,
        addresses={region: sandbox.network.target(region) for region in (primary, standby)},
        login_domain="login.example.com",
    )
    done = set_up(sandbox.client, plan, lambda _seconds: time.sleep(POLL_SECONDS))
    assert done.login is not None
    created = sandbox.client("route53", standby).create_health_check(
        CallerReference="switched",
        HealthCheckConfig={"Type": "CALCULATED", "ChildHealthChecks": [], "HealthThreshold": 0},
    )
    check_id = created["HealthCheck"]["Id"]
    cognito = sandbox.client("cognito-idp", primary)
    described = cognito.describe_user_pool_domain(Domain=done.login.domain)["DomainDescription"]
    cognito.update_user_pool_domain(
        Domain=done.login.domain,
        UserPoolId=done.pool_id,
        CustomDomainConfig=described["CustomDomainConfig"],
        Routing={"Failover": {"SecondaryRegion": standby, "PrimaryRoute53HealthCheckId": check_id}},
    )
    secrets = sandbox.client("secretsmanager", standby)
    secret = json.loads(secrets.get_secret_value(SecretId=done.person.secret_arn)["SecretString"])
    return Place(sandbox=sandbox, done=done, login=done.login, password=secret["password"], check_id=check_id)


@pytest.fixture
def on_the_primary(place: Place) -> Iterator[Place]:
    yield place
    place.switch(healthy=True)


def test_the_domain_leads_to_an_address_in_no_region(place: Place) -> None:
    network = place.sandbox.network

    assert place.visitor().address() == network.distribution
    assert network.region_of(network.distribution) is None


def test_a_user_signs_in_before_during_and_after_a_failover(on_the_primary: Place) -> None:
    place, primary = on_the_primary, on_the_primary.sandbox.description["primary"]
    assert "access_token" in place.sign_in()

    with place.sandbox.fault(effect="dead", region=primary):
        assert place.status_at_once() == 504
        place.switch(healthy=False)
        assert "access_token" in place.sign_in()
        place.switch(healthy=True)
        assert place.status_at_once() == 504

    assert "access_token" in place.sign_in()


def test_healthy_again_is_the_primary_again_whatever_becomes_of_the_secondary(on_the_primary: Place) -> None:
    place, standby = on_the_primary, on_the_primary.sandbox.description["standby"]
    place.switch(healthy=False)
    place.switch(healthy=True)

    with place.sandbox.fault(effect="dead", region=standby):
        assert "access_token" in place.sign_in()


def test_a_code_caught_between_the_regions_is_no_grant(on_the_primary: Place) -> None:
    visitor = on_the_primary.visitor()
    code = on_the_primary.code(visitor)

    on_the_primary.switch(healthy=False)
    assert visitor.exchange(code) == {"error": "invalid_grant"}
    assert "access_token" in visitor.exchange(on_the_primary.code(visitor))


@pytest.mark.parametrize(
    "fault",
    [{"effect": "cut-off"}, {"effect": "hang", "service": "login"}, {"effect": "hang", "service": "cognito-idp"}],
)
def test_a_region_that_says_nothing_times_out(place: Place, fault: dict[str, str]) -> None:
    with place.sandbox.fault(region=place.sandbox.description["primary"], **fault):
        assert place.status_at_once() == 504


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ({"effect": "refuse"}, 502),
        ({"effect": "reset", "service": "login"}, 502),
        ({"effect": "throttle", "service": "login"}, 429),
        ({"effect": "error", "service": "cognito-idp", "code": "InternalErrorException"}, 500),
    ],
)
def test_what_is_wrong_in_a_region_is_seen_through_the_domain(place: Place, fault: dict[str, str], status: int) -> None:
    with place.sandbox.fault(region=place.sandbox.description["primary"], **fault):
        assert place.status() == status


def test_a_region_that_only_fails_to_sign_in_still_shows_its_form(on_the_primary: Place) -> None:
    primary = on_the_primary.sandbox.description["primary"]
    fault = {"effect": "error", "operation": "InitiateAuth", "code": "InternalErrorException", "region": primary}

    with on_the_primary.sandbox.fault(**fault), pytest.raises(AssertionError, match="An error was encountered"):
        on_the_primary.sign_in()
