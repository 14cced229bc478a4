"""What a measurement reaches out to: AWS, name servers, Cognito as users call it, and the clock."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from failover.levers.authority import Authority
from failover.probe.canary import Credentials
from failover.probe.https import Https
from failoverctl.measure.subject import Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
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

    subject: Subject
    client: Callable[[str, str], Any]
    https: Https
    authority: Authority
    credentials: Callable[[], Credentials] = field(repr=False)
    ask_operator: Callable[[Mapping[str, Any]], Mapping[str, Any]]
    now: Callable[[], float]
    monotonic: Callable[[], float]
    sleep: Callable[[float], None]
    note: Callable[[str], None]

    @property
    def route53(self) -> Any:
        """Route 53, whose API is in us-east-1 whatever the Region."""
        return self.client("route53", self.subject.standby)
