"""Attaches and detaches latches. The order of the steps ensures that none of them moves users."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from cognito_failover.common.error_boundary import translate_unexpected_errors
from cognito_failover.common.errors import (
    FailoverError,
    LedgerConflictError,
    LedgerUnavailableError,
    LeverRefusedError,
    LeverUnavailableError,
)
from cognito_failover.common.region import Instant, RegionRole
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.controller.bounded_calls import RoundBudget
from cognito_failover.core.model.event import Event, EventKind
from cognito_failover.core.model.records import DnsWatch, RecordSet
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.operator.attachment_rules import (
    describe_thrown_latches,
    find_attachment_blocker,
    record_detachment,
)
from cognito_failover.core.operator.request import OperatorAction
from cognito_failover.core.ports.latch import Latch, LatchAttachmentPoint
from cognito_failover.core.ports.stores import LeaseStore, StateStore
from cognito_failover.core.ports.user_locator import UserLocator
from cognito_failover.core.user_location import confirm_users_on
from cognito_failover.routing.health_check_status import HealthCheckReader, HealthCheckStatus, HealthVerdict
from cognito_failover.routing.latch.stack_policy import StackProtection
from cognito_failover.routing.latch.state_txt_record import LatchStateRecord
from cognito_failover.routing.record_set import list_names_to, to_absolute_name
from cognito_failover.routing.records.hosted_zone import ChangeRejectedError, DnsZone, RecordChange
from cognito_failover.routing.records.hosted_zone import RecordAction as Edit
from cognito_failover.routing.records.unsupported_records import describe_record_sets, reject_delegation
from cognito_failover.settings.controller import Settings
from cognito_failover.storage.journal import Journal

POLL_SECONDS = 2.0
"""Interval between checks while waiting."""

SHUTDOWN_SECONDS = 12.0
"""Time reserved for the end of an invocation: to finish a started step, and to answer."""

LEASE_SECONDS = 20.0
"""Duration of the lease that stops rounds during a change. It is released as soon as the change is made."""

_MAX_CONFLICTS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachableLatch:
    """A latch with all that attaching it needs.

    Attributes
    ----------
    latch
        The latch. It must stay released during all steps.
    attachment_point
        What its health check is attached to.
    state_record
        Shows the state of the check after attaching. While it exists, the controller uses the latch.
    settling_record
        Shows the state of the check before attaching.

    """

    latch: Latch
    attachment_point: LatchAttachmentPoint
    state_record: LatchStateRecord
    settling_record: LatchStateRecord

    @property
    def name(self) -> SteeredName:
        """The latch's name: what it moves."""
        return self.latch.name


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachResult:
    """The result: whether all steps are done, a message, and what refused it, if anything."""

    done: bool
    message: str
    refused_by: str = ""

    @property
    def answer(self) -> dict[str, Any]:
        """The answer to the person."""
        refusal = {"refused_by": self.refused_by} if self.refused_by else {}
        return {"done": self.done, "message": self.message, **refusal}


class _StillWaitingError(FailoverError):
    """A step needs more time than this invocation has. The message says which."""


class _UnsafeNowError(FailoverError):
    """Users are being moved, or not all users are on the primary. The message says which."""


class AttachmentStore(StateStore, LeaseStore, Protocol):
    """The parts of the ledger that attaching a latch uses."""


class LatchAttacher:
    """Attaches and detaches latches. Every step is idempotent and continues from what it finds.

    A health check is attached to what routes users only after every name server treats the check as healthy. The
    settling record shows that: a pair of records that no client reads. The state record, by which the controller knows
    that a latch is attached, is created last and deleted first.

    Parameters
    ----------
    attachable_latches
        One for each latch.
    settings
        The names of the Regions.
    zone
        Holds the state records.
    locator
        Queries name servers for the Region that a state TXT record answers with.
    ledger
        State and lease, shared with the controller. The lease stops rounds during a change.
    health_checks
        Reads the status of the health checks.
    protection
        Prevents stack updates from replacing or removing what an attached latch needs.
    round_budget
        Limits the calls to the ledger.
    clock, sleep
        Seconds since the epoch, and a function that waits.

    """

    def __init__(
        self,
        attachable_latches: Sequence[AttachableLatch],
        *,
        settings: Settings,
        zone: DnsZone,
        locator: UserLocator,
        ledger: AttachmentStore,
        health_checks: HealthCheckReader,
        protection: StackProtection,
        round_budget: RoundBudget,
        clock: Callable[[], Instant],
        sleep: Callable[[float], None],
    ) -> None:
        self._attachable_latches = attachable_latches
        self._settings = settings
        self._zone = zone
        self._locator = locator
        self._ledger = ledger
        self._health_checks = health_checks
        self._protection = protection
        self._round_budget = round_budget
        self._clock = clock
        self._sleep = sleep

    def run(self, action: OperatorAction, owner: str, remaining_seconds: Callable[[], float]) -> AttachResult:
        """Make as many steps as there is time for.

        Parameters
        ----------
        action
            Attach or detach.
        owner
            Unique name of this invocation, for the lease.
        remaining_seconds
            Returns how long the process may still run.

        """
        invocation_budget = _InvocationBudget(owner=owner, remaining_seconds=remaining_seconds)
        try:
            return self._attach_or_detach(action, invocation_budget)
        except _StillWaitingError as waiting:
            message = f"{waiting} No users were moved. Repeat the same event in a minute; it continues from here."
            return AttachResult(done=False, message=message)
        except _UnsafeNowError as reason:
            return AttachResult(
                done=False, message=f"Refused; nothing more was changed: {reason}", refused_by="at-rest"
            )
        except LeverRefusedError as error:
            return AttachResult(done=False, message=f"Refused; nothing more was changed: {error}", refused_by="lever")
        except (LeverUnavailableError, ChangeRejectedError, LedgerUnavailableError, LedgerConflictError) as error:
            message = (
                f"Not finished: {error} No users were moved. Repeat the same event; it continues from what it finds."
            )
            return AttachResult(done=False, message=message)

    def _attach_or_detach(self, action: OperatorAction, invocation_budget: "_InvocationBudget") -> AttachResult:
        changed = (
            self._attach(invocation_budget) if action is OperatorAction.ATTACH else self._detach(invocation_budget)
        )
        names = " and the ".join(attachable.name for attachable in self._attachable_latches)
        state = "attached" if action is OperatorAction.ATTACH else "detached"
        message = f"The latch of the {names} is {state}; no users were moved."
        if changed:
            self._save(lambda state: state, Event(kind=EventKind.ATTACHMENT, at=self._clock(), message=message))
        protection_message = self._protect_stack(action)
        return AttachResult(
            done=True,
            message=f"{message} The controller uses the change within a minute. {protection_message}".rstrip(),
        )

    def _protect_stack(self, action: OperatorAction) -> str:
        """Protect an attached latch from stack updates, or end that. Return the result as a sentence."""
        try:
            if action is OperatorAction.DETACH:
                self._protection.unprotect()
                return ""
            remaining_advice = self._protection.protect()
        except LeverUnavailableError as error:
            return f"The stack policy could not be changed: {error} Repeat the same event, or see docs/latch.md."
        return remaining_advice or "Until it is detached, CloudFormation refuses to replace or remove its resources."

    def _attach(self, invocation_budget: "_InvocationBudget") -> bool:
        changed = False
        for attachable in self._attachable_latches:
            self._require_released(attachable)
            self._reject_taken_name(attachable)
            attachable.attachment_point.reject_foreign_checks()
            self._reject_fixed_check(attachable.name)
        if any(attachable.name is SteeredName.RECORDS for attachable in self._attachable_latches):
            self._wait_until_unblocked(self._describe_unknown_standby, invocation_budget)
        for attachable in self._attachable_latches:
            if not self._find_state_records(attachable) and not attachable.attachment_point.is_attached():
                changed |= self._replace(
                    (), attachable.settling_record.record_sets, f"{attachable.name}: show its check"
                )
        for attachable in self._attachable_latches:
            if not attachable.attachment_point.is_attached():
                self._wait_until_unblocked(partial(self._find_unsettled_reason, attachable), invocation_budget)
                self._run_with_lease(partial(self._attach_one, attachable), invocation_budget)
                changed = True
        for attachable in self._attachable_latches:
            if not self._find_existing_records(attachable.state_record):
                self._wait_until_unblocked(attachable.attachment_point.describe_pending_change, invocation_budget)
                self._require_released(attachable)
                settling_records = self._find_existing_records(attachable.settling_record)
                changed |= self._replace(
                    settling_records, attachable.state_record.record_sets, f"{attachable.name}: attached"
                )
        return changed

    def _detach(self, invocation_budget: "_InvocationBudget") -> bool:
        changed = False
        for attachable in self._attachable_latches:
            self._require_released(attachable)
        for attachable in self._attachable_latches:
            existing_records = (
                *self._find_existing_records(attachable.state_record),
                *self._find_existing_records(attachable.settling_record),
            )
            if existing_records:
                # Saved before: to the controller, a removed record alone is no detachment.
                self._save(partial(record_detachment, name=attachable.name))
                changed |= self._replace(existing_records, (), f"{attachable.name}: detached")
            if not attachable.attachment_point.is_detached():
                self._run_with_lease(partial(self._detach_one, attachable), invocation_budget)
                changed = True
            # The controller may have read the records again before they were removed.
            self._save(partial(record_detachment, name=attachable.name))
        return changed

    def _attach_one(self, attachable: AttachableLatch) -> None:
        self._require_released(attachable)
        attachable.attachment_point.attach()

    def _detach_one(self, attachable: AttachableLatch) -> None:
        self._require_released(attachable)
        attachable.attachment_point.detach()

    def _require_released(self, attachable: AttachableLatch) -> None:
        if why := describe_thrown_latches({attachable.name: attachable.latch.refresh(thrown=False)}):
            raise _UnsafeNowError(why)

    def _reject_taken_name(self, attachable: AttachableLatch) -> None:
        zone_name = self._zone.get_info().name
        for record in (attachable.state_record, attachable.settling_record):
            if not f".{record.name}".endswith(f".{zone_name}"):
                raise LeverRefusedError(
                    f"The state record of the latch of the {attachable.name} is {record.name}, but the zone in "
                    f"HOSTED_ZONE_ID is {zone_name}. Use the zone of both domains."
                )
            record_sets = self._zone.list_record_sets(list_names_to(record.name, zone_name=zone_name))
            reject_delegation(record_sets, zone_name=zone_name)
            at_name = [each for each in record_sets if to_absolute_name(each["Name"]) == record.name]
            if at_name and not record.find_in(at_name):
                raise LeverRefusedError(
                    f"The name of the latch's state record is taken: {describe_record_sets(at_name)}. If these record "
                    f"sets are left from an earlier deployment, delete them and attach again."
                )

    def _reject_fixed_check(self, name: SteeredName) -> None:
        """Raise LeverRefusedError if the latch's check does not exist, or does not depend on the switch."""
        status = self._read_check(self._settings.latch_check_ids[name])
        if status.verdict is HealthVerdict.MISSING:
            raise LeverRefusedError(_describe_missing_check(status.check_id, f"latch of the {name}"))
        if status.defects:
            raise LeverRefusedError(
                f"The health check of the latch of the {name} does not follow the latch: {'; '.join(status.defects)}. "
                f"Enable each disabled check (aws route53 update-health-check --health-check-id ID --no-disabled), "
                f"replace each missing one, then attach again."
            )

    def _describe_unknown_standby(self) -> str:
        """Return why the verdict of the standby's check is unknown; empty if it is healthy.

        Raises
        ------
        LeverRefusedError
            If it does not exist, or is unhealthy: then the latch would move no users.

        """
        status = self._read_check(self._settings.standby_check_id)
        match status.verdict:
            case HealthVerdict.HEALTHY:
                return ""
            case HealthVerdict.UNKNOWN:
                return (
                    f"The status of the health check {status.check_id} of the standby's record is unknown: "
                    f"{status.reason}. If it stays unknown, deploy with another check as StandbyHealthCheckId."
                )
            case HealthVerdict.MISSING:
                raise LeverRefusedError(_describe_missing_check(status.check_id, "standby's record"))
            case HealthVerdict.UNHEALTHY:
                raise LeverRefusedError(
                    f"The health check {status.check_id} of the standby's record is unhealthy: {status.reason}. While "
                    f"it is, Route 53 does not answer with {self._settings.standby_target}. The latch would move no "
                    f"users. Permit Route 53's health checkers (aws route53 get-checker-ip-ranges) there, or correct "
                    f"the check. Then attach again."
                )

    def _read_check(self, check_id: str) -> HealthCheckStatus:
        with translate_unexpected_errors(
            LeverUnavailableError, error_type=LeverUnavailableError, description=f"Reading the health check {check_id}"
        ):
            try:
                return self._health_checks.read_status(check_id)
            except (BotoCoreError, ClientError) as error:
                raise LeverUnavailableError(
                    f"The status of the health check {check_id} can't be read: {error}."
                ) from error

    def _find_unsettled_reason(self, attachable: AttachableLatch) -> str:
        """Return why the check can't be attached yet; empty once every name server treats it as healthy."""
        existing_records = self._find_state_records(attachable)
        dns_watch = DnsWatch(record_sets=existing_records, name_servers=self._zone.get_info().name_servers)
        location = self._locator.locate(attachable.name, dns_watch)
        confirmation = confirm_users_on(location, RegionRole.PRIMARY, region=self._settings.regions.primary)
        if confirmation.moved and not confirmation.unresponsive:
            return ""
        return (
            f"Not all name servers treat the health check of the latch of the {attachable.name} as healthy yet: "
            f"{confirmation.detail}"
        )

    def _find_state_records(self, attachable: AttachableLatch) -> tuple[RecordSet, ...]:
        """Return the pair of records that shows the check now: settling or state records."""
        return self._find_existing_records(attachable.settling_record) or self._find_existing_records(
            attachable.state_record
        )

    def _find_existing_records(self, state_record: LatchStateRecord) -> tuple[RecordSet, ...]:
        return state_record.find_in(self._zone.list_record_sets((state_record.name,)))

    def _replace(self, old: Sequence[RecordSet], new: Sequence[RecordSet], comment: str) -> bool:
        changes = (
            *(RecordChange(action=Edit.DELETE, record_set=each) for each in old),
            *(RecordChange(action=Edit.CREATE, record_set=each) for each in new),
        )
        self._zone.submit(changes, comment=f"cognito-failover: latch of the {comment}")
        return True

    def _wait_until_unblocked(self, find_blocker: Callable[[], str], invocation_budget: "_InvocationBudget") -> None:
        while reason := find_blocker():
            if invocation_budget.remaining_seconds() < SHUTDOWN_SECONDS:
                raise _StillWaitingError(reason)
            self._sleep(POLL_SECONDS)

    def _run_with_lease(self, change: Callable[[], None], invocation_budget: "_InvocationBudget") -> None:
        """Change what routes users while no round runs. A move must not start from the records before the change."""

        def find_blocker() -> str:
            self._round_budget.start_round(LEASE_SECONDS)
            is_acquired = self._ledger.acquire_lease(invocation_budget.owner, now=self._clock(), seconds=LEASE_SECONDS)
            return "" if is_acquired else "The controller has the lease, and its rounds leave no gap between them."

        self._wait_until_unblocked(find_blocker, invocation_budget)
        try:
            saved = self._ledger.load()
            if saved and (reason := find_attachment_blocker(saved.state, self._settings)):
                raise _UnsafeNowError(reason)
            change()
        finally:
            self._round_budget.start_round(self._settings.round_interval_seconds)
            self._ledger.release_lease(invocation_budget.owner)

    def _save(self, change: Callable[[ControllerState], ControllerState], *events: Event) -> None:
        """Save a change of the state, if there is any, and events. Retry if the controller saves at the same time."""
        for _ in range(_MAX_CONFLICTS):
            self._round_budget.start_round(self._settings.round_interval_seconds)
            journal = Journal(self._ledger, self._ledger.load())
            if not journal.has_state or (not events and change(journal.state) == journal.state):
                return
            try:
                journal.save(change(journal.state), events)
            except LedgerConflictError:
                continue
            return


def _describe_missing_check(check_id: str, user: str) -> str:
    return (
        f"The health check {check_id} of the {user} does not exist in this account. Route 53 refuses every change of a "
        f"record that names it. If it is the stack's, deploy with LatchType=none, then with the latch. If it is your "
        f"own, deploy with the id of an existing one. Then attach again."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _InvocationBudget:
    """One invocation: its name, and how long it may still run."""

    owner: str
    remaining_seconds: Callable[[], float]
