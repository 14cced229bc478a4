"""Attachment of a latch's health check to Cognito's own domain."""

from collections.abc import Callable

from cognito_failover.common.errors import LeverRefusedError
from cognito_failover.routing.latch.attach_to_records import describe_foreign_check
from cognito_failover.routing.latch.cognito_domain import DomainFailover, UserPoolDomain


class CognitoDomainAttachment:
    """Attaches the domain's latch; a `LatchAttachmentPoint`.

    Parameters
    ----------
    domain
        Cognito's own custom domain.
    failover
        The failover to set: the standby Region and the latch's check.
    require_lease
        Raises LeverUnavailableError if the lease is over. Called directly before each change.

    """

    def __init__(self, *, domain: UserPoolDomain, failover: DomainFailover, require_lease: Callable[[], None]) -> None:
        self._domain = domain
        self._failover = failover
        self._require_lease = require_lease

    def is_attached(self) -> bool:
        """Return whether the domain's failover follows the latch's check."""
        return self._domain.get_failover() == self._failover

    def is_detached(self) -> bool:
        """Return whether the domain's failover does not follow the latch's check."""
        return not self.is_attached()

    def reject_foreign_checks(self) -> None:
        """Raise LeverRefusedError if the domain's failover follows another check, or leads to another Region."""
        current = self._domain.get_failover()
        if current is None or current == self._failover:
            return
        if current.check_id != self._failover.check_id:
            raise LeverRefusedError(
                describe_foreign_check(
                    f"The failover of {self._domain.name}", current.check_id, self._failover.check_id
                )
            )
        raise LeverRefusedError(
            f"The failover of {self._domain.name} leads to {current.secondary_region}, not to "
            f"{self._failover.secondary_region}. Remove it by hand, then attach again."
        )

    def attach(self) -> None:
        """Set the domain's failover."""
        self.reject_foreign_checks()
        self._require_lease()
        self._domain.set_failover(self._failover)

    def detach(self) -> None:
        """Remove the latch's failover. Another failover stays."""
        if self.is_attached():
            self._require_lease()
            self._domain.set_failover(None)

    def describe_pending_change(self) -> str:
        """Return why the last change is not in effect, or an empty string once it is."""
        if self._domain.is_settled():
            return ""
        return f"Cognito is still distributing the change of {self._domain.name}, which takes some minutes."
