"""The lever that moves a custom auth domain by the weights of its Route 53 records."""

from dataclasses import replace

from cognito_failover.common.errors import LeverRefusedError, LeverUnavailableError
from cognito_failover.common.region import PerRole, RegionRole, Weights
from cognito_failover.core.model.records import ChangeStatus, Confirmation, DnsWatch, Intent, RecordSet, RecordsSnapshot
from cognito_failover.routing.dns.authoritative_dns import AuthoritativeDns
from cognito_failover.routing.dns.propagation import (
    build_expectations,
    build_questions,
    evaluate_answers,
    list_alias_hosts,
)
from cognito_failover.routing.record_set import get_record_key
from cognito_failover.routing.records.hosted_zone import ChangeRejectedError, DnsZone, RecordAction, RecordChange
from cognito_failover.routing.records.record_group import RecordGroup, get_change_status
from cognito_failover.routing.records.unsupported_records import describe_record_sets, reject_invalid_weights

CONFIRM_BUDGET_SECONDS = 2.5
"""The longest one look at the name servers may take: it has to fit into what a round may spend on its levers."""


class WeightedRecords:
    """Moves a name by the weights of its pair of record sets; a `Lever`.

    Parameters
    ----------
    group
        What the record sets have to look like.
    zone
        The hosted zone that holds them.
    authority
        Who asks the zone's name servers.
    budget_seconds
        The longest one confirmation may take.

    """

    name = "weighted-records"

    def __init__(
        self,
        *,
        group: RecordGroup,
        zone: DnsZone,
        authority: AuthoritativeDns,
        budget_seconds: float = CONFIRM_BUDGET_SECONDS,
    ) -> None:
        self._group = group
        self._zone = zone
        self._authority = authority
        self._budget_seconds = budget_seconds

    def read_records(self) -> RecordsSnapshot:
        """Read the record sets of the name and its beacon; see `Lever.survey`."""
        zone_info = self._zone.get_info()
        domain_name = self._group.domain_name
        if zone_info.is_private:
            raise LeverRefusedError(
                f"The zone {zone_info.name} is private: users outside its VPCs never ask it. Give the public zone's id as "
                f"HOSTED_ZONE_ID."
            )
        if not f".{domain_name}".endswith(f".{zone_info.name}"):
            raise LeverRefusedError(
                f"The zone holds {zone_info.name}, and {domain_name} is no part of it. Give the id of the zone that holds "
                f"DOMAIN_NAME as HOSTED_ZONE_ID."
            )
        record_sets = self._zone.list_record_sets((domain_name, self._group.region_record_name))
        return replace(self._group.parse(record_sets, zone_name=zone_info.name), name_servers=zone_info.name_servers)

    def plan(self, snapshot: RecordsSnapshot, weights: Weights) -> Intent:
        """Return the change to these weights; see `Lever.plan`."""
        return self._group.plan(snapshot, weights)

    def get_change_status(self, intent: Intent, snapshot: RecordsSnapshot) -> ChangeStatus:
        """Tell whether the world is as the intent found it, as it wants it, or somebody else's."""
        return get_change_status(intent, snapshot)

    def submit(self, intent: Intent, current: RecordsSnapshot) -> str:
        """Make the change in one compare-and-set batch and return its id; see `Lever.submit`."""
        reject_invalid_weights(intent.weights)
        _reject_foreign_changes(intent, current)
        try:
            return self._zone.submit(
                _build_changes(current.record_sets, intent.after), comment=self._format_comment(intent)
            )
        except ChangeRejectedError as rejection:
            if "protect" in str(rejection).lower():
                raise LeverRefusedError(
                    f"A record set protection forbids the change. Delete the protection (route53 "
                    f"DeleteResourceRecordSetProtections), or move by hand. Route 53 said: {rejection}"
                ) from rejection
            _reject_foreign_changes(intent, self.read_records())
            raise LeverUnavailableError(
                f"Route 53 rejected the batch though the records are as expected, so they were being changed at that "
                f"moment, or it refuses one of the values; the next round tries again. It said: {rejection}"
            ) from rejection

    def is_in_sync(self, change_id: str) -> bool:
        """Tell whether Route 53 has brought the change to all its servers.

        Raises UnknownChangeError, a LeverUnavailableError, for an id it doesn't know: submit the change again.
        """
        return self._zone.is_in_sync(change_id)

    def confirm(self, watch: DnsWatch, role: RegionRole) -> Confirmation:
        """Ask the authoritative name servers whether everybody is sent to this side; see `Lever.answers`."""
        pairs = self._build_pairs(watch.record_sets)
        dns_answers = self._authority.query(
            watch.name_servers,
            build_questions(pairs),
            hosts=list_alias_hosts(pairs),
            budget_seconds=self._budget_seconds,
        )
        return evaluate_answers(
            dns_answers, build_expectations(pairs, role, dns_answers.addresses), new_region=self._group.regions[role]
        )

    def read_back(self, intent: Intent) -> Confirmation:
        """Tell whether the records are as the intent wants them; see `Lever.read_back`."""
        moved = get_change_status(intent, self.read_records()) is ChangeStatus.APPLIED
        shares = f"{intent.weights.primary} and {intent.weights.standby}"
        state = "read back as" if moved else "not yet"
        return Confirmation(
            moved=moved, unresponsive=(), stale=(), detail=f"The weights of primary and standby are {state} {shares}."
        )

    def _build_pairs(self, record_sets: tuple[RecordSet, ...]) -> tuple[PerRole[RecordSet], ...]:
        by_name: dict[tuple[str, str], dict[RegionRole, RecordSet]] = {}
        for record_set in record_sets:
            name, record_type, _ = get_record_key(record_set)
            by_name.setdefault((name, record_type), {})[self._group.get_role(record_set)] = record_set
        return tuple(
            PerRole(primary=pair[RegionRole.PRIMARY], standby=pair[RegionRole.STANDBY]) for pair in by_name.values()
        )

    def _format_comment(self, intent: Intent) -> str:
        regions = self._group.regions
        return (
            f"cognito-failover: {regions.primary} {intent.weights.primary}, {regions.standby} {intent.weights.standby}"
        )


def _reject_foreign_changes(intent: Intent, current: RecordsSnapshot) -> None:
    if get_change_status(intent, current) is ChangeStatus.CONFLICTING:
        raise LeverRefusedError(
            f"Somebody else changed the records since the move was planned. Expected: {describe_record_sets(intent.before)}. "
            f"Found: {describe_record_sets(current.record_sets)}. They are left alone; acknowledge to go on from how they are now."
        )


def _build_changes(current: tuple[RecordSet, ...], wanted: tuple[RecordSet, ...]) -> tuple[RecordChange, ...]:
    """Return the batch from one to the other.

    What stays the same is in it too: a DELETE of its exact values makes the batch fail in a world that is no longer
    the one that was read, and gives a change id to wait for where nothing differs.
    """
    return (
        *(RecordChange(action=RecordAction.DELETE, record_set=each) for each in current),
        *(RecordChange(action=RecordAction.CREATE, record_set=each) for each in wanted),
    )
