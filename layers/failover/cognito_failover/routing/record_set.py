"""One resource record set: its name, its values, what it points at, and when two of them are the same."""

import ipaddress
from collections.abc import Iterable
from typing import Any

from cognito_failover.common.region import FULL_WEIGHT
from cognito_failover.core.model.records import RecordSet

ADDRESS_TYPES = {"A": 4, "AAAA": 6}
"""The types that hold addresses, with the version of IP of each."""

STEERING_TYPES = frozenset({*ADDRESS_TYPES, "CNAME"})
"""The types that lead a client from a name to a target."""

ROUTING_POLICIES = {
    "Region": "latency",
    "Failover": "failover",
    "GeoLocation": "geolocation",
    "GeoProximityLocation": "geoproximity",
    "MultiValueAnswer": "multivalue answer",
    "CidrRoutingConfig": "IP-based",
    "Weight": "weighted",
}
"""The field that gives a record set away as one of a routing policy, and what the policy is called."""

_DUALSTACK = "dualstack."
"""What Route 53's console puts before the name of a load balancer that it makes an alias to."""

type _Json = dict[str, Any]


def to_absolute_name(name: str) -> str:
    """Return a domain name as Route 53 and DNS compare it: in lower case, with its last dot."""
    return f"{name.strip().rstrip('.').lower()}."


def parse_addresses(target: str) -> frozenset[str]:
    """Return the addresses that a comma-separated target lists; none if it is a host name."""
    try:
        return frozenset(str(ipaddress.ip_address(part.strip())) for part in target.split(","))
    except ValueError:
        return frozenset()


def parse_addresses_of_type(target: str, record_type: str) -> frozenset[str]:
    """Return the addresses in a target that a record of this type, A or AAAA, holds."""
    version = ADDRESS_TYPES[record_type]
    return frozenset(each for each in parse_addresses(target) if ipaddress.ip_address(each).version == version)


def get_values(record_set: RecordSet) -> frozenset[str]:
    """Return the values of a record set that isn't an alias, as they compare in DNS."""
    record_type = record_set["Type"]
    values = (record["Value"] for record in record_set.get("ResourceRecords", ()))
    return frozenset(to_canonical_value(value, record_type) for value in values)


def to_canonical_value(value: str, record_type: str) -> str:
    """Return a record's value in the one form in which equal values are equal text."""
    if record_type == "CNAME":
        return to_absolute_name(value)
    if record_type in ADDRESS_TYPES:
        return str(ipaddress.ip_address(value))
    if record_type == "TXT":
        return value.removeprefix('"').removesuffix('"')
    return value


def get_alias_name(record_set: RecordSet) -> str:
    """Return the name that an alias record set stands for; empty if it isn't an alias."""
    alias = record_set.get("AliasTarget")
    return to_absolute_name(alias["DNSName"]) if alias else ""


def has_target(record_set: RecordSet, target: str) -> bool:
    """Tell whether a record set leads to the target: a host name, or addresses separated by commas."""
    if "AliasTarget" in record_set:
        return get_alias_name(record_set).removeprefix(_DUALSTACK) == to_absolute_name(target).removeprefix(_DUALSTACK)
    if record_set["Type"] == "CNAME":
        return get_values(record_set) == {to_absolute_name(target)}
    expected = parse_addresses_of_type(target, record_set["Type"])
    return bool(expected) and get_values(record_set) == expected


def get_routing_policy(record_set: RecordSet) -> str:
    """Return what Route 53's console calls the record set's routing policy."""
    return next((policy for key, policy in ROUTING_POLICIES.items() if key in record_set), "simple")


def with_weight(record_set: RecordSet, weight: int) -> RecordSet:
    """Return the record set with another weight and every other field, known or not, as it was."""
    return {**record_set, "Weight": weight}


def is_valid_weight(weight: int) -> bool:
    """Tell whether Route 53 accepts the weight."""
    return 0 <= weight <= FULL_WEIGHT


def are_equal(one: Iterable[RecordSet], other: Iterable[RecordSet]) -> bool:
    """Tell whether two collections hold the same record sets: order and the spelling of names aside."""
    return _index_by_key(one) == _index_by_key(other)


def get_record_key(record_set: RecordSet) -> tuple[str, str, str]:
    """Return what makes a record set the only one of its kind in a zone: name, type, identifier."""
    return to_absolute_name(record_set["Name"]), record_set["Type"], record_set.get("SetIdentifier", "")


def describe_record_set(record_set: RecordSet) -> str:
    """Return a record set in a few words, for a message to a person."""
    name, record_type, identifier = get_record_key(record_set)
    target = get_alias_name(record_set) or ", ".join(sorted(get_values(record_set)))
    kind = f"weight {record_set['Weight']}" if "Weight" in record_set else get_routing_policy(record_set)
    label = f" {identifier!r}" if identifier else ""
    return f"{name} {record_type}{label} to {target} ({kind})"


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
