"""Functions on one resource record set: name, values, target and equality."""

import ipaddress
from collections.abc import Iterable
from typing import Any

from cognito_failover.common.region import FULL_WEIGHT, PerRole, Weights, have_equal_shares
from cognito_failover.core.model.records import RecordSet

ADDRESS_TYPES = {"A": 4, "AAAA": 6}
"""The record types that hold addresses, with their IP version."""

SERVICE_TYPES = frozenset({"HTTPS", "SVCB"})
"""The service binding types (RFC 9460). Their target name, and their address hints, may send a client elsewhere."""

STEERING_TYPES = frozenset({*ADDRESS_TYPES, *SERVICE_TYPES, "CNAME"})
"""The record types that send a client to a target."""

OWN_NAME = "."
"""The target of a service binding that means the name of the record itself."""

_CLOUDFRONT_DOMAIN = ".cloudfront.net."

_ADDRESS_HINTS = ("ipv4hint=", "key4=", "ipv6hint=", "key6=")

ROUTING_POLICIES = {
    "Region": "latency",
    "Failover": "failover",
    "GeoLocation": "geolocation",
    "GeoProximityLocation": "geoproximity",
    "MultiValueAnswer": "multivalue answer",
    "CidrRoutingConfig": "IP-based",
    "Weight": "weighted",
}
"""The field that identifies a record set's routing policy, with the policy's name."""

_DUALSTACK = "dualstack."
"""The prefix that Route 53's console adds to the name of a load balancer in an alias."""

type _Json = dict[str, Any]


def to_absolute_name(name: str) -> str:
    """Return a domain name in canonical form: in lower case, with a trailing dot."""
    return f"{name.strip().rstrip('.').lower()}."


def list_names_to(name: str, *, zone_name: str) -> tuple[str, ...]:
    """Return the absolute names from below a zone's apex down to a name of the zone, in Route 53's order."""
    labels = to_absolute_name(name).removesuffix(to_absolute_name(zone_name)).split(".")[:-1]
    names = (".".join([*labels[start:], to_absolute_name(zone_name)]) for start in reversed(range(len(labels))))
    return tuple(names) or (to_absolute_name(zone_name),)


def parse_addresses(target: str) -> frozenset[str]:
    """Return the addresses of a comma-separated target; empty for a host name."""
    try:
        return frozenset(str(ipaddress.ip_address(part.strip())) for part in target.split(","))
    except ValueError:
        return frozenset()


def parse_addresses_of_type(target: str, record_type: str) -> frozenset[str]:
    """Return the addresses of a target that fit a record type, A or AAAA."""
    version = ADDRESS_TYPES[record_type]
    return frozenset(address for address in parse_addresses(target) if ipaddress.ip_address(address).version == version)


def get_values(record_set: RecordSet) -> frozenset[str]:
    """Return the canonical values of a record set that is not an alias."""
    record_type = record_set["Type"]
    values = (record["Value"] for record in record_set.get("ResourceRecords", ()))
    return frozenset(to_canonical_value(value, record_type) for value in values)


def to_canonical_value(value: str, record_type: str) -> str:
    """Return a record's value in canonical form, so equal values are equal text."""
    if record_type == "CNAME":
        return to_absolute_name(value)
    if record_type in ADDRESS_TYPES:
        return str(ipaddress.ip_address(value))
    if record_type == "TXT":
        return value.removeprefix('"').removesuffix('"')
    return value


def to_steering_value(value: str, record_type: str) -> str:
    """Return the part of a value that shows where a client goes: the target name of a service binding, or all of it."""
    if record_type not in SERVICE_TYPES:
        return to_canonical_value(value, record_type)
    target = value.split()[1]
    return OWN_NAME if target == OWN_NAME else to_absolute_name(target).removeprefix(_DUALSTACK)


def get_steering_values(record_set: RecordSet) -> frozenset[str]:
    """Return what answers with a record set that is not an alias show about where a client goes."""
    record_type = record_set["Type"]
    return frozenset(to_steering_value(each["Value"], record_type) for each in record_set.get("ResourceRecords", ()))


def can_steer(record_set: RecordSet) -> bool:
    """Return whether a service binding can send a client to another host than the name's address records do.

    CloudFront answers an alias with the target ``.`` and protocols only.
    """
    if "AliasTarget" in record_set:
        return not get_alias_name(record_set).endswith(_CLOUDFRONT_DOMAIN)
    own_names = {OWN_NAME, to_absolute_name(record_set["Name"])}
    hints = (part for each in record_set["ResourceRecords"] for part in each["Value"].lower().split()[2:])
    return not get_steering_values(record_set) <= own_names or any(hint.startswith(_ADDRESS_HINTS) for hint in hints)


def get_alias_name(record_set: RecordSet) -> str:
    """Return the target name of an alias record set; empty if it is not an alias."""
    alias = record_set.get("AliasTarget")
    return to_absolute_name(alias["DNSName"]) if alias else ""


def list_alias_spellings(record_set: RecordSet) -> frozenset[str]:
    """Return the names that a load balancer's alias may show for its target, with and without the console's prefix."""
    name = get_alias_name(record_set)
    return frozenset({name, name.removeprefix(_DUALSTACK)})


def has_target(record_set: RecordSet, target: str) -> bool:
    """Return whether a record set points at the target: a host name, or comma-separated addresses."""
    if "AliasTarget" in record_set:
        return get_alias_name(record_set).removeprefix(_DUALSTACK) == to_absolute_name(target).removeprefix(_DUALSTACK)
    if record_set["Type"] == "CNAME":
        return get_values(record_set) == {to_absolute_name(target)}
    if record_set["Type"] in SERVICE_TYPES:
        return get_steering_values(record_set) == {to_absolute_name(target).removeprefix(_DUALSTACK)}
    expected = parse_addresses_of_type(target, record_set["Type"])
    return bool(expected) and get_values(record_set) == expected


def get_routing_policy(record_set: RecordSet) -> str:
    """Return the record set's routing policy, as Route 53's console calls it."""
    return next((policy for key, policy in ROUTING_POLICIES.items() if key in record_set), "simple")


def get_weights(pair: PerRole[RecordSet]) -> Weights:
    """Return the weights of a weighted pair."""
    return PerRole(primary=pair.primary["Weight"], standby=pair.standby["Weight"])


def get_health_checks(pair: PerRole[RecordSet]) -> PerRole[str]:
    """Return the health check of each record set of a pair; empty for none."""
    return PerRole(primary=pair.primary.get("HealthCheckId", ""), standby=pair.standby.get("HealthCheckId", ""))


def route_alike(first: PerRole[RecordSet], second: PerRole[RecordSet]) -> bool:
    """Return whether Route 53 answers both pairs with the same Region: equal shares, equal health checks, no others."""
    return (
        have_equal_shares(get_weights(first), get_weights(second))
        and get_health_checks(first) == get_health_checks(second)
        and not any(_evaluates_target_health(record_set) for pair in (first, second) for _, record_set in pair)
    )


def is_weighted(record_set: RecordSet) -> bool:
    """Return whether a record set has a weight, and is not managed by a traffic policy."""
    return "Weight" in record_set and "TrafficPolicyInstanceId" not in record_set


def with_weight(record_set: RecordSet, weight: int) -> RecordSet:
    """Return the record set with another weight. All other fields stay, also unknown ones."""
    return {**record_set, "Weight": weight}


def is_valid_weight(weight: int) -> bool:
    """Return whether Route 53 accepts the weight."""
    return 0 <= weight <= FULL_WEIGHT


def are_equal(first: Iterable[RecordSet], second: Iterable[RecordSet]) -> bool:
    """Return whether two collections hold the same record sets, in any order and any spelling of names."""
    return _index_by_key(first) == _index_by_key(second)


def get_record_key(record_set: RecordSet) -> tuple[str, str, str]:
    """Return the key that is unique in a zone: name, type, identifier."""
    return to_absolute_name(record_set["Name"]), record_set["Type"], record_set.get("SetIdentifier", "")


def describe_record_set(record_set: RecordSet) -> str:
    """Return a short description of a record set, for messages."""
    name, record_type, identifier = get_record_key(record_set)
    target = get_alias_name(record_set) or ", ".join(sorted(get_values(record_set)))
    kind = f"weight {record_set['Weight']}" if "Weight" in record_set else get_routing_policy(record_set)
    label = f" {identifier!r}" if identifier else ""
    return f"{name} {record_type}{label} to {target} ({kind})"


def _evaluates_target_health(record_set: RecordSet) -> bool:
    return bool(record_set.get("AliasTarget", {}).get("EvaluateTargetHealth"))


def _index_by_key(record_sets: Iterable[RecordSet]) -> dict[tuple[str, str, str], _Json]:
    return {get_record_key(record_set): _canonicalize(record_set) for record_set in record_sets}


def _canonicalize(record_set: RecordSet) -> _Json:
    canonical: _Json = {**record_set, "Name": to_absolute_name(record_set["Name"])}
    if "ResourceRecords" in record_set:
        canonical["ResourceRecords"] = get_values(record_set)
    if "AliasTarget" in record_set:
        alias = record_set["AliasTarget"]
        canonical["AliasTarget"] = {**alias, "DNSName": to_absolute_name(alias["DNSName"])}
    return canonical
