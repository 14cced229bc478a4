"""The user's own way into one Region: its target, asked by its own name for the domain."""

from dataclasses import dataclass

from failover.probe.answer import Answer, Reached, Refused, Silent
from failover.probe.https import Endpoint, SilenceError
from failover.probe.login import Login

_OK = 200
_CLIENT_ERROR = 400


def target_endpoint(target: str, domain_name: str) -> Endpoint:
    """Where to connect for a record's target, a host name or addresses, and whom to ask for there."""
    first, *others = (each.strip().rstrip(".") for each in target.split(","))
    return Endpoint(host=first, further_hosts=tuple(others), server_name=domain_name.rstrip("."))


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

    endpoint: Endpoint
    path: str = ""

    def ask(self, login: Login) -> Answer:
        """Ask for the path: 2xx and 3xx are fine."""
        began = login.monotonic()
        try:
            reply = login.https.get(self.endpoint, self.path)
        except SilenceError as error:
            return Silent(kind=error.kind)
        latency_seconds = login.monotonic() - began
        if _OK <= reply.status < _CLIENT_ERROR:
            return Reached(http_status=reply.status, latency_seconds=latency_seconds)
        return Refused(
            code=f"HTTP {reply.status}", http_status=reply.status, message="", latency_seconds=latency_seconds
        )
