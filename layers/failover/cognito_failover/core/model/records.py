"""Values that the decision exchanges with the levers: records, their changes and their confirmation."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from cognito_failover.common.region import PerRole, Weights

type RecordSet = Mapping[str, Any]
"""A resource record set in the form of the Route 53 API. Holds JSON values only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsWatch:
    """Name servers and records whose answers show which Region DNS sends users to. Saved before it is needed.

    Attributes
    ----------
    record_sets
        One or several pairs of record sets, whose answers differ by Region. Empty if no record shows it any more.
    name_servers
        The zone's authoritative name servers.

    """

    record_sets: tuple[RecordSet, ...]
    name_servers: tuple[str, ...]

    @property
    def without_records(self) -> "DnsWatch":
        """The watch once its records are gone."""
        return replace(self, record_sets=())


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsSnapshot:
    """The records as the lever read them.

    Attributes
    ----------
    weights
        The weights of both Regions.
    record_sets
        Every managed record set that exists: those of the name and of the region TXT record.
    missing
        Managed record sets that do not exist, as they would be created with these weights.
    ttl_seconds
        Time that a resolver may keep an old answer.
    name_servers
        The zone's authoritative name servers.
    fence
        The TXT record that each change replaces; None before the first change.
    health_checks
        The health checks of each Region's record sets. A record set without one adds an empty string.
    region_record_problem
        Why the region TXT record may name another Region than the domain's records lead to, as a sentence with the way
        out. Empty if its weights and health checks mean the same as theirs.

    """

    weights: Weights
    record_sets: tuple[RecordSet, ...]
    missing: tuple[RecordSet, ...]
    ttl_seconds: int
    name_servers: tuple[str, ...] = ()
    fence: RecordSet | None = None
    health_checks: PerRole[frozenset[str]] = field(
        default_factory=lambda: PerRole(primary=frozenset(), standby=frozenset())
    )
    region_record_problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """A change of records, saved before it is made.

    Attributes
    ----------
    before, after
        The record sets before and after it.
    weights
        The weights after it.
    fence
        The number of the fence before it. The change makes it one higher.

    """

    before: tuple[RecordSet, ...]
    after: tuple[RecordSet, ...]
    weights: Weights
    fence: int = 0


class ChangeStatus(StrEnum):
    """State of the records compared with an intent: as before it, as after it, or neither."""

    NOT_APPLIED = "before"
    APPLIED = "after"
    CONFLICTING = "foreign"


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """Result of querying the authoritative name servers.

    Attributes
    ----------
    moved
        No name server that answered gave the old target, in any of several queries.
    unresponsive
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
