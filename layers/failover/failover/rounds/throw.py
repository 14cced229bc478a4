"""Drives the latches towards what they have to be, each on its own."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from failover.decision.advance import Outcome, overtaken
from failover.decision.carry import may_submit
from failover.decision.knowledge import Knowledge
from failover.decision.latch_advance import could_not_be_set, has_arrived, has_been_set, intended
from failover.decision.latching import awaited, is_due, is_seen, wanted
from failover.errors import LeverUnavailableError
from failover.ledger.journal import Journal
from failover.levers.latch import Latch, LatchName
from failover.region import Instant
from failover.settings import Settings


class Thrower:
    """Throws and releases latches as the state in a journal wants them.

    Parameters
    ----------
    latches
        What is driven.
    settings
        The Regions' names.
    clock
        Seconds since the epoch.

    """

    def __init__(self, *, latches: Sequence[Latch], settings: Settings, clock: Callable[[], Instant]) -> None:
        self._latches = latches
        self._settings = settings
        self._clock = clock

    def drive(self, journal: Journal, knowledge: Knowledge, names: Collection[LatchName]) -> str:
        """Set what of these has to be set and see what has arrived; return as sentences what came of it.

        Raises
        ------
        LedgerConflictError, LedgerUnavailableError
            If an advance could not be saved. The next round does the same again, which changes nothing.

        """
        named = (latch for latch in self._latches if latch.name in names)
        return " ".join(filter(None, (self._drive(latch, journal, knowledge) for latch in named)))

    def _drive(self, latch: Latch, journal: Journal, knowledge: Knowledge) -> str:
        try:
            if was_set := self._set(latch, journal, knowledge):
                return was_set
            return self._watch(latch, journal)
        except LeverUnavailableError as error:
            remembered = journal.state.latches.get(latch.name)
            if (
                remembered
                and remembered.set_at is None
                and (journal.state.move is None or remembered.trouble != str(error))
            ):
                journal.note(could_not_be_set(journal.state, latch.name, str(error), self._clock()))
            return f"The latch of the {latch.name} could not be driven, and is tried again: {error}"

    def _set(self, latch: Latch, journal: Journal, knowledge: Knowledge) -> str:
        state, name = journal.state, latch.name
        may_set = state.move is None or may_submit(state.move, knowledge)
        thrown, remembered = wanted(state, name), state.latches.get(name)
        if thrown is not None and (remembered is None or remembered.thrown is not thrown):
            if not may_set:
                return ""
            journal.note(intended(state, name, thrown=thrown))
        if not is_due(journal.state, name, self._clock()):
            return ""
        to_be = journal.state.latches[name]
        if may_set:
            latch.set(thrown=to_be.thrown)
        elif latch.found(to_be.sight) is not to_be.thrown:  # if it is, only the answer was lost: the move has begun
            return f"The latch of the {name} waits for a round that sees the move's cause, and its target serve."
        return self._note(journal, has_been_set(journal.state, name, self._settings, self._clock()))

    def _watch(self, latch: Latch, journal: Journal) -> str:
        """See what has become of a latch that is set; its switch may be out of reach once it has done its work."""
        trouble = ""
        try:
            if undone := self._check(latch, journal):
                return undone
        except LeverUnavailableError as error:
            trouble = f"Whether the latch of the {latch.name} still is as it was set is not known: {error}"
        return f"{self._see(latch, journal)} {trouble}".strip()

    def _check(self, latch: Latch, journal: Journal) -> str:
        """See that nobody else has set a latch that the move has set: a person's hand ends it."""
        remembered = journal.state.latches.get(latch.name)
        if remembered is None or remembered.set_at is None or remembered.sight is None:
            return ""
        if wanted(journal.state, latch.name) is None:
            return ""
        if latch.keep(thrown=remembered.thrown) is remembered.thrown:
            return ""
        undone = "released" if remembered.thrown else "threw"
        why = f"somebody else {undone} the latch of the {latch.name} during the move; it is left as found."
        return self._note(journal, overtaken(journal.state, why, self._clock()))

    def _see(self, latch: Latch, journal: Journal) -> str:
        sight = awaited(journal.state, latch.name)
        if sight is None:
            return ""
        remembered = journal.state.latches[latch.name]
        confirmation = latch.answers(sight, remembered.side)
        now = self._clock()
        if not is_seen(remembered, confirmation, now):
            return (
                f"The latch of the {latch.name} is set, and not seen to have moved anybody yet: {confirmation.detail}"
            )
        return self._note(journal, has_arrived(journal.state, latch.name, confirmation, self._settings, now))

    @staticmethod
    def _note(journal: Journal, outcome: Outcome) -> str:
        state, sentence, announcements = outcome
        journal.note(replace(state, reason=sentence), announcements)
        return sentence
