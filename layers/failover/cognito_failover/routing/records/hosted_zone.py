"""What the weighted records need of a hosted zone, whoever answers for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from cognito_failover.common.errors import FailoverError
from cognito_failover.core.model.records import RecordSet


class ChangeRejectedError(FailoverError):
    """Route 53 refused a batch as a whole (InvalidChangeBatch, InvalidInput); the message is what it said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneInfo:
    """What never changes about a hosted zone.

    Attributes
    ----------
    name
        The domain the zone holds, absolute.
    private
        Whether only VPCs can see it.
    name_servers
        The host names of its authoritative name servers.
    accelerated_recovery
        Whether changes come back sooner when the control plane is down, in Route 53's words; empty where it says none.

    """

    name: str
    is_private: bool
    name_servers: tuple[str, ...]
    accelerated_recovery: str = ""


class RecordAction(StrEnum):
    """What a change does to a record set."""

    DELETE = "DELETE"
    CREATE = "CREATE"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordChange:
    """One line of a batch."""

    action: RecordAction
    record_set: RecordSet


class DnsZone(Protocol):
    """A hosted zone.

    Every call is bounded in time and may raise LeverUnavailableError, after which a retry is safe (also where a
    permission is missing, which may come back), or LeverRefusedError, where the zone itself is missing.
    """

    def get_info(self) -> ZoneInfo:
        """Return what never changes about the zone; asked of Route 53 once, then remembered."""
        ...

    def list_record_sets(self, names: Sequence[str]) -> tuple[RecordSet, ...]:
        """Return every record set at these names, given as absolute names in Route 53's order."""
        ...

    def submit(self, changes: Sequence[RecordChange], *, comment: str) -> str:
        """Make all the changes or none, and return the change's id.

        Raises ChangeRejectedError if one of them can't be made.
        """
        ...

    def is_in_sync(self, change_id: str) -> bool:
        """Tell whether all name servers have the change. Raises UnknownChangeError for an id of nobody's."""
        ...

    def refresh(self) -> None:
        """Renew what a later call needs from anything but Route 53, while it can still be had."""
        ...
