"""Which Region a custom domain leads to, by the health check of its failover."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sandbox.cognito.domain import CustomDomain


@dataclass(slots=True)
class _Followed:
    """A health check: what it says since when, and what the routing goes by."""

    says: bool
    since: float
    goes_by: bool


class Routing:
    """Follows health checks: healthy is the primary, unhealthy the secondary, healthy again the primary at once.

    Parameters
    ----------
    healthy
        Whether the health check of an id is healthy now.
    clock
        Returns the time in seconds.
    reaction_seconds
        From a check's change until requests go to the other Region, in both directions; how long the service
        takes is not documented. May be changed at any time.

    """

    def __init__(self, *, healthy: Callable[[str], bool], clock: Callable[[], float], reaction_seconds: float) -> None:
        self.reaction_seconds = reaction_seconds
        self._healthy = healthy
        self._clock = clock
        self._followed: dict[str, _Followed] = {}

    def follow(self, domains: Iterable[CustomDomain]) -> None:
        """Look at the health checks of domains: when one has changed is known as exactly as this is called often."""
        for check_id in {
            domain.served.failover.health_check_id
            for domain in domains
            if domain.served is not None and domain.served.failover is not None
        }:
            self._look(check_id)

    def region(self, domain: CustomDomain) -> str:
        """Return the Region that answers a domain's requests now."""
        failover = domain.served.failover if domain.served is not None else None
        if failover is None or self._look(failover.health_check_id):
            return domain.primary
        return failover.secondary_region

    def _look(self, check_id: str) -> bool:
        now, says = self._clock(), self._healthy(check_id)
        followed = self._followed.setdefault(check_id, _Followed(says=says, since=now, goes_by=says))
        if says is not followed.says:
            followed.says, followed.since = says, now
        if now >= followed.since + self.reaction_seconds:
            followed.goes_by = followed.says
        return followed.goes_by
