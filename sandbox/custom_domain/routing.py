"""Which Region a custom domain leads to, by the health check of its failover."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sandbox.cognito.domain import CustomDomain


@dataclass(slots=True)
class _CheckState:
    """A health check: what it says since when, and what the routing goes by."""

    reported_healthy: bool
    changed_at: float
    routed_healthy: bool


class FailoverRouter:
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

    def __init__(
        self, *, is_healthy: Callable[[str], bool], clock: Callable[[], float], reaction_seconds: float
    ) -> None:
        self.reaction_seconds = reaction_seconds
        self._is_healthy = is_healthy
        self._clock = clock
        self._check_states: dict[str, _CheckState] = {}

    def refresh(self, domains: Iterable[CustomDomain]) -> None:
        """Look at the health checks of domains: when one has changed is known as exactly as this is called often."""
        for check_id in {
            domain.served_settings.failover_routing.health_check_id
            for domain in domains
            if domain.served_settings is not None and domain.served_settings.failover_routing is not None
        }:
            self._refresh_check(check_id)

    def find_region(self, domain: CustomDomain) -> str:
        """Return the Region that answers a domain's requests now."""
        failover = domain.served_settings.failover_routing if domain.served_settings is not None else None
        if failover is None or self._refresh_check(failover.health_check_id):
            return domain.primary
        return failover.secondary_region

    def _refresh_check(self, check_id: str) -> bool:
        now, says = self._clock(), self._is_healthy(check_id)
        followed = self._check_states.setdefault(
            check_id, _CheckState(reported_healthy=says, changed_at=now, routed_healthy=says)
        )
        if says is not followed.reported_healthy:
            followed.reported_healthy, followed.changed_at = says, now
        if now >= followed.changed_at + self.reaction_seconds:
            followed.routed_healthy = followed.reported_healthy
        return followed.routed_healthy
