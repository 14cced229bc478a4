"""The health checks on the domain's records and their beacon, the latch's among them."""

from collections.abc import Iterable
from dataclasses import dataclass

from cognito_failover.common.errors import LeverRefusedError, UnknownChangeError
from cognito_failover.common.region import PerRole, RegionRole
from cognito_failover.core.model.records import DnsWatch, Intent, RecordSet, RecordsSnapshot
from cognito_failover.routing.record_set import describe_record_set
from cognito_failover.routing.records.record_group import RecordGroup
from cognito_failover.routing.records.weighted_records import WeightedRecords

_HEALTH_CHECK_KEY = "HealthCheckId"


class RecordsAttachment:
    """Attaches the records' latch; an `LatchAttachmentPoint`.

    Parameters
    ----------
    lever
        Reads and changes the records, by compare-and-set.
    group
        Which record set stands for which side.
    checks
        The latch's check, for the primary's records, and the check of the standby's own target, for the standby's.

    """

    def __init__(self, *, lever: WeightedRecords, group: RecordGroup, check_ids: PerRole[str]) -> None:
        self._lever = lever
        self._group = group
        self._check_ids = check_ids
        self._change_id = ""

    def is_attached(self) -> bool:
        """Tell whether every record set carries its side's check."""
        assignments = self._list_assignments(self._read_records())
        return all(each.current == each.expected for each in assignments)

    def is_detached(self) -> bool:
        """Tell whether no record set carries its side's check."""
        assignments = self._list_assignments(self._read_records())
        return not any(each.current == each.expected for each in assignments)

    def attach(self) -> None:
        """Give every record set its side's check, in one batch."""
        snapshot = self._read_records()
        self._reject_foreign_checks(snapshot)
        after = tuple(
            {**each.record_set, _HEALTH_CHECK_KEY: each.expected} for each in self._list_assignments(snapshot)
        )
        self._submit(snapshot, after)

    def detach(self) -> None:
        """Take the two checks away, in one batch; another one is left where it is."""
        snapshot = self._read_records()
        after = tuple(
            {
                key: value
                for key, value in each.record_set.items()
                if key != _HEALTH_CHECK_KEY or each.current != each.expected
            }
            for each in self._list_assignments(snapshot)
        )
        self._submit(snapshot, after)

    def describe_pending_change(self) -> str:
        """Say why the last change has not arrived; asked by another process, the same values are set again."""
        snapshot = self._read_records()
        if not self._change_id:
            self._submit(snapshot, snapshot.record_sets)
        try:
            if not self._lever.is_in_sync(self._change_id):
                return "Route 53 is still bringing the records' health checks to its name servers."
        except UnknownChangeError:
            self._change_id = ""
            return "Route 53 does not know the change of the records any more; the same values are set again."
        watch = DnsWatch(record_sets=snapshot.record_sets, name_servers=snapshot.name_servers)
        confirmation = self._lever.confirm(watch, RegionRole.PRIMARY)
        return "" if confirmation.moved and not confirmation.unresponsive else confirmation.detail

    def reject_foreign_checks(self) -> None:
        """Raise LeverRefusedError if any record set carries another check than its side's."""
        self._reject_foreign_checks(self._read_records())

    def _read_records(self) -> RecordsSnapshot:
        snapshot = self._lever.read_records()
        if snapshot.missing:
            raise LeverRefusedError(
                f"{len(snapshot.missing)} record sets of {self._group.domain_name} do not exist yet. The controller "
                f"creates them within a minute, unless it is set to observe only; then create them, and repeat."
            )
        return snapshot

    def _list_assignments(self, snapshot: RecordsSnapshot) -> tuple["_CheckAssignment", ...]:
        return tuple(
            _CheckAssignment(
                record_set=each,
                current=each.get(_HEALTH_CHECK_KEY, ""),
                expected=self._check_ids[self._group.get_role(each)],
            )
            for each in snapshot.record_sets
        )

    def _reject_foreign_checks(self, snapshot: RecordsSnapshot) -> None:
        for each in self._list_assignments(snapshot):
            if each.current and each.current != each.expected:
                raise LeverRefusedError(
                    describe_foreign_check(describe_record_set(each.record_set), each.current, each.expected)
                )

    def _submit(self, snapshot: RecordsSnapshot, after: Iterable[RecordSet]) -> None:
        intent = Intent(before=snapshot.record_sets, after=tuple(after), weights=snapshot.weights)
        self._change_id = self._lever.submit(intent, snapshot)


@dataclass(frozen=True, slots=True, kw_only=True)
class _CheckAssignment:
    """A record set, the check it has, and the one it should have; empty for none."""

    record_set: RecordSet
    current: str
    expected: str


def describe_foreign_check(description: str, current: str, expected: str) -> str:
    """Return the refusal to replace somebody's check, with a check of both as the way out."""
    return (
        f"{description} already carries the health check {current}, and can carry only one. To keep it, make a calculated check "
        f"of both, which is healthy while both are: aws route53 create-health-check --caller-reference both-1 "
        f"--health-check-config Type=CALCULATED,HealthThreshold=2,ChildHealthChecks={current},{expected}. Deploy with its id "
        f"as the parameter RecordsHealthCheckId (DomainHealthCheckId for Cognito's domain, StandbyHealthCheckId for "
        f"the standby's record), take {current} off by hand, and attach. If {current} is no longer needed, such as the "
        f"check of an earlier deployment, take it off by hand, and attach."
    )
