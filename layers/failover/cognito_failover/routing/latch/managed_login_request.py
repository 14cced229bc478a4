"""A request through Cognito's own domain, as a browser's first one: it shows no Region, only that somebody answers."""

from functools import partial

from cognito_failover.probe.https_client import HttpsClient, HttpsEndpoint, NoResponseError, Timeouts
from cognito_failover.routing.latch.health_check_latch import RequestOutcome

CONNECT_TIMEOUT_SECONDS = 0.7
READ_TIMEOUT_SECONDS = 1.3

_SERVER_ERROR = 500


def check_domain(https: HttpsClient, domain_name: str) -> RequestOutcome:
    """Ask for the domain's root; any answer below 500, over a valid certificate, is one."""
    try:
        response = https.get(HttpsEndpoint(host=domain_name, server_name=domain_name))
    except NoResponseError as error:
        return RequestOutcome(succeeded=False, message=str(error))
    return RequestOutcome(
        succeeded=response.status < _SERVER_ERROR,
        message=f"A request through {domain_name} was answered {response.status}.",
    )


def build_domain_checker(domain_name: str) -> "partial[RequestOutcome]":
    """Return what makes such a request with timeouts short enough for a round."""
    timeouts = Timeouts(connect_seconds=CONNECT_TIMEOUT_SECONDS, read_seconds=READ_TIMEOUT_SECONDS)
    return partial(check_domain, HttpsClient(timeouts), domain_name)
