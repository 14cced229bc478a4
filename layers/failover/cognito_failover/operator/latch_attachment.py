"""Attaches latches to what they move, and detaches them, in an order in which no step can move anybody."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from cognito_failover.common.errors import (
    FailoverError,
    LedgerConflictError,
    LedgerUnavailableError,
    LeverRefusedError,
    LeverUnavailableError,
)
from cognito_failover.common.latch_name import LatchName
from cognito_failover.common.region import Instant, RegionRole
from cognito_failover.controller.bounded_calls import RoundBudget
from cognito_failover.core.model.event import Event, EventKind
from cognito_failover.core.model.records import DnsWatch, RecordSet
from cognito_failover.core.operator.attachment_rules import describe_thrown_latches, find_attachment_blocker
from cognito_failover.core.operator.request import OperatorAction
from cognito_failover.core.ports.latch import Latch, LatchAttachmentPoint
from cognito_failover.core.ports.stores import LeaseStore, StateStore
from cognito_failover.routing.dns.authoritative_dns import AuthoritativeDns
from cognito_failover.routing.latch.stack_policy import StackProtection
from cognito_failover.routing.latch.state_txt_record import LatchStateRecord
from cognito_failover.routing.records.hosted_zone import ChangeRejectedError, DnsZone, RecordChange
from cognito_failover.routing.records.hosted_zone import RecordAction as Edit
from cognito_failover.routing.records.unsupported_records import describe_record_sets
from cognito_failover.settings.controller import Settings
from cognito_failover.storage.journal import Journal

POLL_SECONDS = 2.0
"""How often what is waited for is looked at."""

SHUTDOWN_SECONDS = 12.0
"""What is kept back of the time allowed: a step once begun has to end in it, and the answer to be given."""

QUERY_TIMEOUT_SECONDS = 2.5
"""The longest one look at the name servers may take."""

LEASE_SECONDS = 20.0
"""How long no round is made while what steers users is changed; given up earlier, as soon as that is done."""

_MAX_CONFLICTS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachableLatch:
    """A latch, and all that attaching it takes.

    Attributes
    ----------
    latch
        Has to be released all the time.
    attachment
        What carries its check in the end.
    beacon
        Shows the check's state from then on: while it stands, the controller counts on the latch.
    settling
        Shows it before.

    """

    latch: Latch
    attachment_point: LatchAttachmentPoint
    state_record: LatchStateRecord
    settling_record: LatchStateRecord

    @property
    def name(self) -> LatchName:
        """What the latch moves."""
        return self.latch.name


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachResult:
    """What came of it: whether all is done, what is and what is waited for, and what refused it."""

    done: bool
    message: str
    refused_by: str = ""

    @property
    def answer(self) -> dict[str, Any]:
        """The outcome as the person gets it."""
        refusal = {"refused_by": self.refused_by} if self.refused_by else {}
        return {"done": self.done, "message": self.message, **refusal}


class _StillWaitingError(FailoverError):
    """Something takes longer than this invocation may; the message says what."""


class _UnsafeNowError(FailoverError):
    """Users are being moved, or are not all on the primary; the message says so."""


class AttachmentStore(StateStore, LeaseStore, Protocol):
    """The parts of the ledger that attaching a latch uses."""


class LatchAttacher:
    """Attaches and detaches latches. Every step can be repeated, and goes on from what it finds.

    A check is given to what steers users only after every name server has answered, for a pair of records that nobody
    reads, that it holds the check to be healthy. The beacon that the controller goes by comes last, and goes first.

    Parameters
    ----------
    fittings
        One for each latch.
    settings
        The Regions' names.
    zone
        Holds the beacons.
    authority
        Asks the zone's name servers.
    ledger
        The memory, shared with the controller, whose lease keeps rounds out meanwhile.
    protection
        Keeps a change of the stack from replacing or removing what an attached latch stands on.
    timekeeper
        Bounds the calls to the ledger.
    clock, sleep
        The time, and a way to let it pass.

    """

    def __init__(
        self,
        attachable_latches: Sequence[AttachableLatch],
        *,
        settings: Settings,
        zone: DnsZone,
        authority: AuthoritativeDns,
        ledger: AttachmentStore,
        protection: StackProtection,
        round_budget: RoundBudget,
        clock: Callable[[], Instant],
        sleep: Callable[[float], None],
    ) -> None:
        self._attachable_latches = attachable_latches
        self._settings = settings
        self._zone = zone
        self._authority = authority
        self._ledger = ledger
        self._protection = protection
        self._round_budget = round_budget
        self._clock = clock
        self._sleep = sleep

    def run(self, action: OperatorAction, owner: str, remaining_seconds: Callable[[], float]) -> AttachResult:
        """Do as much as there is time for.

        Parameters
        ----------
        action
            Attach or detach.
        owner
            A name of this invocation's own, for the lease.
        remaining_seconds
            How long the process is still allowed to run.

        """
        invocation_budget = _InvocationBudget(owner=owner, remaining_seconds=remaining_seconds)
        try:
            return self._attach_or_detach(action, invocation_budget)
        except _StillWaitingError as waiting:
            message = f"{waiting} Nobody was moved. Repeat the same event in a minute; it goes on from here."
            return AttachResult(done=False, message=message)
        except _UnsafeNowError as reason:
            return AttachResult(
                done=False, message=f"Refused, nothing further was changed: {reason}", refused_by="at-rest"
            )
        except LeverRefusedError as error:
            return AttachResult(
                done=False, message=f"Refused, nothing further was changed: {error}", refused_by="lever"
            )
        except (LeverUnavailableError, ChangeRejectedError, LedgerUnavailableError, LedgerConflictError) as error:
            message = f"Not finished: {error} Nobody was moved. Repeat the same event; it goes on from what it finds."
            return AttachResult(done=False, message=message)

    def _attach_or_detach(self, action: OperatorAction, invocation_budget: "_InvocationBudget") -> AttachResult:
        changed = (
            self._attach(invocation_budget) if action is OperatorAction.ATTACH else self._detach(invocation_budget)
        )
        names = " and the ".join(fitting.name for fitting in self._attachable_latches)
        state = "attached" if action is OperatorAction.ATTACH else "detached"
        message = f"The latch of the {names} is {state}; nobody was moved by it."
        if changed:
            self._save_event(message)
        protection_message = self._protect_stack(action)
        return AttachResult(
            done=True, message=f"{message} The controller goes by it within a minute. {protection_message}".rstrip()
        )

    def _protect_stack(self, action: OperatorAction) -> str:
        """Protect what is attached, and nothing else; say what came of it. Attached it is either way."""
        try:
            if action is OperatorAction.DETACH:
                self._protection.unprotect()
                return ""
            remaining_advice = self._protection.protect()
        except LeverUnavailableError as error:
            return f"CloudFormation could not be told so: {error} Repeat the same event, or see docs/latch.md."
        return (
            remaining_advice or "Until it is detached, CloudFormation refuses to replace or remove what it stands on."
        )

    def _attach(self, invocation_budget: "_InvocationBudget") -> bool:
        changed = False
        for fitting in self._attachable_latches:
            self._require_released(fitting)
            self._reject_taken_name(fitting)
            fitting.attachment_point.reject_foreign_checks()
        for fitting in self._attachable_latches:
            if not self._find_state_records(fitting) and not fitting.attachment_point.is_attached():
                changed |= self._replace((), fitting.settling_record.record_sets, f"{fitting.name}: show its check")
        for fitting in self._attachable_latches:
            if not fitting.attachment_point.is_attached():
                self._wait_until_unblocked(partial(self._find_unsettled_reason, fitting), invocation_budget)
                self._run_with_lease(partial(self._attach_one, fitting), invocation_budget)
                changed = True
        for fitting in self._attachable_latches:
            if not self._find_existing_records(fitting.state_record):
                self._wait_until_unblocked(fitting.attachment_point.describe_pending_change, invocation_budget)
                self._require_released(fitting)
                settling_records = self._find_existing_records(fitting.settling_record)
                changed |= self._replace(
                    settling_records, fitting.state_record.record_sets, f"{fitting.name}: attached"
                )
        return changed

    def _detach(self, invocation_budget: "_InvocationBudget") -> bool:
        changed = False
        for fitting in self._attachable_latches:
            self._require_released(fitting)
        for fitting in self._attachable_latches:
            existing_records = (
                *self._find_existing_records(fitting.state_record),
                *self._find_existing_records(fitting.settling_record),
            )
            if existing_records:
                changed |= self._replace(existing_records, (), f"{fitting.name}: detached")
            if not fitting.attachment_point.is_detached():
                self._run_with_lease(partial(self._detach_one, fitting), invocation_budget)
                changed = True
        return changed

    def _attach_one(self, attachable_latch: AttachableLatch) -> None:
        self._require_released(attachable_latch)
        attachable_latch.attachment_point.attach()

    def _detach_one(self, attachable_latch: AttachableLatch) -> None:
        self._require_released(attachable_latch)
        attachable_latch.attachment_point.detach()

    def _require_released(self, attachable_latch: AttachableLatch) -> None:
        if why := describe_thrown_latches({attachable_latch.name: attachable_latch.latch.refresh(thrown=False)}):
            raise _UnsafeNowError(why)

    def _reject_taken_name(self, attachable_latch: AttachableLatch) -> None:
        zone_name = self._zone.get_info().name
        for beacon in (attachable_latch.state_record, attachable_latch.settling_record):
            if not f".{beacon.name}".endswith(f".{zone_name}"):
                raise LeverRefusedError(
                    f"The beacon of the latch of the {attachable_latch.name} has to stand at {beacon.name}, and the zone "
                    f"HOSTED_ZONE_ID holds {zone_name}. Give the zone of both domains."
                )
            at_name = self._zone.list_record_sets((beacon.name,))
            if at_name and not beacon.find_in(at_name):
                raise LeverRefusedError(
                    f"The name of the latch's beacon is taken: {describe_record_sets(at_name)}. If an earlier deployment left it "
                    f"there, or a person did, delete these record sets, and attach."
                )

    def _find_unsettled_reason(self, attachable_latch: AttachableLatch) -> str:
        """Say why the check can't be given to anything yet; empty once every name server holds it to be healthy."""
        existing_records = self._find_state_records(attachable_latch)
        state_record = (
            attachable_latch.settling_record
            if self._find_existing_records(attachable_latch.settling_record)
            else attachable_latch.state_record
        )
        dns_watch = DnsWatch(record_sets=existing_records, name_servers=self._zone.get_info().name_servers)
        confirmation = state_record.confirm(
            dns_watch, RegionRole.PRIMARY, authority=self._authority, budget_seconds=QUERY_TIMEOUT_SECONDS
        )
        if confirmation.moved and not confirmation.unresponsive:
            return ""
        return f"The health check of the latch of the {attachable_latch.name} is not seen healthy everywhere: {confirmation.detail}"

    def _find_state_records(self, attachable_latch: AttachableLatch) -> tuple[RecordSet, ...]:
        """Return whichever pair shows the check now."""
        return self._find_existing_records(attachable_latch.settling_record) or self._find_existing_records(
            attachable_latch.state_record
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
        """Make a change of what steers users while no round is made: a move must not begin from records of before."""

        def find_blocker() -> str:
            self._round_budget.start_round(self._settings.round_interval_seconds)
            is_acquired = self._ledger.acquire_lease(invocation_budget.owner, now=self._clock(), seconds=LEASE_SECONDS)
            return "" if is_acquired else "The controller is making its rounds, and leaves no gap between them."

        self._wait_until_unblocked(find_blocker, invocation_budget)
        try:
            saved = self._ledger.load()
            if saved and (reason := find_attachment_blocker(saved.state, self._settings)):
                raise _UnsafeNowError(reason)
            change()
        finally:
            self._round_budget.start_round(self._settings.round_interval_seconds)
            self._ledger.release_lease(invocation_budget.owner)

    def _save_event(self, message: str) -> None:
        """Leave it in the history, whatever the controller saves meanwhile."""
        for _ in range(_MAX_CONFLICTS):
            self._round_budget.start_round(self._settings.round_interval_seconds)
            journal = Journal(self._ledger, self._ledger.load())
            event = Event(kind=EventKind.ATTACHMENT, at=self._clock(), message=message)
            try:
                journal.save(journal.state, (event,))
            except LedgerConflictError:
                continue
            return


@dataclass(frozen=True, slots=True, kw_only=True)
class _InvocationBudget:
    """One invocation: who it is, and how long it may still run."""

    owner: str
    remaining_seconds: Callable[[], float]
