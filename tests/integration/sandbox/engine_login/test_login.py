"""Managed login through the one domain of both Regions, which follows a health check of Route 53."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from sandbox.client import SandboxClient
from sandbox.reference_setup.managed_login import ManagedLoginSetup
from sandbox.reference_setup.setup import SetupPlan, SetupResult, set_up
from tests.integration.sandbox.engine_login.visitor import ManagedLoginVisitor

POLL_SECONDS = 0.05


@dataclass
class LoginHarness:
    """A sandbox with the reference setup and managed login, whose failover follows a check that the test switches."""

    sandbox: SandboxClient
    setup: SetupResult
    login: ManagedLoginSetup
    password: str
    check_id: str

    def set_check_status(self, *, healthy: bool) -> None:
        route53 = self.sandbox.client("route53", self.sandbox.description["standby"])
        route53.update_health_check(HealthCheckId=self.check_id, Inverted=not healthy)

    def new_visitor(self) -> ManagedLoginVisitor:
        return ManagedLoginVisitor(self.sandbox, self.login)

    def read_status(self) -> int:
        return self.new_visitor().request("GET", "/login")[0]

    def read_status_with_short_timeout(self) -> int:
        """Return the answer for an origin that does not answer, with a shorter timeout than CloudFront's."""
        before = self.sandbox.call_control("GET", "/settings")
        self.sandbox.call_control("PUT", "/settings", {"origin_seconds": 0.05})
        try:
            return self.read_status()
        finally:
            self.sandbox.call_control("PUT", "/settings", before)

    def sign_in(self) -> dict[str, Any]:
        return self.new_visitor().sign_in(self.setup.test_user.name, self.password)

    def request_code(self, visitor: ManagedLoginVisitor) -> str:
        return visitor.request_code(self.setup.test_user.name, self.password)


@pytest.fixture(scope="module")
def place(sandbox: SandboxClient) -> LoginHarness:
    quick = ("creating", "distributing", "health_propagation", "propagation", "routing")
    sandbox.call_control("PUT", "/settings", dict.fromkeys((f"{what}_seconds" for what in quick), 0))
    primary, standby = sandbox.description["primary"], sandbox.description["standby"]
    plan = SetupPlan(
        primary=primary,
        standby=standby,
        addresses={region: sandbox.network.get_target_address(region) for region in (primary, standby)},
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
    secret = json.loads(secrets.get_secret_value(SecretId=done.test_user.secret_arn)["SecretString"])
    return LoginHarness(sandbox=sandbox, setup=done, login=done.login, password=secret["password"], check_id=check_id)


@pytest.fixture
def on_the_primary(place: LoginHarness) -> Iterator[LoginHarness]:
    yield place
    place.set_check_status(healthy=True)


def test_domain_resolves_to_address_outside_all_regions(place: LoginHarness) -> None:
    network = place.sandbox.network

    assert place.new_visitor().resolve_address() == network.distribution
    assert network.find_region(network.distribution) is None


def test_user_signs_in_before_during_and_after_a_failover(on_the_primary: LoginHarness) -> None:
    place, primary = on_the_primary, on_the_primary.sandbox.description["primary"]
    assert "access_token" in place.sign_in()

    with place.sandbox.inject_fault(effect="dead", region=primary):
        assert place.read_status_with_short_timeout() == 504
        place.set_check_status(healthy=False)
        assert "access_token" in place.sign_in()
        place.set_check_status(healthy=True)
        assert place.read_status_with_short_timeout() == 504

    assert "access_token" in place.sign_in()


def test_recovered_check_routes_to_primary_even_if_secondary_is_dead(on_the_primary: LoginHarness) -> None:
    place, standby = on_the_primary, on_the_primary.sandbox.description["standby"]
    place.set_check_status(healthy=False)
    place.set_check_status(healthy=True)

    with place.sandbox.inject_fault(effect="dead", region=standby):
        assert "access_token" in place.sign_in()


def test_code_from_other_region_is_invalid_grant(on_the_primary: LoginHarness) -> None:
    visitor = on_the_primary.new_visitor()
    code = on_the_primary.request_code(visitor)

    on_the_primary.set_check_status(healthy=False)
    assert visitor.exchange(code) == {"error": "invalid_grant"}
    assert "access_token" in visitor.exchange(on_the_primary.request_code(visitor))


@pytest.mark.parametrize(
    "fault",
    [{"effect": "cut-off"}, {"effect": "hang", "service": "login"}, {"effect": "hang", "service": "cognito-idp"}],
)
def test_silent_region_returns_gateway_timeout(place: LoginHarness, fault: dict[str, str]) -> None:
    with place.sandbox.inject_fault(region=place.sandbox.description["primary"], **fault):
        assert place.read_status_with_short_timeout() == 504


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ({"effect": "refuse"}, 502),
        ({"effect": "reset", "service": "login"}, 502),
        ({"effect": "throttle", "service": "login"}, 429),
        ({"effect": "error", "service": "cognito-idp", "code": "InternalErrorException"}, 500),
    ],
)
def test_region_error_is_visible_through_domain(place: LoginHarness, fault: dict[str, str], status: int) -> None:
    with place.sandbox.inject_fault(region=place.sandbox.description["primary"], **fault):
        assert place.read_status() == status


def test_region_with_failing_sign_in_shows_its_form(on_the_primary: LoginHarness) -> None:
    primary = on_the_primary.sandbox.description["primary"]
    fault = {"effect": "error", "operation": "InitiateAuth", "code": "InternalErrorException", "region": primary}

    with on_the_primary.sandbox.inject_fault(**fault), pytest.raises(AssertionError, match="An error was encountered"):
        on_the_primary.sign_in()
