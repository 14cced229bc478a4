"""Interface of a hosted zone, as the weighted records use it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from cognito_failover.common.errors import FailoverError
from cognito_failover.core.model.records import RecordSet


class ChangeRejectedError(FailoverError):
    """Route 53 rejected a whole batch (InvalidChangeBatch, InvalidInput). The message is Route 53's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneInfo:
    """Constant properties of a hosted zone.

    Attributes
    ----------
    name
        The zone's domain name, absolute.
    is_private
        Whether only VPCs can query it.
    name_servers
        The host names of its authoritative name servers.
    accelerated_recovery
        The status of Route 53's accelerated recovery, which restores record changes sooner in an outage of the control
        plane. Empty if Route 53 returns none.

    """

    name: str
    is_private: bool
    name_servers: tuple[str, ...]
    accelerated_recovery: str = ""


class RecordAction(StrEnum):
    """The action of a change on a record set."""

    DELETE = "DELETE"
    CREATE = "CREATE"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordChange:
    """One change of a batch."""

    action: RecordAction
    record_set: RecordSet


class DnsZone(Protocol):
    """A hosted zone.

    Every call is bounded in time. It may raise LeverUnavailableError, after which a retry is safe. A missing permission
    raises it too, because it may be granted later. A missing zone raises LeverRefusedError.
    """

    def get_info(self) -> ZoneInfo:
        """Return the zone's constant properties. Route 53 is called once; the result is cached."""
        ...

    def list_record_sets(self, names: Sequence[str]) -> tuple[RecordSet, ...]:
        """Return every record set of these absolute names. The names must be in Route 53's order."""
        ...

    def submit(self, changes: Sequence[RecordChange], *, comment: str) -> str:
        """Apply all changes or none, and return the change's id.

        Raise ChangeRejectedError if Route 53 rejects one of them.
        """
        ...

    def is_in_sync(self, change_id: str) -> bool:
        """Return whether all name servers have the change. Raise UnknownChangeError for an unknown id."""
        ...

    def refresh(self) -> None:
        """Renew credentials before they are needed: their service may be down then."""
        ...
