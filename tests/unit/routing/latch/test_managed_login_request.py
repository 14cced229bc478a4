"""A request through Cognito's own domain: which answers count as served."""

import pytest

from cognito_failover.core.probe_result import FailureKind
from cognito_failover.probe.https_client import HttpResponse, HttpsClient, HttpsEndpoint, NoResponseError, Timeouts
from cognito_failover.routing.latch.managed_login_request import (
    CONNECT_TIMEOUT_SECONDS,
    READ_TIMEOUT_SECONDS,
    build_domain_checker,
    check_domain,
)

DOMAIN = "login.example.com"


class StubLoginClient(HttpsClient):
    """Returns one status for every request, or raises one failure."""

    def __init__(self, answer: int | FailureKind) -> None:
        super().__init__(Timeouts(connect_seconds=1, read_seconds=1))
        self._answer = answer
        self.endpoints: list[HttpsEndpoint] = []

    def get(self, endpoint: HttpsEndpoint, path: str = "/") -> HttpResponse:  # noqa: ARG002 - only the root is requested
        self.endpoints.append(endpoint)
        if isinstance(self._answer, FailureKind):
            raise NoResponseError(self._answer, endpoint.host)
        return HttpResponse(status=self._answer, headers={}, body=b"")


@pytest.mark.parametrize("status", [200, 302, 404])
def test_any_non_server_error_is_served(status: int) -> None:
    outcome = check_domain(StubLoginClient(status), DOMAIN)
    assert outcome.succeeded
    assert outcome.message == f"A request through login.example.com was answered {status}."


@pytest.mark.parametrize("status", [500, 503])
def test_server_error_is_not_served(status: int) -> None:
    assert not check_domain(StubLoginClient(status), DOMAIN).succeeded


@pytest.mark.parametrize("failure", [FailureKind.TLS, FailureKind.CONNECT_TIMEOUT, FailureKind.READ_TIMEOUT])
def test_timeout_or_tls_failure_is_not_served(failure: FailureKind) -> None:
    outcome = check_domain(StubLoginClient(failure), DOMAIN)
    assert not outcome.succeeded
    assert "login.example.com sent no HTTP response" in outcome.message


def test_domain_is_requested_by_its_name() -> None:
    https = StubLoginClient(200)
    check_domain(https, DOMAIN)
    assert https.endpoints == [HttpsEndpoint(host=DOMAIN, server_name=DOMAIN)]


def test_request_ends_within_three_seconds() -> None:
    https = build_domain_checker(DOMAIN).args[0]
    assert isinstance(https, HttpsClient)
    assert https.timeouts == Timeouts(connect_seconds=CONNECT_TIMEOUT_SECONDS, read_seconds=READ_TIMEOUT_SECONDS)
    # The connect timeout applies twice: to TCP, then to TLS.
    assert 2 * CONNECT_TIMEOUT_SECONDS + READ_TIMEOUT_SECONDS <= 3
