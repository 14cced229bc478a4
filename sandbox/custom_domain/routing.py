"""The Region that serves a custom domain, from the health check of its failover routing."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sandbox.cognito.domain import CustomDomain


@dataclass(slots=True)
class _CheckState:
    """A health check's status, its last change, and the status that the routing uses."""

    reported_healthy: bool
    changed_at: float
    routed_healthy: bool


class FailoverRouter:
    """Follows health checks. Healthy selects the primary, unhealthy the secondary. The return is automatic.

    Parameters
    ----------
    is_healthy
        Returns whether the health check with an id is healthy now.
    clock
        Returns the time in seconds.
    reaction_seconds
        Time from a check's change until requests go to the other Region, in both directions. The service's time is not
        documented. It may change at any time.

    """

    def __init__(
        self, *, is_healthy: Callable[[str], bool], clock: Callable[[], float], reaction_seconds: float
    ) -> None:
        self.reaction_seconds = reaction_seconds
        self._is_healthy = is_healthy
        self._clock = clock
        self._check_states: dict[str, _CheckState] = {}

    def refresh(self, domains: Iterable[CustomDomain]) -> None:
        """Read the health checks of domains. The interval of the calls limits the precision of a change's time."""
        for check_id in {
            domain.served_settings.failover_routing.health_check_id
            for domain in domains
            if domain.served_settings is not None and domain.served_settings.failover_routing is not None
        }:
            self._refresh_check(check_id)

    def find_region(self, domain: CustomDomain) -> str:
        """Return the Region that serves a domain now."""
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
