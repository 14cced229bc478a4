"""The health check by which Cognito's own domain goes to the secondary."""

from cognito_failover.common.errors import LeverRefusedError
from cognito_failover.routing.latch.attach_to_records import describe_foreign_check
from cognito_failover.routing.latch.cognito_domain import DomainFailover, UserPoolDomain


class CognitoDomainAttachment:
    """Attaches the domain's latch; an `LatchAttachmentPoint`.

    Parameters
    ----------
    domain
        Cognito's own custom domain.
    failover
        What its routing is to be: the standby Region, and the latch's check.

    """

    def __init__(self, *, domain: UserPoolDomain, failover: DomainFailover) -> None:
        self._domain = domain
        self._failover = failover

    def is_attached(self) -> bool:
        """Tell whether the domain's failover follows the latch's check."""
        return self._domain.get_failover() == self._failover

    def is_detached(self) -> bool:
        """Tell whether the domain's failover does not follow the latch's check."""
        return not self.is_attached()

    def reject_foreign_checks(self) -> None:
        """Raise LeverRefusedError if the domain's failover follows another check, or leads elsewhere."""
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
            f"{self._failover.secondary_region}; take it off by hand, and attach."
        )

    def attach(self) -> None:
        """Give the domain its failover."""
        self.reject_foreign_checks()
        self._domain.set_failover(self._failover)

    def detach(self) -> None:
        """Take the failover away; another one than the latch's is left where it is."""
        if self.is_attached():
            self._domain.set_failover(None)

    def describe_pending_change(self) -> str:
        """Say why the last change has not arrived."""
        if self._domain.is_settled():
            return ""
        return f"Cognito is still distributing the change of {self._domain.name}, which takes some minutes."
