"""What the lever won't touch, each refusal naming what was found and the way out."""

from collections.abc import Collection, Sequence

from cognito_failover.common.errors import LeverRefusedError
from cognito_failover.common.region import FULL_WEIGHT, PerRole, RegionRole, Weights
from cognito_failover.core.model.records import RecordSet
from cognito_failover.routing.record_set import (
    describe_record_set,
    get_routing_policy,
    is_valid_weight,
    parse_addresses_of_type,
    to_absolute_name,
)


def reject_invalid_weights(weights: Weights) -> None:
    """Raise LeverRefusedError for weights that Route 53 refuses, or that would mean something else to it."""
    for side, weight in weights:
        if not is_valid_weight(weight):
            raise LeverRefusedError(
                f"The {side}'s weight would be {weight}; Route 53 accepts 0 to {FULL_WEIGHT}. Nothing was changed."
            )
    if weights.primary == weights.standby == 0:
        raise LeverRefusedError(
            "Both weights would be 0, which Route 53 answers with equal shares. Give one side a weight above 0."
        )


def reject_other_policies(record_sets: Sequence[RecordSet], expected: PerRole[str]) -> None:
    """Refuse records of one type that are routed in another way than by weight."""
    for record_set in record_sets:
        if "TrafficPolicyInstanceId" in record_set:
            raise LeverRefusedError(
                f"{describe_record_set(record_set)} is managed by the traffic policy instance "
                f"{record_set['TrafficPolicyInstanceId']}. Delete the instance and create a weighted pair."
            )
        policy = get_routing_policy(record_set)
        if policy != "weighted":
            raise LeverRefusedError(
                f"{record_set['Type']} records of {to_absolute_name(record_set['Name'])} have {policy} routing, and only a "
                f"weighted pair can be steered: {describe_record_sets(record_sets)}. Replace them by two weighted records, "
                f"{FULL_WEIGHT} to {expected.primary} and 0 to {expected.standby}; or delete them, and the pair is "
                f"created."
            )


def reject_unless_pair(record_sets: Sequence[RecordSet]) -> None:
    """Refuse weighted records of one type that are less or more than a pair."""
    listing = describe_record_sets(record_sets)
    if len(record_sets) == 1:
        # The other half isn't created: beside a lone record of weight 0, which serves everybody, it would take traffic.
        raise LeverRefusedError(
            f"Only one half of the pair exists: {listing}. Create the other half with weight 0, or delete this one, and "
            f"the pair is created."
        )
    if len(record_sets) > len(RegionRole):
        raise LeverRefusedError(
            f"{len(record_sets)} weighted records share the name: {listing}. Two Regions need exactly two; remove the "
            f"rest."
        )


def reject_same_role(record_sets: Sequence[RecordSet], roles: Collection[RegionRole]) -> None:
    """Refuse a pair of which both lead to the same side."""
    if len(roles) == 1:
        raise LeverRefusedError(
            f"Both records point at the {next(iter(roles))}: {describe_record_sets(record_sets)}. Point one of them at the other "
            f"side's target."
        )


def reject_different_ttls(record_sets: Sequence[RecordSet]) -> None:
    """Refuse a pair of which one answer stays in caches for longer than the other."""
    ttls = sorted({each["TTL"] for each in record_sets if "TTL" in each})
    if len(ttls) > 1:
        raise LeverRefusedError(
            f"The pair's TTLs differ, {ttls[0]} and {ttls[1]} s: {describe_record_sets(record_sets)}. Give both the same TTL."
        )


def reject_different_weights(pairs: Sequence[PerRole[RecordSet]]) -> None:
    """Refuse A and AAAA pairs of a name that share out the traffic in different ways."""
    if len({(pair.primary["Weight"], pair.standby["Weight"]) for pair in pairs}) > 1:
        listing = describe_record_sets([record_set for pair in pairs for _, record_set in pair])
        raise LeverRefusedError(
            f"The types of the name contradict each other: {listing}. Give A and AAAA records the same weights."
        )


def reject_delegation(at_domain: Sequence[RecordSet], *, domain_name: str, zone_name: str) -> None:
    """Refuse a name whose queries another zone answers."""
    if domain_name != zone_name and any(each["Type"] == "NS" for each in at_domain):
        raise LeverRefusedError(
            f"{domain_name} is delegated to another zone by an NS record, so records of it in {zone_name} are never "
            f"answered. Give the id of the zone it is delegated to as HOSTED_ZONE_ID."
        )


def reject_cname_with_other_types(at_domain: Sequence[RecordSet], *, domain_name: str) -> None:
    """Refuse a name that breaks DNS's own rule."""
    others = sorted({each["Type"] for each in at_domain} - {"CNAME"})
    if others and any(each["Type"] == "CNAME" for each in at_domain):
        raise LeverRefusedError(
            f"{domain_name} has a CNAME beside {', '.join(others)} records; DNS allows nothing beside a CNAME. Remove "
            f"one or the other."
        )


def reject_impossible_cname(at_domain: Sequence[RecordSet], *, domain_name: str, zone_name: str, target: str) -> None:
    """Refuse to create a CNAME where DNS allows none."""
    others = sorted({each["Type"] for each in at_domain})
    if others or domain_name == zone_name:
        reason = "is the zone's own name" if domain_name == zone_name else f"has {', '.join(others)} records"
        raise LeverRefusedError(
            f"{domain_name} {reason}, so it can't have a CNAME to {target}. Give PRIMARY_TARGET_ZONE_ID and "
            f"STANDBY_TARGET_ZONE_ID for alias records, or targets that are addresses."
        )


def reject_unbalanced_targets(record_type: str, targets: PerRole[str]) -> None:
    """Refuse to create a record of a type that only one side's target can have."""
    for side, target in targets:
        if not parse_addresses_of_type(target, record_type):
            raise LeverRefusedError(
                f"The {side.opposite}'s target, {targets[side.opposite]}, has an address for a record of type {record_type}, "
                f"and the {side}'s, {target}, has none: those clients could never be moved. Give both sides the same "
                f"kinds of target."
            )


def reject_region_record_conflict(at_region_record: Sequence[RecordSet]) -> None:
    """Refuse a beacon's name at which no TXT record can stand."""
    aliases = [each for each in at_region_record if each["Type"] == "CNAME"]
    if aliases:
        raise LeverRefusedError(
            f"The beacon's name is taken: {describe_record_sets(aliases)}. Remove that record, so that a TXT pair can stand there."
        )


def describe_record_sets(record_sets: Sequence[RecordSet]) -> str:
    """Return record sets in a few words each, for a message to a person."""
    return "; ".join(describe_record_set(each) for each in record_sets) or "nothing"
