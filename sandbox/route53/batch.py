"""Applies a change batch to a zone's record sets: all changes, or none. Pure.

Existence and values are checked change by change. The rules between record sets are checked on the result of the whole
batch. The messages follow the service's, as users have reported them.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import dns.exception

from sandbox.route53.errors import Route53ServiceError, build_invalid_batch_error, build_invalid_input_error
from sandbox.route53.names import InvalidNameError, is_within
from sandbox.route53.records import ROUTING_POLICIES, RecordKey, StoredRecordSet, from_api, parse_rdata

type ZoneRecords = Mapping[RecordKey, StoredRecordSet]
type ChangeAction = Literal["CREATE", "DELETE", "UPSERT"]

CLOUDFRONT_ZONE = "Z2FDTNDATAQYW2"
"""The hosted zone id of every CloudFront distribution's domain name (AWS documentation, AliasTarget)."""

_SERVICE_DOMAINS = ("amazonaws.com.", "cloudfront.net.", "awsglobalaccelerator.com.", "elasticbeanstalk.com.")
_GROUP_LIMIT = 100
_BATCH_LIMIT = 1000
_POLICY_LIST = f"[{', '.join(ROUTING_POLICIES)}]"


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneContext:
    """The facts about the zone and the account that the rules need.

    Attributes
    ----------
    hosted_zone_ids
        The ids of all zones of the account, including this one.
    protections
        Comment by name and type of protected record sets.
    health_check_ids
        The ids of existing health checks.

    """

    id: str
    name: str
    hosted_zone_ids: frozenset[str]
    protections: Mapping[tuple[str, str], str]
    health_check_ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class BatchChange:
    """One entry of a batch."""

    action: ChangeAction
    record_set: StoredRecordSet

    def __str__(self) -> str:
        """Return the change in the format of the service's messages."""
        kind = self.record_set
        return (
            f"Change with [Action={self.action}, Name={kind.name}, Type={kind.type}, "
            f"SetIdentifier={kind.set_identifier or 'null'}]"
        )


def apply_batch(
    zone: ZoneContext, records: ZoneRecords, entries: Sequence[Mapping[str, Any]]
) -> dict[RecordKey, StoredRecordSet]:
    """Return the zone's record sets after a batch. ``records`` is not modified.

    Parameters
    ----------
    zone
        The zone and its account.
    records
        The current record sets.
    entries
        The batch's `Changes`, which satisfy the service model.

    Raises
    ------
    Route53ServiceError
        ``InvalidInput`` for an invalid change, ``NoSuchHealthCheck``, or ``InvalidChangeBatch`` for a change that
        conflicts with the zone or with other changes.

    """
    changes = [_parse_change(entry) for entry in entries]
    if sum(2 if change.action == "UPSERT" else 1 for change in changes) > _BATCH_LIMIT:
        raise build_invalid_batch_error([f"Number of records limit of {_BATCH_LIMIT} exceeded."])
    for change in changes:
        _require_health_check(zone, change)
    if contradictions := list(_find_contradictions(changes)):
        raise build_invalid_batch_error(contradictions)
    after = dict(records)
    refused = [message for change in changes for message in _apply_change(zone, after, change)]
    if not refused:
        refused = list(_find_inconsistencies(zone, after, changes))
    if refused:
        raise build_invalid_batch_error(list(dict.fromkeys(refused)))
    return after


def _parse_change(entry: Mapping[str, Any]) -> BatchChange:
    record_set = entry["ResourceRecordSet"]
    try:
        change = BatchChange(entry["Action"], from_api(record_set))
    except InvalidNameError as error:
        raise build_invalid_batch_error([f"FATAL problem: {error}"]) from error
    _require_exactly_one(
        change,
        "[AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId]",
        _count_contents(record_set),
    )
    policies = sum(member in record_set for member in ROUTING_POLICIES)
    if policies and not change.record_set.set_identifier:
        raise build_invalid_input_error(f"Invalid request: Missing field 'SetIdentifier' in {change}")
    if policies or change.record_set.set_identifier:
        _require_exactly_one(change, _POLICY_LIST, policies)
    return change


def _count_contents(given: Mapping[str, Any]) -> int:
    """Return the number of kinds of content. A TTL or records in addition to an alias count as a second kind."""
    whole = "TTL" in given and bool(given.get("ResourceRecords"))
    part = "TTL" in given or bool(given.get("ResourceRecords"))
    if "AliasTarget" in given or "TrafficPolicyInstanceId" in given:
        return ("AliasTarget" in given) + ("TrafficPolicyInstanceId" in given) + part
    return int(whole)


def _require_exactly_one(change: BatchChange, fields: str, found: int) -> None:
    if found != 1:
        number = "none" if not found else "more than one"
        raise build_invalid_input_error(
            f"Invalid request: Expected exactly one of {fields}, but found {number} in {change}"
        )


def _require_health_check(zone: ZoneContext, change: BatchChange) -> None:
    check_id = change.record_set.health_check_id
    if change.action != "DELETE" and check_id and check_id not in zone.health_check_ids:
        raise Route53ServiceError("NoSuchHealthCheck", f"No health check exists with the specified ID: {check_id}")


def _find_contradictions(changes: Iterable[BatchChange]) -> Iterator[str]:
    """Yield record sets that are changed more than once, except those that are deleted and created again."""
    actions: dict[RecordKey, list[ChangeAction]] = defaultdict(list)
    for change in changes:
        actions[change.record_set.key].append(change.action)
    for (name, record_type, _), sequence in actions.items():
        if len(sequence) > 1 and (sequence[0] != "DELETE" or sequence[1:] not in (["CREATE"], ["UPSERT"])):
            yield (
                "The request contains an invalid set of changes for a resource record set "
                f"'{record_type} {name}' ({', '.join(sequence)})"
            )


def _apply_change(zone: ZoneContext, records: dict[RecordKey, StoredRecordSet], change: BatchChange) -> Iterator[str]:
    record_set = change.record_set
    existing = records.get(record_set.key)
    protection = zone.protections.get((record_set.name, record_set.type))
    if protection is not None:
        comment = f" ({protection})" if protection else ""
        yield (
            f"RRSet with DNS name {record_set.name}, type {record_set.type} has a resource record set "
            f"protection{comment}; delete the protection first"
        )
    match change.action:
        case "DELETE":
            if existing is None:
                yield f"Tried to delete resource record set {_describe_record_set(record_set)} but it was not found"
            elif not existing.equals(record_set):
                yield (
                    f"Tried to delete resource record set {_describe_record_set(record_set)} "
                    "but the values provided do not match the current values"
                )
            else:
                del records[record_set.key]
        case "CREATE" if existing is not None:
            yield f"Tried to create resource record set {_describe_record_set(record_set)} but it already exists"
        case _:
            records[record_set.key] = record_set
            yield from _find_value_problems(record_set)


def _describe_record_set(record_set: StoredRecordSet) -> str:
    identifier = f", set identifier='{record_set.set_identifier}'" if record_set.set_identifier else ""
    return f"[name='{record_set.name}', type='{record_set.type}'{identifier}]"


def _find_value_problems(record_set: StoredRecordSet) -> Iterator[str]:
    if record_set.type == "CNAME" and len(record_set.values) > 1:
        yield f"RRSet of type CNAME with DNS name {record_set.name} must have exactly one value"
    for value, times in Counter(record_set.values).items():
        if times > 1:
            yield f"Duplicate Resource Record: '{value}'"
        if record_set.type in {"TXT", "SPF"} and not value.startswith('"'):
            yield _format_value_problem(
                f"InvalidCharacterString (Value should be enclosed in quotation marks) encountered with '{value}'"
            )
            continue
        try:
            parse_rdata(record_set.type, value)
        except (dns.exception.DNSException, ValueError):
            yield _format_value_problem(_describe_value_problem(record_set.type, value))


def _format_value_problem(problem: str) -> str:
    return f"Invalid Resource Record: 'FATAL problem: {problem}'"


def _describe_value_problem(record_type: str, value: str) -> str:
    match record_type:
        case "A":
            return f"ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address) encountered with '{value}'"
        case "AAAA":
            return f"AAAARRDATAIllegalIPv6Address (Value is not a valid IPv6 address) encountered with '{value}'"
        case _:
            return f"{record_type}RRDATAInvalid (Value is not a valid {record_type} record) encountered with '{value}'"


def _find_inconsistencies(zone: ZoneContext, records: ZoneRecords, changes: Iterable[BatchChange]) -> Iterator[str]:
    made = [change.record_set for change in changes if change.record_set.key in records]
    by_name: dict[str, list[StoredRecordSet]] = defaultdict(list)
    for record_set in records.values():
        by_name[record_set.name].append(record_set)
    for record_set in made:
        if not is_within(record_set.name, zone.name):
            yield f"RRSet with DNS name {record_set.name} is not permitted in zone {zone.name}"
            continue
        yield from _find_cname_conflicts(zone, record_set, by_name[record_set.name])
        yield from _find_group_conflicts(record_set, by_name[record_set.name])
        yield from _find_alias_problems(zone, record_set, records)
    types_at_apex = Counter(record_set.type for record_set in by_name[zone.name])
    if types_at_apex["SOA"] != 1:
        yield "A HostedZone must contain exactly one SOA record."
    if not types_at_apex["NS"]:
        yield "A HostedZone must contain at least one NS record for the zone itself."


def _find_cname_conflicts(
    zone: ZoneContext, record_set: StoredRecordSet, others: Iterable[StoredRecordSet]
) -> Iterator[str]:
    if record_set.type == "CNAME" and record_set.name == zone.name:
        yield f"RRSet of type CNAME with DNS name {record_set.name} is not permitted at apex in zone {zone.name}"
    elif record_set.type == "CNAME" and any(other.type != "CNAME" for other in others):
        yield (
            f"RRSet of type CNAME with DNS name {record_set.name} is not permitted as it conflicts with other "
            f"records with the same DNS name in zone {zone.name}"
        )
    elif record_set.type != "CNAME" and any(other.type == "CNAME" for other in others):
        yield (
            f"RRSet of type {record_set.type} with DNS name {record_set.name} is not permitted because a "
            f"conflicting RRSet of type CNAME with the same DNS name already exists in zone {zone.name}"
        )


def _find_group_conflicts(record_set: StoredRecordSet, others: Iterable[StoredRecordSet]) -> Iterator[str]:
    group = [other for other in others if other.type == record_set.type]
    subject = f"RRSet with DNS name {record_set.name}, type {record_set.type}"
    if record_set.policy is None:
        if len(group) > 1:
            yield f"{subject} cannot be created as other RRSets exist with the same name and type."
        return
    subject = f"{subject}, SetIdentifier {record_set.set_identifier}"
    policy = ROUTING_POLICIES[record_set.policy]
    if any(other.policy != record_set.policy for other in group):
        yield f"{subject} cannot be created as a non-{policy} set exists with the same name and type."
    elif record_set.policy == "Weight":
        if len({other.ttl_seconds for other in group if other.alias is None}) > 1 and record_set.alias is None:
            yield f"{subject} cannot be created as weighted sets must contain the same TTL."
        if len(group) > _GROUP_LIMIT:
            yield (
                f"Exceeded limit on number of weighted RRSets for {record_set.name}, type {record_set.type} "
                "in this zone."
            )
    elif record_set.policy != "MultiValueAnswer" and any(
        other.policy_value == record_set.policy_value for other in group if other.key != record_set.key
    ):
        yield f"{subject} cannot be created as another {policy} set exists with the same {record_set.policy}."


def _find_alias_problems(zone: ZoneContext, record_set: StoredRecordSet, records: ZoneRecords) -> Iterator[str]:
    alias = record_set.alias
    if alias is None:
        return
    prefix = (
        f"Tried to create an alias that targets {alias.name}, type {record_set.type} in zone "
        f"{alias.hosted_zone_id}, but "
    )
    if record_set.type in {"NS", "SOA"}:
        yield f"{prefix}a record set of type {record_set.type} can't be an alias"
    elif alias.hosted_zone_id == zone.id:
        if not is_within(alias.name, zone.name):
            yield f"{prefix}the alias target name does not lie within the target zone"
        elif alias.name == record_set.name:
            yield f"{prefix}an alias can't target itself"
        elif not any(key[:2] == (alias.name, record_set.type) for key in records):
            yield f"{prefix}that target was not found"
    elif alias.hosted_zone_id in zone.hosted_zone_ids:
        yield f"{prefix}an alias can't target a record set in a different hosted zone"
    elif not any(is_within(alias.name, domain) for domain in _SERVICE_DOMAINS):
        yield f"{prefix}the alias target name does not lie within the target zone"
    elif alias.hosted_zone_id == CLOUDFRONT_ZONE and alias.evaluate_target_health:
        yield f"{prefix}EvaluateTargetHealth must be false for a CloudFront distribution"
