"""Compares records and latches with the saved state while no move is under way."""

import logging
from dataclasses import dataclass, replace

from cognito_failover.common.errors import LeverRefusedError, LeverUnavailableError
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.model.location import Location
from cognito_failover.core.model.records import DnsWatch, RecordsSnapshot
from cognito_failover.core.model.state import ControllerState, LatchState
from cognito_failover.core.ports.latch import Latch
from cognito_failover.core.ports.lever import Lever
from cognito_failover.core.ports.user_locator import UserLocator
from cognito_failover.core.reconciliation import external_changes
from cognito_failover.core.reconciliation.external_changes import LatchReading, RoutingSnapshot
from cognito_failover.core.reconciliation.health_check_drift import (
    MISSING_STATE_RECORD_PROBLEM,
    explain_inactive_latch,
    explain_missing_return_path,
    has_latch_check,
)
from cognito_failover.core.reconciliation.location_changes import record_look
from cognito_failover.core.reconciliation.schedule import should_look, should_reconcile
from cognito_failover.core.round_context import RoundContext
from cognito_failover.core.transition import Transition
from cognito_failover.core.user_location import list_watches
from cognito_failover.settings.controller import Settings

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Levers:
    """The levers that can move users.

    Attributes
    ----------
    records
        The weights of the domain's records; None if only Cognito's own domain is moved.
    latches
        The deployed latches, attached or not.
    locator
        Observes where they have sent the users.

    """

    records: Lever | None
    latches: tuple[Latch, ...] = ()
    locator: UserLocator


class Reconciler:
    """Reconciles the saved state with records and latches when that is due.

    Parameters
    ----------
    levers
        The levers to read.
    settings
        The names of the records, and whether missing records may be created.

    """

    def __init__(self, *, levers: Levers, settings: Settings) -> None:
        self._levers = levers
        self._settings = settings

    def initialize(self, context: RoundContext) -> Transition:
        """Create the first state from records and latches, and create missing records.

        Raises
        ------
        LeverUnavailableError, LeverRefusedError
            If the records can't be read or are not supported. No state is created then.

        """
        snapshot = self._levers.records.read_records() if self._levers.records else None
        if snapshot and snapshot.missing and external_changes.may_create_missing(None, snapshot, self._settings):
            self._create_missing(snapshot)
        latches = {latch.name: _read_initial_latch(latch) for latch in self._levers.latches}
        return external_changes.create_initial_state(RoutingSnapshot(records=snapshot, latches=latches), context)

    def reconcile(self, state: ControllerState, context: RoundContext) -> Transition:
        """Return the state after a comparison, if one is due."""
        if not should_reconcile(state, context):
            return Transition(state=state)
        snapshot, problem, read_error = None, "", ""
        try:
            snapshot = self._levers.records.read_records() if self._levers.records else None
            if snapshot and snapshot.missing and external_changes.may_create_missing(state, snapshot, self._settings):
                self._create_missing(snapshot)
        except LeverUnavailableError as error:
            snapshot, read_error = None, str(error)
        except LeverRefusedError as error:
            snapshot, problem = None, str(error)
        if snapshot:
            state = self._settle_fence(state, snapshot)
        routing = self._read_routing(snapshot, state)
        routing = replace(routing, records_problem=problem, records_read_error=read_error)
        return external_changes.reconcile(state, routing, context)

    def look(self, state: ControllerState, context: RoundContext) -> Transition:
        """Return the state after a look at where users are, if one is due. It needs no control plane."""
        if not should_look(state, context):
            return Transition(state=state)
        locations = dict[SteeredName, Location]()
        for name, watch in list_watches(state).items():
            try:
                locations[name] = self._levers.locator.locate(name, watch)
            except LeverUnavailableError as error:
                _log.warning("The users of the %s could not be located: %s", name, error)
        return record_look(state, locations, context)

    def _settle_fence(self, state: ControllerState, snapshot: RecordsSnapshot) -> ControllerState:
        """Raise the fence above a change that was given up. The next read repeats it if it fails."""
        if state.unsettled_fence is None or self._levers.records is None:
            return state
        try:
            self._levers.records.raise_fence(snapshot, above=state.unsettled_fence)
        except LeverUnavailableError as error:
            _log.warning("The fence could not be raised: %s", error)
            return state
        return replace(state, unsettled_fence=None)

    def _create_missing(self, snapshot: RecordsSnapshot) -> None:
        if records := self._levers.records:
            records.submit(records.plan(snapshot, snapshot.weights), snapshot)

    def _read_routing(self, snapshot: RecordsSnapshot | None, state: ControllerState) -> RoutingSnapshot:
        latches, read_errors = dict[SteeredName, LatchReading](), dict[SteeredName, str]()
        for latch in self._levers.latches:
            saved = state.latches.get(latch.name)
            try:
                thrown = latch.refresh(thrown=saved.is_thrown if saved else False)
                dns_watch = _find_dns_watch(latch, saved.dns_watch if saved else None)
                reading = LatchReading(is_thrown=thrown, dns_watch=dns_watch)
                latches[latch.name] = self._judge_attachment(reading, latch.name, snapshot, saved)
            except LeverUnavailableError as error:
                read_errors[latch.name] = str(error)
        return RoutingSnapshot(records=snapshot, latches=latches, latch_read_errors=read_errors)

    def _judge_attachment(
        self, reading: LatchReading, name: SteeredName, snapshot: RecordsSnapshot | None, saved: LatchState | None
    ) -> LatchReading:
        """Return the reading with any problem of the attachment. The records' health checks overrule the state record.

        A missing state record alone proves no detachment: the operator function saves each detachment.
        """
        is_shown = reading.dns_watch is not None
        if snapshot and name is SteeredName.RECORDS:
            was_attached = saved is not None and (saved.is_attached or bool(saved.problem))
            if problem := explain_inactive_latch(
                snapshot, self._settings, has_state_record=is_shown, was_attached=was_attached
            ):
                return replace(reading, dns_watch=None, attachment_problem=problem)
            if not has_latch_check(snapshot, self._settings):
                return reading
        if saved and saved.dns_watch and not is_shown:
            return replace(
                reading, dns_watch=saved.dns_watch.without_records, attachment_problem=MISSING_STATE_RECORD_PROBLEM
            )
        if snapshot and name is SteeredName.RECORDS:
            problem = explain_missing_return_path(snapshot, self._settings, has_state_record=is_shown)
            return replace(reading, attachment_problem=problem)
        return reading


def _read_initial_latch(latch: Latch) -> LatchReading:
    """Return the reading of a latch without a saved state. It is not changed, because users may depend on it."""
    dns_watch = latch.find_state_record()
    return LatchReading(is_thrown=latch.read_initial_state(dns_watch), dns_watch=dns_watch)


def _find_dns_watch(latch: Latch, saved: DnsWatch | None) -> DnsWatch | None:
    """Return the latch's state record, or the saved one if Route 53 is unavailable."""
    try:
        return latch.find_state_record()
    except LeverUnavailableError:
        return saved
