"""Drives all levers to the decided state, in steps that are saved and can be repeated."""

from collections.abc import Callable

from cognito_failover.common.errors import (
    LeverBusyError,
    LeverRefusedError,
    LeverUnavailableError,
    RecordsChangedError,
    UnknownChangeError,
)
from cognito_failover.common.region import Instant, find_full_role, have_equal_shares, route_all_to
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.controller.latch_driver import LatchDriver
from cognito_failover.controller.reconciler import Levers
from cognito_failover.core.model.move import LeverName, Move, Progress
from cognito_failover.core.model.records import ChangeStatus, Confirmation, DnsWatch, Intent, RecordsSnapshot
from cognito_failover.core.model.state import ControllerState, require_weight_sync
from cognito_failover.core.move.latches import (
    can_latch_move_all_users,
    find_weights_blocker,
    has_latch_set,
    has_pending_latches,
    has_unfinished_change,
    is_effective,
    is_records_move,
    list_failing_latches,
    may_sync_weights,
)
from cognito_failover.core.move.lifecycle import is_step_confirmed, may_submit
from cognito_failover.core.move.transitions import (
    abandon_weight_sync,
    forget_change_id,
    on_in_sync,
    on_records_confirmed,
    on_submitted,
    on_weight_sync_failed,
    on_weights_synced,
    record_error,
    record_intent,
    record_weight_sync,
    stop_for_external_change,
)
from cognito_failover.core.ports.lever import Lever
from cognito_failover.core.ports.user_locator import UserLocator
from cognito_failover.core.reconciliation.external_changes import describe_routing, has_records
from cognito_failover.core.round_context import RoundContext
from cognito_failover.core.user_location import confirm_users_on, find_follow_blocker
from cognito_failover.settings.controller import Settings
from cognito_failover.storage.journal import Journal

BUSY_PAUSES_SECONDS = (0.3, 0.5, 0.7, 1.0, 1.0, 1.0)
"""Pauses between the attempts of a call in one round. Route 53 allows five calls a second for the whole account."""


class MoveDriver:
    """Advances the saved move by every lever, as far as this round allows.

    Each step is saved before the next one starts, and each is idempotent, so the process may end at any point. Latches
    come first, because they are fast and depend on the least. A latch that failed before comes last, because it may
    hang again. A lever that fails does not stop the others.

    Parameters
    ----------
    levers
        The levers to drive.
    settings
        The names of the Regions, and the policy.
    clock
        Seconds since the epoch.
    sleep
        Waits a number of seconds, between two attempts of a call that a lever refused.

    """

    def __init__(
        self, *, levers: Levers, settings: Settings, clock: Callable[[], Instant], sleep: Callable[[float], None]
    ) -> None:
        self._latch_driver = LatchDriver(latches=levers.latches, settings=settings, clock=clock)
        self._weights_driver = levers.records and WeightsDriver(
            lever=levers.records, locator=levers.locator, settings=settings, clock=clock, sleep=sleep
        )

    def drive(self, journal: Journal, context: RoundContext) -> str:
        """Advance the move, and return the progress as sentences. Without a move, only a pending weight sync is made.

        Raises
        ------
        LedgerConflictError, LedgerUnavailableError
            If progress could not be saved. The next round reads the result from the records.

        """
        move = journal.state.move
        # A rollback ends with the weights, so all its latches come before them.
        failing_names = (
            list_failing_latches(journal.state) if move and not move.is_rolling_back else frozenset[SteeredName]()
        )
        messages = [
            self._latch_driver.drive(journal, context, set(SteeredName) - failing_names),
            self._drive_weights(journal, context),
            self._latch_driver.drive(journal, context, failing_names),
        ]
        return " ".join(filter(None, messages))

    def _drive_weights(self, journal: Journal, context: RoundContext) -> str:
        if self._weights_driver and journal.state.move:
            return self._weights_driver.drive(journal, context)
        if self._weights_driver and journal.state.pending_weight_sync:
            return self._weights_driver.sync_weights(journal, context)
        return ""


class WeightsDriver:
    """Drives the weights of the domain's records. See `MoveDriver`."""

    def __init__(
        self,
        *,
        lever: Lever,
        locator: UserLocator,
        settings: Settings,
        clock: Callable[[], Instant],
        sleep: Callable[[float], None],
    ) -> None:
        self._lever = lever
        self._locator = locator
        self._round_started_at: Instant = 0.0
        self._settings = settings
        self._clock = clock
        self._sleep = sleep

    def drive(self, journal: Journal, context: RoundContext) -> str:
        """Advance the weights of the current move."""
        self._round_started_at = context.now
        try:
            latch_confirmation = self._check_latch(journal, context)
            if journal.state.move is None:
                return latch_confirmation.detail if latch_confirmation else ""
            if LeverName.WEIGHTS not in journal.state.move.levers:
                return self._wait_for_latch(journal, latch_confirmation) if latch_confirmation else ""
            return self._advance(journal, context, latch_confirmation)
        except LeverUnavailableError as error:
            self._save_error(journal, str(error))
            return f"The lever {self._lever.name} failed, and the next round retries it: {error}"
        except LeverRefusedError as error:
            if has_pending_latches(journal.state):
                self._save_error(journal, str(error))
                return f"The weights can't be changed, and the move continues with the latches: {error}"
            return journal.save_transition(stop_for_external_change(journal.state, str(error), self._clock()))

    def sync_weights(self, journal: Journal, context: RoundContext) -> str:
        """Set the weights to the Region that a latch has moved users to.

        Only while DNS answers with that Region and the Region serves. Otherwise the weights would move users.
        """
        state, now = journal.state, self._clock()
        if not may_sync_weights(state, now):
            return ""
        try:
            snapshot = self._lever.read_records()
            if not self._matches_weight_sync(journal, snapshot):
                routing = describe_routing(snapshot.weights, self._settings)
                reason = f"the records were changed outside the controller before the weight sync: {routing}."
                return journal.save_transition(abandon_weight_sync(state, reason, now))
            # A new change makes Route 53 reject the unfinished one.
            is_unfinished = has_unfinished_change(state)
            if is_unfinished or find_full_role(snapshot.weights) is not state.active_role:
                if blocker := self._find_sync_blocker(journal, context):
                    journal.save(on_weight_sync_failed(state, blocker, now))
                    return f"The weights are not synced yet: {blocker}"
                intent = None if is_unfinished else require_weight_sync(state).intent
                self._lever.submit(intent or self._save_weight_sync_intent(journal, snapshot), snapshot)
            return journal.save_transition(on_weights_synced(journal.state, context.at(now)))
        except LeverUnavailableError as error:
            journal.save(on_weight_sync_failed(journal.state, str(error), now))
            return f"The weights are not synced yet: {error}"
        except LeverRefusedError as error:
            return journal.save_transition(abandon_weight_sync(journal.state, str(error), now))

    def _find_sync_blocker(self, journal: Journal, context: RoundContext) -> str:
        state = journal.state
        watch = state.records.dns_watch if state.records else None
        location = self._locator.locate(SteeredName.RECORDS, watch) if watch else None
        return find_follow_blocker(location, state.active_role, context)

    def _check_latch(self, journal: Journal, context: RoundContext) -> Confirmation | None:
        """Return whether the latch alone has moved all users, or None if it can't."""
        move, saved_records = _require_move(journal), journal.state.records
        if move.records_confirmed_at is not None or not can_latch_move_all_users(journal.state):
            return None
        if not is_records_move(move, self._settings):
            return None
        if saved_records is None or saved_records.dns_watch is None:
            return None
        set_at = journal.state.latches[SteeredName.RECORDS].set_at
        confirmation = self._confirm_users(journal, saved_records.dns_watch, set_at)
        now = self._clock()
        if is_effective(journal.state.latches[SteeredName.RECORDS], confirmation, now):
            journal.save_transition(on_records_confirmed(journal.state, confirmation, context.at(now)))
        return confirmation

    def _wait_for_latch(self, journal: Journal, latch_confirmation: Confirmation) -> str:
        """Wait for the latch in a move without weights. End the move if other writers changed the weights."""
        return ("" if latch_confirmation.moved else self._stop_on_external_change(journal)) or latch_confirmation.detail

    def _advance(self, journal: Journal, context: RoundContext, latch_confirmation: Confirmation | None) -> str:
        move = _require_move(journal)
        if move.current_progress is None or move.current_progress.change_id is None:
            message = self._submit(journal, context)
            if (progress := _find_progress(journal)) is None or progress.change_id is None:
                return message
        if _require_move(journal).records_confirmed_at is not None:
            return (
                self._stop_on_external_change(journal) if _require_move(journal).step_confirmed_at is not None else ""
            )
        return self._confirm(journal, context, latch_confirmation)

    def _stop_on_external_change(self, journal: Journal) -> str:
        """End the move if other writers changed the records. During an outage of the control plane, none can."""
        try:
            reason = self._describe_external_change(journal, self._lever.read_records())
        except LeverUnavailableError:
            return ""
        return journal.save_transition(stop_for_external_change(journal.state, reason, self._clock())) if reason else ""

    def _submit(self, journal: Journal, context: RoundContext) -> str:
        if blocker := find_weights_blocker(journal.state):
            return blocker
        if change_id := self._submit_saved_intent(journal.state, context):
            return journal.save_transition(on_submitted(journal.state, change_id, context.at(self._clock())))
        snapshot = self._repeat_while_busy(self._lever.read_records)
        move = self._restore_late_intent(journal, snapshot)
        if reason := self._describe_external_change(journal, snapshot):
            return journal.save_transition(stop_for_external_change(journal.state, reason, self._clock()))
        is_harmless = self._is_already_applied(move, snapshot) or _is_without_effect(journal.state, move, snapshot)
        if not may_submit(journal.state, context) and not is_harmless:
            source, target = self._settings.regions[move.source], self._settings.regions[move.target]
            return (
                f"The move {move.id} waits for a round that confirms that {target} serves users and, if the move is "
                f"automatic, that {source} does not."
            )
        intent = move.current_progress.intent if move.current_progress else self._save_intent(journal, snapshot)
        change_id = self._repeat_while_busy(lambda: self._lever.submit(intent, snapshot))
        return journal.save_transition(on_submitted(journal.state, change_id, context.at(self._clock())))

    def _submit_saved_intent(self, state: ControllerState, context: RoundContext) -> str:
        """Make the change of an earlier round without reading the records again, and return its id.

        Route 53 compares the records with those of the intent. Return nothing if there is no such intent, or if the
        records are different: they then have to be read.
        """
        progress = state.move.current_progress if state.move else None
        if progress is None or not may_submit(state, context):
            return ""
        try:
            return self._repeat_while_busy(lambda: self._lever.submit(progress.intent))
        except RecordsChangedError:
            return ""

    def _repeat_while_busy[T](self, call: Callable[[], T]) -> T:
        """Make a call, and repeat it quickly while Route 53 refuses it at once. The round's time bounds each one."""
        for pause_seconds in BUSY_PAUSES_SECONDS:
            try:
                return call()
            except LeverBusyError:
                self._sleep(pause_seconds)
        return call()

    def _restore_late_intent(self, journal: Journal, snapshot: RecordsSnapshot) -> Move:
        """Return the move, with a superseded intent as its progress if a suspended process has made that one since.

        The current step then starts from there. The records are no external change.
        """
        move = _require_move(journal)
        superseded = move.progress.superseded if move.progress and move.progress.change_id is None else ()
        for intent in superseded:
            if self._lever.get_change_status(intent, snapshot) is ChangeStatus.APPLIED:
                journal.save(record_intent(journal.state, intent))
        return _require_move(journal)

    def _is_already_applied(self, move: Move, snapshot: RecordsSnapshot) -> bool:
        """Return whether the change was made and only its response was lost. The move has then begun."""
        return (
            move.current_progress is not None
            and self._lever.get_change_status(move.current_progress.intent, snapshot) is ChangeStatus.APPLIED
        )

    def _save_intent(self, journal: Journal, snapshot: RecordsSnapshot) -> Intent:
        intent = self._lever.plan(snapshot, _require_move(journal).weights)
        journal.save(record_intent(journal.state, intent))
        return intent

    def _save_weight_sync_intent(self, journal: Journal, snapshot: RecordsSnapshot) -> Intent:
        intent = self._lever.plan(snapshot, route_all_to(journal.state.active_role))
        journal.save(record_weight_sync(journal.state, intent))
        return intent

    def _describe_external_change(self, journal: Journal, snapshot: RecordsSnapshot) -> str | None:
        """Return how the records were changed outside the controller, or None if they were not."""
        if not has_records(snapshot, self._settings):
            domain_name = self._settings.domain_name
            return f"the records of {domain_name} were deleted outside the controller; a move creates no records."
        if self._matches_intent(journal, snapshot):
            return None
        routing = describe_routing(snapshot.weights, self._settings)
        return f"the records were changed outside the controller during the move, and are left as they are: {routing}."

    def _matches_intent(self, journal: Journal, snapshot: RecordsSnapshot) -> bool:
        progress = _require_move(journal).progress
        if progress is None:
            return self._matches_weight_sync(journal, snapshot)
        change_status = self._lever.get_change_status(progress.intent, snapshot)
        if progress.change_id is None:
            return change_status is not ChangeStatus.CONFLICTING
        # Route 53 lists an accepted change at once, so another writer has reverted records that are as before.
        return change_status is ChangeStatus.APPLIED

    def _matches_weight_sync(self, journal: Journal, snapshot: RecordsSnapshot) -> bool:
        """Return whether the records are as last set, or as a weight sync whose response was lost may have set them."""
        weight_sync = journal.state.pending_weight_sync
        if weight_sync and weight_sync.intent:
            return self._lever.get_change_status(weight_sync.intent, snapshot) is not ChangeStatus.CONFLICTING
        return have_equal_shares(snapshot.weights, journal.state.weights)

    def _confirm(self, journal: Journal, context: RoundContext, latch_confirmation: Confirmation | None) -> str:
        progress = _find_progress(journal)
        if progress is None or progress.change_id is None:
            return ""
        sync_error = "" if progress.in_sync_at else self._check_in_sync(journal, progress.change_id)
        if latch_confirmation and latch_confirmation.moved:
            confirmation = latch_confirmation
        else:
            confirmation = self._read_confirmation(journal, progress.intent)
        if is_step_confirmed(_require_move(journal), confirmation, self._clock()):
            return journal.save_transition(on_records_confirmed(journal.state, confirmation, context.at(self._clock())))
        if not confirmation.moved and (reason := self._describe_external_change(journal, self._lever.read_records())):
            return journal.save_transition(stop_for_external_change(journal.state, reason, self._clock()))
        message = f"{confirmation.detail} {sync_error}".strip()
        # A step that only waits for its change to be INSYNC has no error.
        self._save_error(journal, sync_error if confirmation.moved else message)
        return message

    def _read_confirmation(self, journal: Journal, intent: Intent) -> Confirmation:
        """Query the name servers, or read the records back if partial weights make DNS answers random."""
        move, saved_records = _require_move(journal), journal.state.records
        if move.is_partial:
            return self._lever.read_back(intent)
        name_servers = saved_records.dns_watch.name_servers if saved_records and saved_records.dns_watch else ()
        watch = DnsWatch(record_sets=intent.after, name_servers=name_servers)
        progress = _find_progress(journal)
        return self._confirm_users(journal, watch, progress.submitted_at if progress else None)

    def _confirm_users(self, journal: Journal, watch: DnsWatch, changed_at: Instant | None) -> Confirmation:
        """Return whether all users are on the move's destination, by a look after the change."""
        location, destination = journal.state.locations.get(SteeredName.RECORDS), _require_move(journal).destination
        if location is None or changed_at is None or location.observed_at <= max(changed_at, self._round_started_at):
            location = self._locator.locate(SteeredName.RECORDS, watch)
        return confirm_users_on(location, destination, region=self._settings.regions[destination])

    def _check_in_sync(self, journal: Journal, change_id: str) -> str:
        """Save whether the change is INSYNC. If the control plane fails, the name servers alone can confirm a move."""
        try:
            if self._lever.is_in_sync(change_id):
                journal.save(on_in_sync(journal.state, self._clock()))
        except UnknownChangeError:
            journal.save(forget_change_id(journal.state))
            return f"Route 53 does not know the change {change_id}; the same values are submitted again."
        except LeverUnavailableError as error:
            return f"The status of the change could not be read: {error}"
        return ""

    @staticmethod
    def _save_error(journal: Journal, error: str) -> None:
        if error != _require_move(journal).last_error:
            journal.save(record_error(journal.state, error))


def _is_without_effect(state: ControllerState, move: Move, snapshot: RecordsSnapshot) -> bool:
    """Return whether the step takes back a change that was never made. It only makes a late one fail.

    A latch may have moved the users. Then the weights wait with it.
    """
    is_unchanged = have_equal_shares(snapshot.weights, move.weights)
    return move.is_rolling_back and is_unchanged and not has_latch_set(state, move)


def _require_move(journal: Journal) -> Move:
    if journal.state.move is None:
        raise ValueError("no move is under way")
    return journal.state.move


def _find_progress(journal: Journal) -> Progress | None:
    return journal.state.move.current_progress if journal.state.move else None
