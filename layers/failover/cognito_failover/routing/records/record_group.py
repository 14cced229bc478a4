"""The record sets that route a domain name: which are supported, which are missing, how they change."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from cognito_failover.common.errors import LeverRefusedError
from cognito_failover.common.region import PerRole, RegionRole, Weights, route_all_to
from cognito_failover.core.model.records import ChangeStatus, Intent, RecordSet, RecordsSnapshot
from cognito_failover.routing.record_set import (
    ADDRESS_TYPES,
    SERVICE_TYPES,
    STEERING_TYPES,
    are_equal,
    can_steer,
    describe_record_set,
    get_values,
    has_target,
    is_weighted,
    list_names_to,
    parse_addresses_of_type,
    to_absolute_name,
    with_weight,
)
from cognito_failover.routing.records.fence import build_fence, build_fence_name, get_fence_number, parse_fence
from cognito_failover.routing.records.region_txt_record import (
    build_region_record_name,
    build_region_record_pair,
    copy_health_check,
    describe_region_record_problem,
)
from cognito_failover.routing.records.unsupported_records import (
    reject_cname_with_other_types,
    reject_delegation,
    reject_different_ttls,
    reject_different_weights,
    reject_impossible_cname,
    reject_invalid_weights,
    reject_other_policies,
    reject_region_record_conflict,
    reject_same_role,
    reject_service_bindings,
    reject_unbalanced_targets,
    reject_unless_pair,
)
from cognito_failover.settings.controller import Settings

ALIAS_TTL_SECONDS = 60
"""TTL of the answer of an alias to an API Gateway or load balancer name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordGroup:
    """The record sets that the lever expects and changes.

    Attributes
    ----------
    domain_name
        The domain name that users sign in at, absolute and in lower case.
    regions
        The names of the Regions, which the region TXT record answers with.
    targets
        The target of each Region's record: a host name, or comma-separated addresses.
    target_zone_ids
        The hosted zone of each target, if new records must be aliases; otherwise empty.
    ttl_seconds
        The TTL of new records. Existing records keep theirs.

    """

    domain_name: str
    regions: PerRole[str]
    targets: PerRole[str]
    target_zone_ids: PerRole[str]
    ttl_seconds: int

    @classmethod
    def from_settings(cls, settings: Settings) -> "RecordGroup":
        """Build the group from the settings."""
        return cls(
            domain_name=to_absolute_name(settings.domain_name),
            regions=settings.regions,
            targets=settings.targets,
            target_zone_ids=settings.target_zone_ids,
            ttl_seconds=settings.record_ttl_seconds,
        )

    @property
    def fence_name(self) -> str:
        """The name of the fence."""
        return build_fence_name(self.domain_name)

    @property
    def region_record_name(self) -> str:
        """The name of the region TXT record."""
        return build_region_record_name(self.domain_name)

    def list_names(self, zone_name: str) -> tuple[str, ...]:
        """Return the names whose record sets show how the domain is routed: from below the zone's apex down to it."""
        return (*list_names_to(self.domain_name, zone_name=zone_name), self.fence_name, self.region_record_name)

    def parse(self, record_sets: Iterable[RecordSet], *, zone_name: str) -> RecordsSnapshot:
        """Return the snapshot of the record sets at the names of `list_names`.

        Raises
        ------
        LeverRefusedError
            If they are not exactly two weighted record sets per type, one for each Region.

        """
        record_sets = tuple(record_sets)
        at_domain = [
            record_set for record_set in record_sets if to_absolute_name(record_set["Name"]) == self.domain_name
        ]
        at_region_record = [record_set for record_set in record_sets if self._is_region_record(record_set)]
        reject_delegation(record_sets, zone_name=zone_name)
        target_pairs = self._parse_target_pairs(at_domain)
        missing_target_pairs = [] if target_pairs else self._build_missing_pairs(at_domain, zone_name)
        steering_pairs = [*target_pairs, *self._parse_service_pairs(at_domain)]
        pairs = [*missing_target_pairs, *steering_pairs]
        reject_different_weights(pairs)
        first = pairs[0]
        weights = PerRole(primary=first.primary["Weight"], standby=first.standby["Weight"])
        ttl_seconds = max(record_set.get("TTL", ALIAS_TTL_SECONDS) for record_set in _flatten(pairs))
        region_pairs = self._parse_region_pairs(at_region_record)
        missing_region_pairs = (
            []
            if region_pairs
            else [
                build_region_record_pair(
                    first, domain_name=self.domain_name, regions=self.regions, weights=weights, ttl_seconds=ttl_seconds
                )
            ]
        )
        at_fence = [record_set for record_set in record_sets if to_absolute_name(record_set["Name"]) == self.fence_name]
        return RecordsSnapshot(
            weights=weights,
            record_sets=_flatten([*steering_pairs, *region_pairs]),
            missing=_flatten([*missing_target_pairs, *missing_region_pairs]),
            ttl_seconds=ttl_seconds,
            fence=parse_fence(at_fence),
            health_checks=_collect_health_checks([*steering_pairs, *region_pairs]),
            region_record_problem=next(
                (describe_region_record_problem(each, pairs, domain_name=self.domain_name) for each in region_pairs), ""
            ),
        )

    def plan(self, snapshot: RecordsSnapshot, weights: Weights) -> Intent:
        """Return the change to these weights. It changes nothing else in a record set of the domain.

        The region TXT record also gets the health checks of the domain's records, so that both always answer alike.

        Raises
        ------
        LeverRefusedError
            If a weight is out of Route 53's range, or both are 0.

        """
        reject_invalid_weights(weights)
        after = [
            with_weight(record_set, weights[self.get_role(record_set)])
            for record_set in (*snapshot.record_sets, *snapshot.missing)
        ]
        sources = {self.get_role(each): each for each in reversed(after) if not self._is_region_record(each)}
        aligned = tuple(
            copy_health_check(sources[self.get_role(each)], each) if self._is_region_record(each) else each
            for each in after
        )
        return self.build_intent(snapshot, aligned, weights)

    @staticmethod
    def build_intent(snapshot: RecordsSnapshot, after: tuple[RecordSet, ...], weights: Weights) -> Intent:
        """Return the change of these records to others."""
        return Intent(before=snapshot.record_sets, after=after, weights=weights, fence=get_fence_number(snapshot.fence))

    def build_fence(self, number: int) -> RecordSet:
        """Return the fence with this number."""
        return build_fence(self.domain_name, number, ttl_seconds=self.ttl_seconds)

    def get_role(self, record_set: RecordSet) -> RegionRole:
        """Return the Region role of a record set of this group."""
        find_role = self._find_role_by_region if self._is_region_record(record_set) else self._find_role_by_target
        role = find_role(record_set)
        if role is None:
            raise LeverRefusedError(f"{describe_record_set(record_set)} points at the target of neither Region.")
        return role

    def _is_region_record(self, record_set: RecordSet) -> bool:
        return to_absolute_name(record_set["Name"]) == self.region_record_name

    def _find_role_by_target(self, record_set: RecordSet) -> RegionRole | None:
        return next((role for role, target in self.targets if has_target(record_set, target)), None)

    def _find_role_by_region(self, record_set: RecordSet) -> RegionRole | None:
        return next((role for role, region in self.regions if get_values(record_set) == {region}), None)

    @property
    def _expected_targets(self) -> PerRole[str]:
        return PerRole(
            primary=f"{self.targets.primary} ({self.regions.primary})",
            standby=f"{self.targets.standby} ({self.regions.standby})",
        )

    def _parse_target_pairs(self, at_domain: Sequence[RecordSet]) -> list[PerRole[RecordSet]]:
        reject_cname_with_other_types(at_domain, domain_name=self.domain_name)
        return [
            _match_pair(record_sets, self._find_role_by_target, self._expected_targets)
            for record_sets in _group_by_type(at_domain, STEERING_TYPES - SERVICE_TYPES)
        ]

    def _parse_service_pairs(self, at_domain: Sequence[RecordSet]) -> list[PerRole[RecordSet]]:
        """Return the service bindings that steer clients. Those that can't are left alone."""
        groups = _group_by_type(at_domain, SERVICE_TYPES)
        return [self._match_service_pair(record_sets) for record_sets in groups if any(map(can_steer, record_sets))]

    def _match_service_pair(self, record_sets: Sequence[RecordSet]) -> PerRole[RecordSet]:
        by_role = {
            self._find_role_by_target(record_set): record_set for record_set in record_sets if is_weighted(record_set)
        }
        if set(by_role) != set(RegionRole) or len(record_sets) != len(by_role):
            reject_service_bindings(record_sets, self._expected_targets)
        reject_different_ttls(record_sets)
        return PerRole(primary=by_role[RegionRole.PRIMARY], standby=by_role[RegionRole.STANDBY])

    def _parse_region_pairs(self, at_region_record: Sequence[RecordSet]) -> list[PerRole[RecordSet]]:
        reject_region_record_conflict(at_region_record)
        txt_records = [record_set for record_set in at_region_record if record_set["Type"] == "TXT"]
        return [_match_pair(txt_records, self._find_role_by_region, self.regions)] if txt_records else []

    def _build_missing_pairs(self, at_domain: Sequence[RecordSet], zone_name: str) -> list[PerRole[RecordSet]]:
        if self.target_zone_ids.primary:
            # A only: by default, a Regional API domain name has only IPv4 addresses. An existing AAAA pair is adopted.
            return [self._build_missing_pair("A")]
        types = [
            record_type
            for record_type in ADDRESS_TYPES
            if parse_addresses_of_type(self.targets.primary, record_type)
            or parse_addresses_of_type(self.targets.standby, record_type)
        ]
        for record_type in types:
            reject_unbalanced_targets(record_type, self.targets)
        if types:
            return [self._build_missing_pair(record_type) for record_type in types]
        reject_impossible_cname(
            at_domain, domain_name=self.domain_name, zone_name=zone_name, target=self.targets.primary
        )
        return [self._build_missing_pair("CNAME")]

    def _build_missing_pair(self, record_type: str) -> PerRole[RecordSet]:
        weights = route_all_to(RegionRole.PRIMARY)

        def build_record(role: RegionRole) -> RecordSet:
            return {
                "Name": self.domain_name,
                "Type": record_type,
                "SetIdentifier": self.regions[role],
                "Weight": weights[role],
                **self._build_destination(role, record_type),
            }

        return PerRole(primary=build_record(RegionRole.PRIMARY), standby=build_record(RegionRole.STANDBY))

    def _build_destination(self, role: RegionRole, record_type: str) -> RecordSet:
        target = self.targets[role]
        if zone_id := self.target_zone_ids[role]:
            # With EvaluateTargetHealth, Route 53 would move traffic back and forth without the controller.
            alias = {"HostedZoneId": zone_id, "DNSName": to_absolute_name(target), "EvaluateTargetHealth": False}
            return {"AliasTarget": alias}
        values = (
            [to_absolute_name(target)]
            if record_type == "CNAME"
            else sorted(parse_addresses_of_type(target, record_type))
        )
        return {"TTL": self.ttl_seconds, "ResourceRecords": [{"Value": value} for value in values]}


def get_change_status(intent: Intent, snapshot: RecordsSnapshot) -> ChangeStatus:
    """Return whether the records are as after the intent, as before it, or neither.

    With a later fence, another process has changed them since: equal records are then no longer those of the intent. A
    person who sets weights, or deletes the fence, does not make it later.
    """
    fence_number = get_fence_number(snapshot.fence)
    if fence_number <= intent.fence + 1 and are_equal(snapshot.record_sets, intent.after):
        return ChangeStatus.APPLIED
    if fence_number <= intent.fence and are_equal(snapshot.record_sets, intent.before):
        return ChangeStatus.NOT_APPLIED
    return ChangeStatus.CONFLICTING


def _group_by_type(record_sets: Sequence[RecordSet], types: Iterable[str]) -> list[list[RecordSet]]:
    groups = ([record_set for record_set in record_sets if record_set["Type"] == each] for each in sorted(types))
    return [group for group in groups if group]


def _match_pair(
    record_sets: Sequence[RecordSet], find_role: Callable[[RecordSet], RegionRole | None], expected: PerRole[str]
) -> PerRole[RecordSet]:
    """Return the two record sets of one name and type by role, or raise LeverRefusedError."""
    reject_other_policies(record_sets, expected)
    reject_unless_pair(record_sets)
    by_role: dict[RegionRole, RecordSet] = {}
    for record_set in record_sets:
        role = find_role(record_set)
        if role is None:
            raise LeverRefusedError(
                f"{describe_record_set(record_set)} points at neither Region: the primary's target is "
                f"{expected.primary}, the standby's is {expected.standby}. Correct the record, or the settings of the "
                f"targets."
            )
        by_role[role] = record_set
    reject_same_role(record_sets, by_role)
    reject_different_ttls(record_sets)
    return PerRole(primary=by_role[RegionRole.PRIMARY], standby=by_role[RegionRole.STANDBY])


def _collect_health_checks(pairs: Sequence[PerRole[RecordSet]]) -> PerRole[frozenset[str]]:
    def collect(role: RegionRole) -> frozenset[str]:
        return frozenset(pair[role].get("HealthCheckId", "") for pair in pairs)

    return PerRole(primary=collect(RegionRole.PRIMARY), standby=collect(RegionRole.STANDBY))


def _flatten(pairs: Sequence[PerRole[RecordSet]]) -> tuple[RecordSet, ...]:
    return tuple(record_set for pair in pairs for _, record_set in pair)
