"""What a measurement reaches out to: AWS, name servers, Cognito as users call it, and the clock."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cognito_failover.probe.canary_credentials import Credentials
from cognito_failover.probe.https_client import HttpsClient
from cognito_failover.routing.dns.authoritative_dns import AuthoritativeDns
from failoverctl.measure.deployment import DeploymentInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasurementContext:
    """Where measurements are made.

    Attributes
    ----------
    subject
        What is deployed.
    client
        Returns the boto3 client of a service in a Region, with the caller's credentials.
    https
        Makes requests as users' apps do, without credentials.
    authority
        Asks name servers.
    credentials
        Reads who the canary is.
    ask_operator
        Asks the operator function something.
    now, monotonic, sleep
        The time since the epoch, a clock that only goes forward, and a way to let it pass; in seconds.
    note
        Tells the person what goes on, a sentence each.

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
        """Route 53, whose API is in us-east-1 whatever the Region."""
        return self.get_client("route53", self.deployment.standby)
