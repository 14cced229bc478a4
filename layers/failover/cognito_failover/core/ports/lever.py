"""What the decision asks of anything that moves traffic."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from cognito_failover.common.region import PerRole, RegionRole, Weights

type RecordSet = Mapping[str, Any]
"""A resource record set, in the shape Route 53's API gives and takes it (JSON values only)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsWatch:
    """Whom to ask for which records, to see from outside which side answers. It is remembered from calm days.

    Attributes
    ----------
    record_sets
        One pair of record sets, or several, whose answers tell the sides apart.
    name_servers
        The zone's authoritative name servers.

    """

    record_sets: tuple[RecordSet, ...]
    name_servers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsSnapshot:
    """What the lever found in the world.

    Attributes
    ----------
    weights
        The weights now set on the two sides.
    record_sets
        Every record set of ours that exists, as read: the name's and its beacon's.
    lacking
        Record sets of ours that do not exist yet, as they would be created at these weights.
    ttl_seconds
        How long a resolver may keep the old answer.
    name_servers
        The zone's authoritative name servers.
    checks
        The health checks that the record sets of each side carry; empty text for one that carries none.

    """

    weights: Weights
    record_sets: tuple[RecordSet, ...]
    missing: tuple[RecordSet, ...]
    ttl_seconds: int
    name_servers: tuple[str, ...] = ()
    health_checks: PerRole[frozenset[str]] = field(
        default_factory=lambda: PerRole(primary=frozenset(), standby=frozenset())
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """A change, saved before it is made: the record sets as found and as they will be."""

    before: tuple[RecordSet, ...]
    after: tuple[RecordSet, ...]
    weights: Weights


class ChangeStatus(StrEnum):
    """Where the world stands in respect of an intent."""

    NOT_APPLIED = "before"
    APPLIED = "after"
    CONFLICTING = "foreign"


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """What the authoritative name servers said.

    Attributes
    ----------
    moved
        No server that answered gave the old target, over all queries of this look.
    silent
        Name servers that gave no answer.
    stale
        Name servers that still give the old target.
    detail
        The same as a sentence.

    """

    moved: bool
    unresponsive: tuple[str, ...]
    stale: tuple[str, ...]
    detail: str


class Lever(Protocol):
    """One way to move traffic. Every call may raise LeverUnavailableError; a retry is always safe."""

    @property
    def name(self) -> str:
        """What it is called in state, events and messages."""
        ...

    def read_records(self) -> RecordsSnapshot:
        """Read the world. Raise LeverRefusedError, naming what was found, if it isn't understood."""
        ...

    def plan(self, snapshot: RecordsSnapshot, weights: Weights) -> Intent:
        """Return the change from what was surveyed to these weights; nothing else in a record set differs."""
        ...

    def get_change_status(self, intent: Intent, snapshot: RecordsSnapshot) -> ChangeStatus:
        """Tell whether the world is as the intent found it, as it wants it, or somebody else's."""
        ...

    def submit(self, intent: Intent, current: RecordsSnapshot) -> str:
        """Make the change in one batch, a compare-and-set against the world as just found, and return its id.

        It is one call, unless that is rejected: what takes time is bounded by the timeouts of one call.
        Where the world already is as wanted, the same values are set again, only to learn an id to wait for.
        Raises LeverRefusedError if the world is no longer as the intent found it or the record is protected.
        """
        ...

    def is_in_sync(self, change_id: str) -> bool:
        """Tell whether Route 53 has brought the change to all its servers."""
        ...

    def confirm(self, watch: DnsWatch, role: RegionRole) -> Confirmation:
        """Ask the authoritative name servers, several times each, whether everybody is sent to this side.

        Nothing else is asked: it works while Route 53 takes no changes and tells nothing.
        """
        ...

    def read_back(self, intent: Intent) -> Confirmation:
        """Tell whether the records are as the intent wants them: of shares, answers can't be told from chance."""
        ...
