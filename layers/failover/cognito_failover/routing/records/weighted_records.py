"""The lever that moves users of a custom auth domain by the weights of its Route 53 records."""

from dataclasses import replace

from cognito_failover.common.errors import LeverRefusedError, LeverUnavailableError, RecordsChangedError
from cognito_failover.common.region import Weights
from cognito_failover.core.model.records import ChangeStatus, Confirmation, Intent, RecordsSnapshot
from cognito_failover.routing.records.fence import get_fence_number
from cognito_failover.routing.records.hosted_zone import ChangeRejectedError, DnsZone, RecordAction, RecordChange
from cognito_failover.routing.records.record_group import RecordGroup, get_change_status
from cognito_failover.routing.records.unsupported_records import describe_record_sets, reject_invalid_weights

_PROTECTION_PHRASE = "record set protection"
"""A part of Route 53's message. Domain names have no spaces, so it is not a part of a name in the message."""


class WeightedRecords:
    """Moves users of a domain by the weights of its pair of record sets; a `Lever`.

    Parameters
    ----------
    group
        The expected record sets.
    zone
        The hosted zone that holds them.

    """

    name = "weighted-records"

    def __init__(self, *, group: RecordGroup, zone: DnsZone) -> None:
        self._group = group
        self._zone = zone

    def read_records(self) -> RecordsSnapshot:
        """Read the records of the domain; see `Lever.read_records`."""
        zone_info = self._zone.get_info()
        domain_name = self._group.domain_name
        if zone_info.is_private:
            raise LeverRefusedError(
                f"The zone {zone_info.name} is private: users outside its VPCs cannot query it. Set HOSTED_ZONE_ID to "
                f"the id of the public zone."
            )
        if not f".{domain_name}".endswith(f".{zone_info.name}"):
            raise LeverRefusedError(
                f"The zone holds {zone_info.name}, and {domain_name} is not part of it. Set HOSTED_ZONE_ID to the id "
                f"of the zone that holds DOMAIN_NAME."
            )
        record_sets = self._zone.list_record_sets(self._group.list_names(zone_info.name))
        return replace(self._group.parse(record_sets, zone_name=zone_info.name), name_servers=zone_info.name_servers)

    def plan(self, snapshot: RecordsSnapshot, weights: Weights) -> Intent:
        """Return the change to these weights; see `Lever.plan`."""
        return self._group.plan(snapshot, weights)

    def get_change_status(self, intent: Intent, snapshot: RecordsSnapshot) -> ChangeStatus:
        """Return whether the records are as before the intent, as after it, or neither."""
        return get_change_status(intent, snapshot)

    def submit(self, intent: Intent, current: RecordsSnapshot | None = None) -> str:
        """Make the change in one compare-and-set batch and return its id; see `Lever.submit`."""
        reject_invalid_weights(intent.weights)
        if current is not None:
            _reject_foreign_changes(intent, current)
        try:
            return self._zone.submit(self._build_changes(intent, current), comment=self._format_comment(intent))
        except ChangeRejectedError as rejection:
            if _PROTECTION_PHRASE in str(rejection).lower():
                raise LeverRefusedError(
                    f"A record set protection blocks the change. Delete the protection (route53 "
                    f"DeleteResourceRecordSetProtections), or move users by hand. Route 53 said: {rejection}"
                ) from rejection
            raise RecordsChangedError(
                f"Route 53 rejected the change. Another process or person has changed the records or their fence since "
                f"they were read, or Route 53 refuses one of the values. The next round reads them again. Route 53 "
                f"said: {rejection}"
            ) from rejection

    def raise_fence(self, snapshot: RecordsSnapshot, *, above: int) -> None:
        """Replace the fence unless it is higher already; see `Lever.raise_fence`."""
        if get_fence_number(snapshot.fence) > above:
            return
        old = (RecordChange(action=RecordAction.DELETE, record_set=snapshot.fence),) if snapshot.fence else ()
        new = RecordChange(action=RecordAction.CREATE, record_set=self._group.build_fence(above + 1))
        try:
            self._zone.submit((*old, new), comment="cognito-failover: fence")
        except ChangeRejectedError as rejection:
            raise LeverUnavailableError(f"Route 53 rejected the next fence: {rejection}") from rejection

    def is_in_sync(self, change_id: str) -> bool:
        """Return whether all Route 53 servers have the change.

        Raise UnknownChangeError, a LeverUnavailableError, for an unknown id: submit the change again.
        """
        return self._zone.is_in_sync(change_id)

    def read_back(self, intent: Intent) -> Confirmation:
        """Return whether the records are as intended; see `Lever.read_back`."""
        moved = get_change_status(intent, self.read_records()) is ChangeStatus.APPLIED
        shares = f"{intent.weights.primary} and {intent.weights.standby}"
        state = "read back as" if moved else "not yet"
        return Confirmation(
            moved=moved, unresponsive=(), stale=(), detail=f"The weights of primary and standby are {state} {shares}."
        )

    def _build_changes(self, intent: Intent, current: RecordsSnapshot | None) -> tuple[RecordChange, ...]:
        """Return the batch that replaces the current record sets and their fence by the desired ones.

        Without a snapshot, the current ones are those that the intent was planned with. The batch contains unchanged
        record sets too. A DELETE of exact values makes it fail if the zone has changed since the read. It also gives a
        change id to wait for if nothing differs.
        """
        planned_fence = self._group.build_fence(intent.fence) if intent.fence else None
        fence = current.fence if current else planned_fence
        current_fence = (fence,) if fence else ()
        record_sets = current.record_sets if current else intent.before
        desired = (*intent.after, self._group.build_fence(intent.fence + 1))
        return (
            *(RecordChange(action=RecordAction.DELETE, record_set=each) for each in (*record_sets, *current_fence)),
            *(RecordChange(action=RecordAction.CREATE, record_set=each) for each in desired),
        )

    def _format_comment(self, intent: Intent) -> str:
        regions = self._group.regions
        return (
            f"cognito-failover: {regions.primary} {intent.weights.primary}, {regions.standby} {intent.weights.standby}"
        )


def _reject_foreign_changes(intent: Intent, current: RecordsSnapshot) -> None:
    if get_change_status(intent, current) is ChangeStatus.CONFLICTING:
        raise LeverRefusedError(
            f"The records were changed externally after this move was planned. Expected: "
            f"{describe_record_sets(intent.before)}, after change {intent.fence}. Found: "
            f"{describe_record_sets(current.record_sets)}, after change {get_fence_number(current.fence)}. The "
            f"controller leaves them unchanged. Check them. To continue from their current weights, run failoverctl "
            f"acknowledge."
        )
