"""A request through Cognito's own domain: what counts as served."""

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
    """Gets one answer, or none, from everywhere."""

    def __init__(self, answer: int | FailureKind) -> None:
        super().__init__(Timeouts(connect_seconds=1, read_seconds=1))
        self._answer = answer
        self.endpoints: list[HttpsEndpoint] = []

    def get(self, endpoint: HttpsEndpoint, path: str = "/") -> HttpResponse:  # noqa: ARG002 - the root is all that is asked for
        self.endpoints.append(endpoint)
        if isinstance(self._answer, FailureKind):
            raise NoResponseError(self._answer, endpoint.host)
        return HttpResponse(status=self._answer, headers={}, body=b"")


@pytest.mark.parametrize("status", [200, 302, 404])
def test_any_non_server_error_is_served(status: int) -> None:
    passage = check_domain(StubLoginClient(status), DOMAIN)
    assert passage.succeeded
    assert passage.message == f"A request through login.example.com was answered {status}."


@pytest.mark.parametrize("status", [500, 503])
def test_server_error_is_not_served(status: int) -> None:
    assert not check_domain(StubLoginClient(status), DOMAIN).succeeded


@pytest.mark.parametrize("silence", [FailureKind.TLS, FailureKind.CONNECT_TIMEOUT, FailureKind.READ_TIMEOUT])
def test_silence_or_foreign_certificate_is_not_served(silence: FailureKind) -> None:
    passage = check_domain(StubLoginClient(silence), DOMAIN)
    assert not passage.succeeded
    assert "login.example.com gave no HTTP answer" in passage.message


def test_domain_is_requested_by_its_name() -> None:
    https = StubLoginClient(200)
    check_domain(https, DOMAIN)
    assert https.endpoints == [HttpsEndpoint(host=DOMAIN, server_name=DOMAIN)]


def test_request_ends_before_round() -> None:
    given = build_domain_checker(DOMAIN).args[0]
    assert isinstance(given, HttpsClient)
    assert given.timeouts == Timeouts(connect_seconds=CONNECT_TIMEOUT_SECONDS, read_seconds=READ_TIMEOUT_SECONDS)
    # Connecting takes as long twice at the most: TCP, then TLS.
    assert 2 * CONNECT_TIMEOUT_SECONDS + READ_TIMEOUT_SECONDS <= 3
