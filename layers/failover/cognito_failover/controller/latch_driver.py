"""Drives each latch to its decided state, independently of the others."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from cognito_failover.common.errors import LeverUnavailableError
from cognito_failover.common.region import Instant
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.model.records import Confirmation, DnsWatch
from cognito_failover.core.model.state import LatchState
from cognito_failover.core.move.latch_transitions import (
    on_latch_effective,
    on_latch_failed,
    on_latch_set,
    record_latch_intent,
)
from cognito_failover.core.move.latches import (
    confirm_without_records,
    get_desired_state,
    get_pending_confirmation,
    has_taken_effect_time,
    is_effective,
    should_set,
    with_latch,
)
from cognito_failover.core.move.lifecycle import may_submit
from cognito_failover.core.move.transitions import stop_for_external_change
from cognito_failover.core.ports.latch import Latch
from cognito_failover.core.round_context import RoundContext
from cognito_failover.core.user_location import find_follow_blocker
from cognito_failover.settings.controller import Settings
from cognito_failover.storage.journal import Journal


class LatchDriver:
    """Throws and releases latches as the saved state requires.

    Parameters
    ----------
    latches
        The latches to drive.
    settings
        The names of the Regions.
    clock
        Seconds since the epoch.

    """

    def __init__(self, *, latches: Sequence[Latch], settings: Settings, clock: Callable[[], Instant]) -> None:
        self._latches = latches
        self._settings = settings
        self._clock = clock

    def drive(self, journal: Journal, context: RoundContext, names: Collection[SteeredName]) -> str:
        """Set the named latches that must change, and confirm those that are set. Return the progress as text.

        Raises
        ------
        LedgerConflictError, LedgerUnavailableError
            If progress could not be saved. The next round repeats the step, which is idempotent.

        """
        named = (latch for latch in self._latches if latch.name in names)
        return " ".join(filter(None, (self._drive(latch, journal, context) for latch in named)))

    def _drive(self, latch: Latch, journal: Journal, context: RoundContext) -> str:
        try:
            if message := self._set(latch, journal, context):
                return message
            return self._watch(latch, journal, context)
        except LeverUnavailableError as error:
            saved = journal.state.latches.get(latch.name)
            if saved and saved.set_at is None and (journal.state.move is None or saved.problem != str(error)):
                journal.save(on_latch_failed(journal.state, latch.name, str(error), self._clock()))
            return f"The latch of the {latch.name} failed, and the next round retries it: {error}"

    def _set(self, latch: Latch, journal: Journal, context: RoundContext) -> str:
        state, name = journal.state, latch.name
        may_set = state.move is None or may_submit(state, context)
        thrown, saved = get_desired_state(state, name), state.latches.get(name)
        if thrown is not None and (saved is None or saved.is_thrown is not thrown):
            if not may_set:
                return ""
            journal.save(record_latch_intent(state, name, thrown=thrown))
        if not should_set(journal.state, name, self._clock()):
            return ""
        desired = journal.state.latches[name]
        # A latch that is not attached moves no users.
        if state.move is None and desired.is_attached:
            blocker = find_follow_blocker(state.locations.get(name), desired.role, context)
            if blocker:
                return f"The latch of the {name} has not followed the last move yet: {blocker}"
        if may_set:
            revision = self._read_revision(latch, journal)
            # After the read: a process that is suspended from here on finds another revision, or has lost this save.
            journal.save(journal.state)
            latch.set(thrown=desired.is_thrown, revision=revision, version=journal.version)
        # A latch that is already as desired was set, and only its response was lost: the move has begun.
        elif latch.read_initial_state(desired.dns_watch) is not desired.is_thrown:
            return (
                f"The latch of the {name} waits for a round that confirms that the move's target serves users and, if "
                f"the move is automatic, that its source does not."
            )
        return journal.save_transition(on_latch_set(journal.state, name, context.at(self._clock())))

    @staticmethod
    def _read_revision(latch: Latch, journal: Journal) -> str | None:
        """Return the revision that the write replaces; None for any, if a decided move can't read it."""
        try:
            return latch.read_revision()
        except LeverUnavailableError:
            if journal.state.move is None:
                raise
            # A switch that takes writes but no reads still moves users. The wall clock alone fences this write.
            return None

    def _watch(self, latch: Latch, journal: Journal, context: RoundContext) -> str:
        """Check a latch that is set, and confirm it. It can be confirmed even if its switch is unavailable."""
        check_error = ""
        try:
            if message := self._check_external_change(latch, journal):
                return message
        except LeverUnavailableError as error:
            check_error = f"The latch of the {latch.name} could not be checked for external changes: {error}"
        return f"{self._confirm(latch, journal, context)} {check_error}".strip()

    def _check_external_change(self, latch: Latch, journal: Journal) -> str:
        """End the move if another writer has changed a latch that the move has set."""
        saved = journal.state.latches.get(latch.name)
        if journal.state.move is None or saved is None or saved.set_at is None or not saved.is_attached:
            return ""
        if latch.refresh(thrown=saved.is_thrown) is saved.is_thrown:
            return ""
        external_action = "released" if saved.is_thrown else "thrown"
        reason = (
            f"the latch of the {latch.name} was {external_action} outside the controller during the move, "
            f"and is left as it is."
        )
        return journal.save_transition(stop_for_external_change(journal.state, reason, self._clock()))

    def _confirm(self, latch: Latch, journal: Journal, context: RoundContext) -> str:
        dns_watch = get_pending_confirmation(journal.state, latch.name)
        if dns_watch is None:
            return ""
        saved = journal.state.latches[latch.name]
        confirmation = self._find_confirmation(latch, journal, saved, dns_watch)
        saved, now = journal.state.latches[latch.name], self._clock()
        if not is_effective(saved, confirmation, now):
            return f"The latch of the {latch.name} is set, but not effective yet: {confirmation.detail}"
        return journal.save_transition(on_latch_effective(journal.state, latch.name, confirmation, context.at(now)))

    def _find_confirmation(
        self, latch: Latch, journal: Journal, saved: LatchState, dns_watch: DnsWatch
    ) -> Confirmation:
        """Ask DNS whether a latch is effective. A state record that was removed meanwhile is not awaited."""
        region, now = self._settings.regions[saved.role], self._clock()
        if dns_watch.record_sets:
            confirmation = latch.confirm(dns_watch, saved.role)
            is_due = has_taken_effect_time(saved, now)
            if confirmation.moved or confirmation.stale or not is_due or latch.find_state_record():
                return confirmation
            unshown = replace(saved, dns_watch=dns_watch.without_records)
            journal.save(with_latch(journal.state, latch.name, unshown))
        return confirm_without_records(saved, region, now)
