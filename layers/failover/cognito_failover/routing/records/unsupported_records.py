"""Refusals of records that the lever does not support. Each message names the records and the way out."""

from collections.abc import Collection, Sequence

from cognito_failover.common.errors import LeverRefusedError
from cognito_failover.common.region import FULL_WEIGHT, PerRole, RegionRole, Weights, have_equal_shares
from cognito_failover.core.model.records import RecordSet
from cognito_failover.routing.record_set import (
    describe_record_set,
    get_routing_policy,
    get_weights,
    is_valid_weight,
    parse_addresses_of_type,
    to_absolute_name,
)


def reject_invalid_weights(weights: Weights) -> None:
    """Raise LeverRefusedError for weights that Route 53 rejects, or two zeros, which mean equal shares."""
    for role, weight in weights:
        if not is_valid_weight(weight):
            raise LeverRefusedError(
                f"The {role}'s weight would be {weight}; Route 53 accepts 0 to {FULL_WEIGHT}. Nothing was changed."
            )
    if weights.primary == weights.standby == 0:
        raise LeverRefusedError(
            "Both weights would be 0. Route 53 then sends equal shares of users to both Regions. Give one Region a "
            "weight above 0. Nothing was changed."
        )


def reject_other_policies(record_sets: Sequence[RecordSet], expected: PerRole[str]) -> None:
    """Refuse records of one type with another routing policy than weighted."""
    for record_set in record_sets:
        if "TrafficPolicyInstanceId" in record_set:
            raise LeverRefusedError(
                f"{describe_record_set(record_set)} is managed by the traffic policy instance "
                f"{record_set['TrafficPolicyInstanceId']}. Delete the instance and create a weighted pair."
            )
        policy = get_routing_policy(record_set)
        if policy != "weighted":
            raise LeverRefusedError(
                f"{record_set['Type']} records of {to_absolute_name(record_set['Name'])} have {policy} routing, but "
                f"the controller needs a weighted pair. Found: {describe_record_sets(record_sets)}. Replace them with "
                f"two weighted records: {FULL_WEIGHT} to {expected.primary} and 0 to {expected.standby}. Or delete "
                f"them: the controller then creates the pair."
            )


def reject_unless_pair(record_sets: Sequence[RecordSet]) -> None:
    """Refuse weighted records of one type that are not exactly two."""
    listing = describe_record_sets(record_sets)
    if len(record_sets) == 1:
        # The other half is not created: a single record of weight 0 serves all users, and a new one would take traffic.
        raise LeverRefusedError(
            f"Only one half of the pair exists: {listing}. Create the other half with weight 0. Or delete this one: "
            f"the controller then creates the pair."
        )
    if len(record_sets) > len(RegionRole):
        raise LeverRefusedError(
            f"{len(record_sets)} weighted records share the name: {listing}. Two Regions need exactly two. Remove the "
            f"others."
        )


def reject_same_role(record_sets: Sequence[RecordSet], roles: Collection[RegionRole]) -> None:
    """Refuse a pair in which both records point at the same Region."""
    if len(roles) == 1:
        raise LeverRefusedError(
            f"Both records point at the {next(iter(roles))}: {describe_record_sets(record_sets)}. Point one of them at "
            f"the target of the other Region."
        )


def reject_different_ttls(record_sets: Sequence[RecordSet]) -> None:
    """Refuse a pair with two TTLs: one answer would stay in caches longer than the other."""
    ttls = sorted({record_set["TTL"] for record_set in record_sets if "TTL" in record_set})
    if len(ttls) > 1:
        raise LeverRefusedError(
            f"The pair's TTLs differ, {ttls[0]} and {ttls[1]} s: {describe_record_sets(record_sets)}. Give both "
            f"records the same TTL."
        )


def reject_different_weights(pairs: Sequence[PerRole[RecordSet]]) -> None:
    """Refuse pairs of a name that split users differently."""
    if not all(have_equal_shares(get_weights(pairs[0]), get_weights(pair)) for pair in pairs[1:]):
        listing = describe_record_sets([record_set for pair in pairs for _, record_set in pair])
        raise LeverRefusedError(
            f"The records of the name have different weights: {listing}. Give all types the same weights."
        )


def reject_service_bindings(record_sets: Sequence[RecordSet], expected: PerRole[str]) -> None:
    """Refuse service bindings that can send clients elsewhere and are no pair with the targets of both Regions."""
    record_type = record_sets[0]["Type"]
    raise LeverRefusedError(
        f"The {record_type} records can send clients to another host, and the controller can't move them: "
        f"{describe_record_sets(record_sets)}. Replace them with two weighted records, with the target names "
        f"{expected.primary} and {expected.standby} and the weights of the other records. Or give them the target "
        f'"." without address hints: clients then use the addresses of the name. Or delete them.'
    )


def reject_delegation(record_sets: Sequence[RecordSet], *, zone_name: str) -> None:
    """Refuse a name that an NS record below the zone's apex delegates to another zone.

    Parameters
    ----------
    record_sets
        Those of the name, and of every name between it and the zone's apex.
    zone_name
        The zone's domain name, absolute.

    """
    for record_set in record_sets:
        name = to_absolute_name(record_set["Name"])
        if record_set["Type"] == "NS" and name != zone_name:
            raise LeverRefusedError(
                f"{name} is delegated to another zone by an NS record in the zone {zone_name}, so DNS does not answer "
                f"with the records that {zone_name} has at this name and below it. Set HOSTED_ZONE_ID to the id of the "
                f"zone that answers. Or delete the NS record, if this zone is to answer."
            )


def reject_cname_with_other_types(at_domain: Sequence[RecordSet], *, domain_name: str) -> None:
    """Refuse a CNAME with other record types at the same name, which DNS forbids."""
    others = sorted({record_set["Type"] for record_set in at_domain} - {"CNAME"})
    if others and any(record_set["Type"] == "CNAME" for record_set in at_domain):
        raise LeverRefusedError(
            f"{domain_name} has a CNAME and {', '.join(others)} records. DNS allows no other record at the name of a "
            f"CNAME. Remove one or the other."
        )


def reject_impossible_cname(at_domain: Sequence[RecordSet], *, domain_name: str, zone_name: str, target: str) -> None:
    """Refuse to create a CNAME where DNS forbids it."""
    others = sorted({record_set["Type"] for record_set in at_domain})
    if others or domain_name == zone_name:
        reason = "is the zone's own name" if domain_name == zone_name else f"has {', '.join(others)} records"
        raise LeverRefusedError(
            f"{domain_name} {reason}, so it cannot have a CNAME to {target}. Set PRIMARY_TARGET_ZONE_ID and "
            f"STANDBY_TARGET_ZONE_ID to use alias records, or use IP addresses as targets."
        )


def reject_unbalanced_targets(record_type: str, targets: PerRole[str]) -> None:
    """Refuse to create records of a type for which only one Region has an address."""
    for role, target in targets:
        if not parse_addresses_of_type(target, record_type):
            raise LeverRefusedError(
                f"The {role.opposite}'s target, {targets[role.opposite]}, has an address for a record of type "
                f"{record_type}, but the {role}'s target, {target}, has none. Clients of that type could not be moved. "
                f"Give both Regions the same types of addresses."
            )


def reject_region_record_conflict(at_region_record: Sequence[RecordSet]) -> None:
    """Refuse a name of the region TXT record that a CNAME occupies."""
    cnames = [record_set for record_set in at_region_record if record_set["Type"] == "CNAME"]
    if cnames:
        raise LeverRefusedError(
            f"A CNAME occupies the name of the region TXT record: {describe_record_sets(cnames)}. Remove the CNAME: "
            f"the controller then creates the TXT pair."
        )


def describe_record_sets(record_sets: Sequence[RecordSet]) -> str:
    """Return a short description of record sets, for messages."""
    return "; ".join(describe_record_set(record_set) for record_set in record_sets) or "nothing"
