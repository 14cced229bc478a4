"""The record sets that steer a domain name: which of them are understood, which lack, how they change."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from failover.errors import LeverRefusedError
from failover.levers.beacon import beacon_name, beacon_pair
from failover.levers.lever import Intent, RecordSet, Standing, Survey
from failover.levers.record_refusals import (
    refuse_cname_beside_others,
    refuse_delegation,
    refuse_different_ttls,
    refuse_different_weights,
    refuse_impossible_cname,
    refuse_one_sided,
    refuse_other_policies,
    refuse_same_side,
    refuse_taken_beacon,
    refuse_unless_two,
    refuse_unusable,
)
from failover.levers.records import (
    ADDRESS_TYPES,
    STEERING_TYPES,
    absolute,
    addresses_of,
    describe,
    points_at,
    same,
    values_of,
    with_weight,
)
from failover.region import PerSide, Side, Weights, all_to
from failover.settings import Settings

ALIAS_TTL_SECONDS = 60
"""How long resolvers keep the answer of an alias to an API Gateway or load balancer name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordGroup:
    """What the domain's record sets have to look like for the lever to touch them.

    Attributes
    ----------
    domain_name
        The name users sign in at, absolute and in lower case.
    regions
        The Region of each side, which the beacon names.
    targets
        What each side's record points at: a host name, or addresses separated by commas.
    target_zone_ids
        The hosted zone of each target, where records to be created shall be aliases; otherwise empty.
    ttl_seconds
        The TTL of records to be created; existing ones keep theirs.

    """

    domain_name: str
    regions: PerSide[str]
    targets: PerSide[str]
    target_zone_ids: PerSide[str]
    ttl_seconds: int

    @classmethod
    def from_settings(cls, settings: Settings) -> "RecordGroup":
        """Take what concerns the records from the settings."""
        return cls(
            domain_name=absolute(settings.domain_name),
            regions=settings.regions,
            targets=settings.targets,
            target_zone_ids=settings.target_zone_ids,
            ttl_seconds=settings.record_ttl_seconds,
        )

    @property
    def beacon_name(self) -> str:
        """The name of the beacon."""
        return beacon_name(self.domain_name)

    def understand(self, found: Iterable[RecordSet], *, zone_name: str) -> Survey:
        """Read the record sets found at the domain's and the beacon's names.

        Raises
        ------
        LeverRefusedError
            If they are anything but two weighted record sets per type, one for each side.

        """
        found = tuple(found)
        at_domain = [each for each in found if absolute(each["Name"]) == self.domain_name]
        at_beacon = [each for each in found if absolute(each["Name"]) == self.beacon_name]
        refuse_delegation(at_domain, domain_name=self.domain_name, zone_name=zone_name)
        steering = self._steering_pairs(at_domain)
        created = [] if steering else self._new_pairs(at_domain, zone_name)
        pairs = steering or created
        refuse_different_weights(pairs)
        first = pairs[0]
        weights = PerSide(primary=first.primary["Weight"], standby=first.standby["Weight"])
        ttl_seconds = max(record_set.get("TTL", ALIAS_TTL_SECONDS) for record_set in _flat(pairs))
        beacon = self._beacon_pairs(at_beacon)
        lit = (
            []
            if beacon
            else [
                beacon_pair(
                    first, domain_name=self.domain_name, regions=self.regions, weights=weights, ttl_seconds=ttl_seconds
                )
            ]
        )
        return Survey(
            weights=weights,
            record_sets=_flat([*steering, *beacon]),
            lacking=_flat([*created, *lit]),
            ttl_seconds=ttl_seconds,
            checks=_checks([*steering, *beacon]),
        )

    def plan(self, survey: Survey, weights: Weights) -> Intent:
        """Return the change to these weights; nothing else in any record set differs.

        Raises
        ------
        LeverRefusedError
            If a weight is out of Route 53's range, or both are 0.

        """
        refuse_unusable(weights)
        after = tuple(
            with_weight(record_set, weights[self.side_of(record_set)])
            for record_set in (*survey.record_sets, *survey.lacking)
        )
        return Intent(before=survey.record_sets, after=after, weights=weights)

    def side_of(self, record_set: RecordSet) -> Side:
        """Tell which side one of our own record sets stands for."""
        of_beacon = absolute(record_set["Name"]) == self.beacon_name
        side = self._beacon_side(record_set) if of_beacon else self._target_side(record_set)
        if side is None:
            raise LeverRefusedError(f"{describe(record_set)} points at neither side's target.")
        return side

    def _target_side(self, record_set: RecordSet) -> Side | None:
        return next((side for side, target in self.targets if points_at(record_set, target)), None)

    def _beacon_side(self, record_set: RecordSet) -> Side | None:
        return next((side for side, region in self.regions if values_of(record_set) == {region}), None)

    def _steering_pairs(self, at_domain: Sequence[RecordSet]) -> list[PerSide[RecordSet]]:
        refuse_cname_beside_others(at_domain, domain_name=self.domain_name)
        by_type = (
            [each for each in at_domain if each["Type"] == record_type] for record_type in sorted(STEERING_TYPES)
        )
        expected = PerSide(
            primary=f"{self.targets.primary} ({self.regions.primary})",
            standby=f"{self.targets.standby} ({self.regions.standby})",
        )
        return [_pair(record_sets, self._target_side, expected) for record_sets in by_type if record_sets]

    def _beacon_pairs(self, at_beacon: Sequence[RecordSet]) -> list[PerSide[RecordSet]]:
        refuse_taken_beacon(at_beacon)
        texts = [each for each in at_beacon if each["Type"] == "TXT"]
        return [_pair(texts, self._beacon_side, self.regions)] if texts else []

    def _new_pairs(self, at_domain: Sequence[RecordSet], zone_name: str) -> list[PerSide[RecordSet]]:
        if self.target_zone_ids.primary:
            # A only: an API's Regional domain name has IPv4 addresses unless asked otherwise. An AAAA pair is adopted.
            return [self._new_pair("A")]
        types = [
            record_type
            for record_type in ADDRESS_TYPES
            if addresses_of(self.targets.primary, record_type) or addresses_of(self.targets.standby, record_type)
        ]
        for record_type in types:
            refuse_one_sided(record_type, self.targets)
        if types:
            return [self._new_pair(record_type) for record_type in types]
        refuse_impossible_cname(
            at_domain, domain_name=self.domain_name, zone_name=zone_name, target=self.targets.primary
        )
        return [self._new_pair("CNAME")]

    def _new_pair(self, record_type: str) -> PerSide[RecordSet]:
        weights = all_to(Side.PRIMARY)

        def one(side: Side) -> RecordSet:
            return {
                "Name": self.domain_name,
                "Type": record_type,
                "SetIdentifier": self.regions[side],
                "Weight": weights[side],
                **self._destination(side, record_type),
            }

        return PerSide(primary=one(Side.PRIMARY), standby=one(Side.STANDBY))

    def _destination(self, side: Side, record_type: str) -> RecordSet:
        target = self.targets[side]
        if zone_id := self.target_zone_ids[side]:
            # Evaluating the target's health would let Route 53 move traffic back and forth on its own.
            alias = {"HostedZoneId": zone_id, "DNSName": absolute(target), "EvaluateTargetHealth": False}
            return {"AliasTarget": alias}
        values = [absolute(target)] if record_type == "CNAME" else sorted(addresses_of(target, record_type))
        return {"TTL": self.ttl_seconds, "ResourceRecords": [{"Value": value} for value in values]}


def standing(intent: Intent, survey: Survey) -> Standing:
    """Tell whether the world is as the intent wants it, as it found it, or somebody else's."""
    if same(survey.record_sets, intent.after):
        return Standing.AFTER
    if same(survey.record_sets, intent.before):
        return Standing.BEFORE
    return Standing.FOREIGN


def _pair(
    record_sets: Sequence[RecordSet], side_of: Callable[[RecordSet], Side | None], expected: PerSide[str]
) -> PerSide[RecordSet]:
    """Tell the two record sets of one name and type apart, or refuse them."""
    refuse_other_policies(record_sets, expected)
    refuse_unless_two(record_sets)
    by_side: dict[Side, RecordSet] = {}
    for record_set in record_sets:
        side = side_of(record_set)
        if side is None:
            raise LeverRefusedError(
                f"{describe(record_set)} points at neither side: the primary's is {expected.primary}, the standby's "
                f"{expected.standby}. Correct the record, or the settings that name the two."
            )
        by_side[side] = record_set
    refuse_same_side(record_sets, by_side)
    refuse_different_ttls(record_sets)
    return PerSide(primary=by_side[Side.PRIMARY], standby=by_side[Side.STANDBY])


def _checks(pairs: Sequence[PerSide[RecordSet]]) -> PerSide[frozenset[str]]:
    def of(side: Side) -> frozenset[str]:
        return frozenset(pair[side].get("HealthCheckId", "") for pair in pairs)

    return PerSide(primary=of(Side.PRIMARY), standby=of(Side.STANDBY))


def _flat(pairs: Sequence[PerSide[RecordSet]]) -> tuple[RecordSet, ...]:
    return tuple(record_set for pair in pairs for _, record_set in pair)
