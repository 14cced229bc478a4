"""The hosted zones of all accounts, and each name server's version of them."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sandbox.route53.answers import RecordsByName
from sandbox.route53.changes import PropagatingChange
from sandbox.route53.errors import Route53ServiceError
from sandbox.route53.names import get_parent, is_within
from sandbox.route53.records import RecordKey, StoredRecordSet

NAME_SERVERS = (
    "ns-53.awsdns-06.com",
    "ns-565.awsdns-06.net",
    "ns-1077.awsdns-06.org",
    "ns-1589.awsdns-06.co.uk",
)
"""The name servers of every zone in the sandbox."""

_APEX_NS_TTL_SECONDS = 172_800
_SOA_TTL_SECONDS = 900


@dataclass(frozen=True)
class ZoneVersion:
    """A zone's record sets since one change."""

    zone_name: str
    records: Mapping[RecordKey, StoredRecordSet]
    change: PropagatingChange

    @cached_property
    def records_by_name(self) -> RecordsByName:
        """The record sets by name and type, including empty names between labels."""
        names: dict[str, dict[str, list[StoredRecordSet]]] = {self.zone_name: {}}
        for record_set in self.records.values():
            name = record_set.name
            names.setdefault(name, {}).setdefault(record_set.type, []).append(record_set)
            while name != self.zone_name:
                name = get_parent(name)
                names.setdefault(name, {})
        return names


@dataclass(slots=True, kw_only=True)
class HostedZone:
    """A hosted zone.

    Attributes
    ----------
    versions
        Newest last. Older versions are kept while a name server may still answer from them.
    protections
        Comment by name and type of protected record sets.
    accelerated_recovery
        The service's status of accelerated recovery; empty until it is set.
    busy_until
        End of the processing of the last change, in seconds of the clock.

    """

    id: str
    account: str
    name: str
    caller_reference: str
    comment: str | None
    vpcs: list[dict[str, Any]]
    versions: list[ZoneVersion]
    protections: dict[tuple[str, str], str] = field(default_factory=dict)
    accelerated_recovery: str = ""
    busy_until: float = 0.0

    @property
    def is_private(self) -> bool:
        """Whether the zone belongs to VPCs. The sandbox's name servers do not answer for it."""
        return bool(self.vpcs)

    @property
    def records(self) -> Mapping[RecordKey, StoredRecordSet]:
        """The record sets that the API returns, including pending changes."""
        return self.versions[-1].records

    @property
    def last_change(self) -> PropagatingChange:
        """The newest change."""
        return self.versions[-1].change

    def add_version(self, version: ZoneVersion, *, now: float) -> None:
        """Add a version, and drop versions that no name server uses."""
        self.versions.append(version)
        reached = [index for index, older in enumerate(self.versions) if now >= max(older.change.visible_at)]
        del self.versions[: reached[-1] if reached else 0]

    def find_version(self, name_server: int, now: float) -> ZoneVersion | None:
        """Return the version that a name server uses, or None if it does not know the zone yet."""
        for version in reversed(self.versions):
            if now >= version.change.visible_at[name_server]:
                return version
        return None


class HostedZoneStore:
    """The hosted zones.

    Parameters
    ----------
    clock
        Seconds since the epoch.
    processing_seconds
        Time for which a change to a zone blocks the next one. It may change at any time.

    """

    def __init__(self, *, clock: Callable[[], float], processing_seconds: float) -> None:
        self.processing_seconds = processing_seconds
        self._clock = clock
        self._zones: dict[str, HostedZone] = {}

    def add(self, zone: HostedZone) -> None:
        """Add a zone."""
        self._zones[zone.id] = zone

    def remove(self, zone: HostedZone) -> None:
        """Remove a zone from all name servers at once."""
        del self._zones[zone.id]

    def list_public_names(self) -> tuple[str, ...]:
        """Return the names of all public zones, without trailing dots."""
        return tuple(zone.name.rstrip(".") for zone in self._zones.values() if not zone.is_private)

    def iterate_zones(self, account: str) -> Iterator[HostedZone]:
        """Yield an account's zones, oldest first."""
        return (zone for zone in self._zones.values() if zone.account == account)

    def require(self, account: str, zone_id: str) -> HostedZone:
        """Return an account's zone. The id may have the prefix ``/hostedzone/``.

        Raises
        ------
        Route53ServiceError
            ``NoSuchHostedZone``.

        """
        bare = zone_id.removeprefix("/hostedzone/")
        zone = self._zones.get(bare)
        if zone is None or zone.account != account:
            raise Route53ServiceError("NoSuchHostedZone", f"No hosted zone found with ID: {bare}")
        return zone

    @contextmanager
    def process_change(self, zone: HostedZone) -> Iterator[None]:
        """Process a change to a zone inside the ``with`` block. A rejected change does not block the next one.

        Raises
        ------
        Route53ServiceError
            ``PriorRequestNotComplete`` while an earlier change is being processed.

        """
        if self._clock() < zone.busy_until:
            raise Route53ServiceError(
                "PriorRequestNotComplete",
                "The request was rejected because Route 53 was still processing a prior request.",
            )
        yield
        zone.busy_until = self._clock() + self.processing_seconds

    def find_serving_version(self, name: str, name_server: int) -> ZoneVersion | None:
        """Return the zone version from which a name server answers: the longest public zone, then the oldest."""
        now = self._clock()
        public = [zone for zone in self._zones.values() if not zone.is_private and is_within(name, zone.name)]
        for zone in sorted(public, key=lambda zone: -len(zone.name)):
            if (version := zone.find_version(name_server, now)) is not None:
                return version
        return None


def build_initial_records(zone_name: str) -> dict[RecordKey, StoredRecordSet]:
    """Return the record sets of a new zone: NS and SOA."""
    name_servers = StoredRecordSet(
        name=zone_name,
        type="NS",
        ttl_seconds=_APEX_NS_TTL_SECONDS,
        values=tuple(f"{server}." for server in NAME_SERVERS),
    )
    authority = StoredRecordSet(
        name=zone_name,
        type="SOA",
        ttl_seconds=_SOA_TTL_SECONDS,
        values=(f"{NAME_SERVERS[0]}. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400",),
    )
    return {record_set.key: record_set for record_set in (name_servers, authority)}
