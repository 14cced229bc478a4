"""The outside of a measurement: AWS, name servers, Cognito as apps call it, and the clock."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cognito_failover.probe.canary_credentials import Credentials
from cognito_failover.probe.https_client import HttpsClient
from cognito_failover.routing.dns.authoritative_dns import AuthoritativeDns
from failoverctl.measure.deployment import DeploymentInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasurementContext:
    """The measured deployment, and the functions by which a measurement reaches the outside.

    Attributes
    ----------
    deployment
        The measured deployment.
    get_client
        Returns the boto3 client of a service in a Region, with the caller's credentials.
    https
        Makes requests without credentials, as apps do.
    authoritative_dns
        Queries name servers.
    read_credentials
        Returns the canary's credentials.
    invoke_operator
        Sends a request to the operator function.
    now, monotonic, sleep
        Time since the epoch, monotonic clock and wait function, in seconds.
    print_progress
        Shows a progress message to the person.

    """

    deployment: DeploymentInfo
    get_client: Callable[[str, str], Any]
    https: HttpsClient
    authoritative_dns: AuthoritativeDns
    read_credentials: Callable[[], Credentials] = field(repr=False)
    invoke_operator: Callable[[Mapping[str, Any]], Mapping[str, Any]]
    now: Callable[[], float]
    monotonic: Callable[[], float]
    sleep: Callable[[float], None]
    print_progress: Callable[[str], None]

    @property
    def route53(self) -> Any:
        """Route 53's client. Its API is in us-east-1 for every Region."""
        return self.get_client("route53", self.deployment.standby)
