"""Protocols of a latch.

A latch is a switch in the standby Region that Route 53's health checkers read. When it is thrown, the primary's health
check fails. Route 53 then answers with the standby at any weights, and Cognito sends its own domain to the standby. No
control plane is called for it.
"""

from typing import Protocol

from cognito_failover.common.region import RegionRole
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.model.records import Confirmation, DnsWatch


class Latch(Protocol):
    """A switch and its health check. Every call may raise LeverUnavailableError and can be retried."""

    @property
    def name(self) -> SteeredName:
        """The latch's name: what it moves."""
        ...

    def find_state_record(self) -> DnsWatch | None:
        """Return the state TXT record as Route 53 lists it, or None without it."""
        ...

    def read_initial_state(self, watch: DnsWatch | None) -> bool:
        """Return whether the latch is thrown, without a saved state. A write-only latch uses its state record."""
        ...

    def refresh(self, *, thrown: bool) -> bool:
        """Return whether the latch is thrown. A write-only latch is set to ``thrown`` again, and returns it."""
        ...

    def read_revision(self) -> str:
        """Return the revision of the switch, which every write changes. Empty if it is write-only or was never set."""
        ...

    def set(self, *, thrown: bool, revision: str | None, version: int) -> None:
        """Throw or release the latch; see `LatchSwitch.set`."""
        ...

    def confirm(self, watch: DnsWatch, role: RegionRole) -> Confirmation:
        """Query DNS for whether the health check, and so the traffic, has moved to this Region."""
        ...


class LatchSwitch(Protocol):
    """What the health checkers read. Every call may raise LeverUnavailableError and can be retried."""

    def read(self) -> bool | None:
        """Return whether the switch is thrown, or None if it is write-only."""
        ...

    def refresh(self, *, thrown: bool) -> bool:
        """Return whether the switch is thrown. A write-only switch is set to ``thrown`` again, and returns it."""
        ...

    def read_revision(self) -> str:
        """Return the revision of the switch, which every write changes. Empty if it is write-only or was never set."""
        ...

    def set(self, *, thrown: bool, revision: str | None, version: int) -> None:
        """Throw or release the switch, unless another writer has changed it since. A retry reads the revision again.

        Parameters
        ----------
        thrown
            The new state.
        revision
            The revision that this write replaces; None for any. Read it before the last save of the state: a process
            that was suspended after that save then fails. A write-only switch ignores it.
        version
            The version of the saved state that asks for the change, which makes each write a new revision.

        """
        ...


class LatchAttachmentPoint(Protocol):
    """What a latch's health check is attached to: the domain's records, or Cognito's own domain.

    Every call may raise LeverUnavailableError and can be retried, or LeverRefusedError if it finds what must not be
    changed. No call moves users while the check is healthy.
    """

    def is_attached(self) -> bool:
        """Return whether the check is attached."""
        ...

    def is_detached(self) -> bool:
        """Return whether the check is attached nowhere, not even in part."""
        ...

    def reject_foreign_checks(self) -> None:
        """Raise LeverRefusedError with the way out if another check is attached."""
        ...

    def attach(self) -> None:
        """Attach the check, and change nothing else."""
        ...

    def detach(self) -> None:
        """Detach the check, and change nothing else."""
        ...

    def describe_pending_change(self) -> str:
        """Return why the last change is not in effect everywhere, or an empty string once it is."""
        ...
