"""Attachment of the health checks to the domain's records and region TXT record."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from cognito_failover.common.errors import LeverRefusedError, UnknownChangeError
from cognito_failover.common.region import PerRole, RegionRole
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.model.records import DnsWatch, RecordSet, RecordsSnapshot
from cognito_failover.core.ports.user_locator import UserLocator
from cognito_failover.core.user_location import confirm_users_on
from cognito_failover.routing.record_set import describe_record_set
from cognito_failover.routing.records.record_group import RecordGroup
from cognito_failover.routing.records.weighted_records import WeightedRecords

_HEALTH_CHECK_KEY = "HealthCheckId"


class RecordsAttachment:
    """Attaches the records' latch; a `LatchAttachmentPoint`.

    Parameters
    ----------
    lever
        Reads and changes the records, by compare-and-set.
    locator
        Observes where users are.
    group
        The role of each record set.
    check_ids
        The latch's check for the primary's records. The check of the standby's target for the standby's records.
    require_lease
        Raises LeverUnavailableError if the lease is over. Called directly before a change of the checks.

    """

    def __init__(
        self,
        *,
        lever: WeightedRecords,
        locator: UserLocator,
        group: RecordGroup,
        check_ids: PerRole[str],
        require_lease: Callable[[], None],
    ) -> None:
        self._lever = lever
        self._locator = locator
        self._group = group
        self._check_ids = check_ids
        self._require_lease = require_lease
        self._change_id = ""

    def is_attached(self) -> bool:
        """Return whether every record set has the check of its role."""
        assignments = self._list_assignments(self._read_records())
        return all(assignment.current == assignment.expected for assignment in assignments)

    def is_detached(self) -> bool:
        """Return whether no record set has the check of its role."""
        assignments = self._list_assignments(self._read_records())
        return not any(assignment.current == assignment.expected for assignment in assignments)

    def attach(self) -> None:
        """Set the check of each record set, in one batch."""
        snapshot = self._read_records()
        self._reject_foreign_checks(snapshot)
        after = tuple(
            {**assignment.record_set, _HEALTH_CHECK_KEY: assignment.expected}
            for assignment in self._list_assignments(snapshot)
        )
        self._require_lease()
        self._submit(snapshot, after)

    def detach(self) -> None:
        """Remove the two checks, in one batch. Other checks stay."""
        snapshot = self._read_records()
        after = tuple(
            {
                key: value
                for key, value in assignment.record_set.items()
                if key != _HEALTH_CHECK_KEY or assignment.current != assignment.expected
            }
            for assignment in self._list_assignments(snapshot)
        )
        self._require_lease()
        self._submit(snapshot, after)

    def describe_pending_change(self) -> str:
        """Return why the last change is not in effect, or an empty string once it is.

        A new process does not know the change's id. It sets the same values again to get one.
        """
        snapshot = self._read_records()
        if not self._change_id:
            self._submit(snapshot, snapshot.record_sets)
        try:
            if not self._lever.is_in_sync(self._change_id):
                return "Route 53 is still propagating the records' health checks to its name servers."
        except UnknownChangeError:
            self._change_id = ""
            return "Route 53 no longer knows the change of the records. The next attempt sets the same values again."
        watch = DnsWatch(record_sets=snapshot.record_sets, name_servers=snapshot.name_servers)
        location = self._locator.locate(SteeredName.RECORDS, watch)
        confirmation = confirm_users_on(location, RegionRole.PRIMARY, region=self._group.regions.primary)
        return "" if confirmation.moved and not confirmation.unresponsive else confirmation.detail

    def reject_foreign_checks(self) -> None:
        """Raise LeverRefusedError if a record set has another check than the one of its role."""
        self._reject_foreign_checks(self._read_records())

    def _read_records(self) -> RecordsSnapshot:
        snapshot = self._lever.read_records()
        if snapshot.missing:
            raise LeverRefusedError(
                f"These record sets do not exist yet: {', '.join(map(describe_record_set, snapshot.missing))}. The "
                f"controller creates them within a minute. In observe-only mode it creates only the TXT pair: create "
                f"the records of the domain yourself. Then repeat."
            )
        return snapshot

    def _list_assignments(self, snapshot: RecordsSnapshot) -> tuple["_CheckAssignment", ...]:
        return tuple(
            _CheckAssignment(
                record_set=record_set,
                current=record_set.get(_HEALTH_CHECK_KEY, ""),
                expected=self._check_ids[self._group.get_role(record_set)],
            )
            for record_set in snapshot.record_sets
        )

    def _reject_foreign_checks(self, snapshot: RecordsSnapshot) -> None:
        for assignment in self._list_assignments(snapshot):
            if assignment.current and assignment.current != assignment.expected:
                raise LeverRefusedError(
                    describe_foreign_check(
                        describe_record_set(assignment.record_set), assignment.current, assignment.expected
                    )
                )

    def _submit(self, snapshot: RecordsSnapshot, after: Iterable[RecordSet]) -> None:
        intent = self._group.build_intent(snapshot, tuple(after), snapshot.weights)
        self._change_id = self._lever.submit(intent, snapshot)


@dataclass(frozen=True, slots=True, kw_only=True)
class _CheckAssignment:
    """A record set, its current check and its expected check; empty for none."""

    record_set: RecordSet
    current: str
    expected: str


def describe_foreign_check(description: str, current: str, expected: str) -> str:
    """Return the refusal to replace another check. The way out is a calculated check of both."""
    return (
        f"{description} already carries the health check {current}, and can carry only one. To keep it, create a "
        f"calculated check of both, which is healthy while both are healthy: aws route53 create-health-check "
        f"--caller-reference both-1 --health-check-config "
        f"Type=CALCULATED,HealthThreshold=2,ChildHealthChecks={current},{expected}. Deploy with its id as the "
        f"parameter RecordsHealthCheckId (DomainHealthCheckId for Cognito's domain, StandbyHealthCheckId for the "
        f"standby's record), remove {current} by hand, then attach again. If {current} was deleted or is no longer "
        f"needed, such as the check of an earlier deployment, only remove it by hand, then attach again."
    )
