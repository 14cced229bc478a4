"""A resource record set, and its conversions from and to the API and DNS."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self

import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype

from sandbox.route53.names import build_sort_key, normalize

ROUTING_POLICIES = {
    "Weight": "weighted",
    "Region": "latency",
    "Failover": "failover",
    "GeoLocation": "geolocation",
    "MultiValueAnswer": "multivalue",
    "CidrRoutingConfig": "IP-based",
    "GeoProximityLocation": "geoproximity",
}
"""The name of each routing policy, by the member of a record set that carries it."""

type RecordKey = tuple[str, str, str]
"""The key of a record set in its zone: name, type, set identifier (empty for a simple record set)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasTarget:
    """The target of an alias record set."""

    hosted_zone_id: str
    name: str
    evaluate_target_health: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRecordSet:
    """A resource record set.

    Attributes
    ----------
    name
        Normalized.
    ttl_seconds, values
        None and empty for an alias.
    policy
        The member that carries the routing policy (a key of `ROUTING_POLICIES`), or None for a simple record set.
    policy_value
        That member's value: 255 for a `Weight`.

    """

    name: str
    type: str
    set_identifier: str = ""
    ttl_seconds: int | None = None
    values: tuple[str, ...] = ()
    alias: AliasTarget | None = None
    health_check_id: str | None = None
    policy: str | None = None
    policy_value: Any = None

    @property
    def key(self) -> RecordKey:
        """The key in its zone."""
        return self.name, self.type, self.set_identifier

    @property
    def sort_key(self) -> RecordKey:
        """The sort key in a listing."""
        return build_sort_key(self.name), self.type, self.set_identifier

    def equals(self, other: Self) -> bool:
        """Return whether all values are equal. The order of the records does not matter."""
        return self._to_comparable() == other._to_comparable()

    def to_rdata(self) -> list[dns.rdata.Rdata]:
        """Return the records as DNS data; empty for an alias."""
        return [parse_rdata(self.type, value) for value in self.values]

    def _to_comparable(self) -> tuple[Any, ...]:
        return (
            self.key,
            self.ttl_seconds,
            sorted(self.values),
            self.alias,
            self.health_check_id,
            self.policy,
            self.policy_value,
        )


def from_api(given: Mapping[str, Any]) -> StoredRecordSet:
    """Build a record set from the API's `ResourceRecordSet`.

    Raises
    ------
    InvalidNameError
        If its name or its alias target is not a domain name.

    """
    policy = next((member for member in ROUTING_POLICIES if member in given), None)
    target = given.get("AliasTarget")
    return StoredRecordSet(
        name=normalize(given["Name"]),
        type=given["Type"],
        set_identifier=given.get("SetIdentifier", ""),
        ttl_seconds=given.get("TTL"),
        values=tuple(record["Value"] for record in given.get("ResourceRecords", ())),
        alias=AliasTarget(
            hosted_zone_id=target["HostedZoneId"],
            name=normalize(target["DNSName"]),
            evaluate_target_health=target["EvaluateTargetHealth"],
        )
        if target
        else None,
        health_check_id=given.get("HealthCheckId"),
        policy=policy,
        policy_value=given[policy] if policy else None,
    )


def to_api(record_set: StoredRecordSet) -> dict[str, Any]:
    """Return a record set as the API's `ResourceRecordSet`."""
    shown: dict[str, Any] = {"Name": record_set.name, "Type": record_set.type}
    if record_set.set_identifier:
        shown["SetIdentifier"] = record_set.set_identifier
    if record_set.policy:
        shown[record_set.policy] = record_set.policy_value
    if record_set.alias:
        shown["AliasTarget"] = {
            "HostedZoneId": record_set.alias.hosted_zone_id,
            "DNSName": record_set.alias.name,
            "EvaluateTargetHealth": record_set.alias.evaluate_target_health,
        }
    else:
        shown["TTL"] = record_set.ttl_seconds
        shown["ResourceRecords"] = [{"Value": value} for value in record_set.values]
    if record_set.health_check_id:
        shown["HealthCheckId"] = record_set.health_check_id
    return shown


@lru_cache(maxsize=4096)
def parse_rdata(record_type: str, value: str) -> dns.rdata.Rdata:
    """Parse a record's value. Names in it are absolute, with or without a trailing dot.

    Raises
    ------
    dns.exception.DNSException
        If it is not a value of the type.

    """
    return dns.rdata.from_text(
        dns.rdataclass.IN,
        dns.rdatatype.from_text(record_type),
        value,
        origin=dns.name.root,
        relativize=False,
    )
