"""A request through Cognito's own domain, like a browser's first one. It shows no Region, only that it is served."""

from functools import partial

from cognito_failover.probe.https_client import HttpsClient, HttpsEndpoint, NoResponseError, Timeouts
from cognito_failover.routing.latch.health_check_latch import RequestOutcome

CONNECT_TIMEOUT_SECONDS = 0.7
READ_TIMEOUT_SECONDS = 1.3

_SERVER_ERROR = 500


def check_domain(https: HttpsClient, domain_name: str) -> RequestOutcome:
    """Request the domain's root. It is served if the status is below 500 and the certificate is valid."""
    try:
        response = https.get(HttpsEndpoint(host=domain_name, server_name=domain_name))
    except NoResponseError as error:
        return RequestOutcome(succeeded=False, message=str(error))
    return RequestOutcome(
        succeeded=response.status < _SERVER_ERROR,
        message=f"A request through {domain_name} was answered {response.status}.",
    )


def build_domain_checker(domain_name: str) -> "partial[RequestOutcome]":
    """Return a function that checks the domain, with timeouts short enough for a round."""
    timeouts = Timeouts(connect_seconds=CONNECT_TIMEOUT_SECONDS, read_seconds=READ_TIMEOUT_SECONDS)
    return partial(check_domain, HttpsClient(timeouts), domain_name)
