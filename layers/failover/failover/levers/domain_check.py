"""The health check by which Cognito's own domain goes to the secondary."""

from failover.errors import LeverRefusedError
from failover.levers.record_checks import other_check
from failover.levers.user_pool_domain import Failover, UserPoolDomain


class DomainCheck:
    """Attaches the domain's latch; an `Attachment`.

    Parameters
    ----------
    domain
        Cognito's own custom domain.
    failover
        What its routing is to be: the standby Region, and the latch's check.

    """

    def __init__(self, *, domain: UserPoolDomain, failover: Failover) -> None:
        self._domain = domain
        self._failover = failover

    def attached(self) -> bool:
        """Tell whether the domain's failover follows the latch's check."""
        return self._domain.failover() == self._failover

    def is_bare(self) -> bool:
        """Tell whether the domain's failover does not follow the latch's check."""
        return not self.attached()

    def refuse_others(self) -> None:
        """Raise LeverRefusedError if the domain's failover follows another check, or leads elsewhere."""
        found = self._domain.failover()
        if found is None or found == self._failover:
            return
        if found.check_id != self._failover.check_id:
            raise LeverRefusedError(
                other_check(f"The failover of {self._domain.name}", found.check_id, self._failover.check_id)
            )
        raise LeverRefusedError(
            f"The failover of {self._domain.name} leads to {found.secondary_region}, not to "
            f"{self._failover.secondary_region}; take it off by hand, and attach."
        )

    def attach(self) -> None:
        """Give the domain its failover."""
        self.refuse_others()
        self._domain.set_failover(self._failover)

    def detach(self) -> None:
        """Take the failover away; another one than the latch's is left where it is."""
        if self.attached():
            self._domain.set_failover(None)

    def under_way(self) -> str:
        """Say why the last change has not arrived."""
        if self._domain.is_settled():
            return ""
        return f"Cognito is still distributing the change of {self._domain.name}, which takes some minutes."
