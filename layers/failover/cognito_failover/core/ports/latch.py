"""The second lever: a switch in the standby Region that Route 53's health checkers read.

Thrown, it makes the health check of the primary fail. Route 53 then answers with the standby, whatever the weights are,
and Cognito sends its own domain to the secondary: with no call to any control plane.
"""

from typing import Protocol

from cognito_failover.common.latch_name import LatchName
from cognito_failover.common.region import RegionRole
from cognito_failover.core.ports.lever import Confirmation, DnsWatch


class Latch(Protocol):
    """One switch and the health check that reads it. Every call may raise LeverUnavailableError; a retry is safe."""

    @property
    def name(self) -> LatchName:
        """What it moves."""
        ...

    def find_state_record(self) -> DnsWatch | None:
        """Return where its check's state shows in DNS, as Route 53 lists it; None while it isn't attached."""
        ...

    def read_initial_state(self, watch: DnsWatch | None) -> bool:
        """Tell whether it is thrown, with nothing known of it. One that can't be read goes by what its check shows."""
        ...

    def refresh(self, *, thrown: bool) -> bool:
        """Tell whether it is thrown. One that can't be read is set to what it should be, and taken to be so."""
        ...

    def set(self, *, thrown: bool) -> None:
        """Throw or release it. To set it to what it is changes nothing."""
        ...

    def confirm(self, watch: DnsWatch, role: RegionRole) -> Confirmation:
        """Ask from outside whether its check, and so what follows that, has moved to this side."""
        ...


class LatchSwitch(Protocol):
    """Thrown or released. Every call may raise LeverUnavailableError; a retry is safe."""

    def read(self) -> bool | None:
        """Tell whether it is thrown; None for one that can't be read, by nobody."""
        ...

    def refresh(self, *, thrown: bool) -> bool:
        """Tell whether it is thrown. One that can't be read is set to what it should be, and taken to be so."""
        ...

    def set(self, *, thrown: bool) -> None:
        """Throw or release it. To set it to what it is changes nothing."""
        ...


class LatchAttachmentPoint(Protocol):
    """The domain's records, or Cognito's own domain.

    Every call may raise LeverUnavailableError, after which a retry is safe, or LeverRefusedError, where what was found
    is not to be touched. None of them moves anybody while the check is healthy.
    """

    def is_attached(self) -> bool:
        """Tell whether the check is attached."""
        ...

    def is_detached(self) -> bool:
        """Tell whether nothing of it carries the check."""
        ...

    def reject_foreign_checks(self) -> None:
        """Raise LeverRefusedError where another check is attached, with the way out."""
        ...

    def attach(self) -> None:
        """Attach the check, and change nothing else."""
        ...

    def detach(self) -> None:
        """Take the check away, and change nothing else."""
        ...

    def describe_pending_change(self) -> str:
        """Say why the last change has not arrived everywhere; empty once it has."""
        ...
