"""In-memory twin of Cognito's custom domain."""

from cognito_failover.common.errors import LeverUnavailableError
from cognito_failover.routing.latch.cognito_domain import DomainFailover


class MemoryUserPoolDomain:
    """A `UserPoolDomain` in memory."""

    def __init__(self, name: str, failover: DomainFailover | None = None) -> None:
        self.name = name
        self.current_failover = failover
        self.has_settled = True
        self.failure_message = ""

    def get_failover(self) -> DomainFailover | None:
        """Return the domain's failover, or None."""
        self._raise_if_failing()
        return self.current_failover

    def set_failover(self, failover: DomainFailover | None) -> None:
        """Set or remove the domain's failover."""
        self._raise_if_failing()
        self.current_failover = failover

    def is_settled(self) -> bool:
        """Return whether the last change is distributed."""
        return self.has_settled

    def _raise_if_failing(self) -> None:
        if self.failure_message:
            raise LeverUnavailableError(self.failure_message)
