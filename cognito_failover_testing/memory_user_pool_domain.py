"""Cognito's custom domain in memory."""

from cognito_failover.common.errors import LeverUnavailableError
from cognito_failover.routing.latch.cognito_domain import DomainFailover


class MemoryUserPoolDomain:
    """A custom domain in memory; a `UserPoolDomain`."""

    def __init__(self, name: str, failover: DomainFailover | None = None) -> None:
        self.name = name
        self.current_failover = failover
        self.has_settled = True
        self.failure_message = ""

    def get_failover(self) -> DomainFailover | None:
        """Return its failover."""
        self._raise_if_failing()
        return self.current_failover

    def set_failover(self, failover: DomainFailover | None) -> None:
        """Set its failover."""
        self._raise_if_failing()
        self.current_failover = failover

    def is_settled(self) -> bool:
        """Tell whether the last change has been distributed."""
        return self.has_settled

    def _raise_if_failing(self) -> None:
        if self.failure_message:
            raise LeverUnavailableError(self.failure_message)
