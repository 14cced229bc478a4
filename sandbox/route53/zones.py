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
"""The name servers of a zone whose name overlaps with no other zone."""

OTHER_NAME_SERVERS = (
    "ns-210.awsdns-26.com",
    "ns-710.awsdns-26.net",
    "ns-1210.awsdns-26.org",
    "ns-1710.awsdns-26.co.uk",
)
"""The name servers of a zone with the name of an older zone, or one above or below it.

Route 53 never gives two such zones the same name server. So the answers of a child zone are seen only by those who
follow the NS record set of its parent zone.
"""

ALL_NAME_SERVERS = (*NAME_SERVERS, *OTHER_NAME_SERVERS)
"""Every name server. Its position is its number."""

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
    name_servers: tuple[str, ...]
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
        """Return the version that a name server uses, or None if it does not know the zone, or not yet."""
        server = ALL_NAME_SERVERS[name_server]
        if server not in self.name_servers:
            return None
        position = self.name_servers.index(server)
        for version in reversed(self.versions):
            if now >= version.change.visible_at[position]:
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

    def choose_name_servers(self, zone_name: str) -> tuple[str, ...]:
        """Return the name servers of a new zone."""
        overlapping = [
            zone
            for zone in self._zones.values()
            if not zone.is_private and (is_within(zone_name, zone.name) or is_within(zone.name, zone_name))
        ]
        is_free = all(zone.name_servers != NAME_SERVERS for zone in overlapping)
        return NAME_SERVERS if is_free else OTHER_NAME_SERVERS

    def list_name_servers(self, zone_name: str) -> tuple[str, ...]:
        """Return the name servers of the oldest public zone of a name, without a trailing dot; empty if none exists."""
        zones = (zone for zone in self._zones.values() if not zone.is_private and zone.name == f"{zone_name}.")
        return next((zone.name_servers for zone in zones), ())

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


def build_initial_records(zone_name: str, servers: tuple[str, ...] = NAME_SERVERS) -> dict[RecordKey, StoredRecordSet]:
    """Return the record sets of a new zone: NS and SOA."""
    name_servers = StoredRecordSet(
        name=zone_name,
        type="NS",
        ttl_seconds=_APEX_NS_TTL_SECONDS,
        values=tuple(f"{server}." for server in servers),
    )
    authority = StoredRecordSet(
        name=zone_name,
        type="SOA",
        ttl_seconds=_SOA_TTL_SECONDS,
        values=(f"{servers[0]}. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400",),
    )
    return {record_set.key: record_set for record_set in (name_servers, authority)}
