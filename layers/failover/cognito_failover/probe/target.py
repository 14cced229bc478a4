"""The user's own way into one Region: its target, asked by its own name for the domain."""

from dataclasses import dataclass

from cognito_failover.core.probe_result import ErrorResponse, HttpOk, NoResponse, ProbeResult
from cognito_failover.probe.https_client import HttpsEndpoint, NoResponseError
from cognito_failover.probe.login import LoginClient

_OK = 200
_CLIENT_ERROR = 400


def build_target_endpoint(target: str, domain_name: str) -> HttpsEndpoint:
    """Where to connect for a record's target, a host name or addresses, and whom to ask for there."""
    first, *others = (each.strip().rstrip(".") for each in target.split(","))
    return HttpsEndpoint(host=first, additional_hosts=tuple(others), server_name=domain_name.rstrip("."))


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One Region's target.

    Attributes
    ----------
    endpoint
        Connected to by its own name; SNI, Host and certificate are the domain's.
    path
        What to ask for; empty if the target passes Cognito's API, so that a login goes through it.

    """

    endpoint: HttpsEndpoint
    path: str = ""

    def request_path(self, login: LoginClient) -> ProbeResult:
        """Ask for the path: 2xx and 3xx are fine."""
        started_at = login.monotonic()
        try:
            response = login.https.get(self.endpoint, self.path)
        except NoResponseError as error:
            return NoResponse(kind=error.kind)
        latency_seconds = login.monotonic() - started_at
        if _OK <= response.status < _CLIENT_ERROR:
            return HttpOk(http_status=response.status, latency_seconds=latency_seconds)
        return ErrorResponse(
            code=f"HTTP {response.status}", http_status=response.status, message="", latency_seconds=latency_seconds
        )
