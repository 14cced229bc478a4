"""Drives the lever towards the decided state, one safe advance after another, however often it was interrupted."""

from collections.abc import Callable
from dataclasses import replace

from failover.decision.adoption import describe, steers
from failover.decision.advance import (
    Outcome,
    confirmed,
    in_sync,
    intended,
    overtaken,
    resubmission_needed,
    submitted,
    troubled,
)
from failover.decision.carry import is_confirmed, may_submit
from failover.decision.knowledge import Knowledge
from failover.decision.move import Move, Progress
from failover.errors import LeverRefusedError, LeverUnavailableError, UnknownChangeError
from failover.ledger.journal import Journal
from failover.levers.lever import Intent, Lever, Standing, Survey
from failover.region import Instant
from failover.settings import Settings


class Driver:
    """Carries the move in a journal as far as this round allows.

    Every advance is saved before the next is tried, and each can be repeated: the process may end anywhere.

    Parameters
    ----------
    lever
        What is driven.
    settings
        The Regions' names and the policy.
    clock
        Seconds since the epoch.

    """

    def __init__(self, *, lever: Lever, settings: Settings, clock: Callable[[], Instant]) -> None:
        self._lever = lever
        self._settings = settings
        self._clock = clock

    def drive(self, journal: Journal, knowledge: Knowledge) -> str:
        """Advance the move, and return as a sentence how far it came. Without a move nothing is done.

        Raises
        ------
        LedgerConflictError, LedgerUnavailableError
            If an advance could not be saved. What it did is found again in the world by the next round.

        """
        if journal.state.move is None:
            return ""
        try:
            return self._advance(journal, knowledge)
        except LeverUnavailableError as error:
            self._note_trouble(journal, str(error))
            return f"The lever {self._lever.name} could not be driven, and is tried again next round: {error}"
        except LeverRefusedError as error:
            return self._note(journal, overtaken(journal.state, str(error), self._clock()))

    def _advance(self, journal: Journal, knowledge: Knowledge) -> str:
        move = _move_in(journal)
        if move.current is None or move.current.change_id is None:
            sentence = self._submit(journal, knowledge)
            if (progress := _progress_in(journal)) is None or progress.change_id is None:
                return sentence
        return self._confirm(journal)

    def _submit(self, journal: Journal, knowledge: Knowledge) -> str:
        move, survey = _move_in(journal), self._lever.survey()
        if why := self._not_ours(journal, survey):
            return self._note(journal, overtaken(journal.state, why, self._clock()))
        if not may_submit(move, knowledge) and not self._already_made(move, survey):
            source, target = self._settings.regions[move.source], self._settings.regions[move.target]
            return (
                f"The move {move.id} waits for a round that sees {target} serve, and {source} not if it is automatic."
            )
        intent = move.current.intent if move.current else self._intend(journal, survey)
        change_id = self._lever.submit(intent)
        return self._note(journal, submitted(journal.state, change_id, self._settings, self._clock()))

    def _already_made(self, move: Move, survey: Survey) -> bool:
        """Tell whether the change was made and only its answer was lost: then the move has begun."""
        return move.current is not None and self._lever.standing(move.current.intent, survey) is Standing.AFTER

    def _intend(self, journal: Journal, survey: Survey) -> Intent:
        intent = self._lever.plan(survey, _move_in(journal).weights)
        journal.note(intended(journal.state, intent))
        return intent

    def _not_ours(self, journal: Journal, survey: Survey) -> str | None:
        """Tell who else changed the records; None if they are as this controller found or left them."""
        if not steers(survey, self._settings):
            return f"somebody else deleted the records of {self._settings.domain_name}; none are created in a move."
        if self._as_left(journal, survey):
            return None
        found = describe(survey.weights, self._settings)
        return f"somebody else changed the records during the move; they are left as found: {found}."

    def _as_left(self, journal: Journal, survey: Survey) -> bool:
        progress = _move_in(journal).progress
        if progress is None:
            return survey.weights == journal.state.weights
        standing = self._lever.standing(progress.intent, survey)
        if progress.change_id is None:
            return standing is not Standing.FOREIGN
        # Route 53 has taken the change and lists it at once: records as they were before were put back by somebody.
        return standing is Standing.AFTER

    def _confirm(self, journal: Journal) -> str:
        progress = _move_in(journal).current
        if progress is None or progress.change_id is None or progress.confirmed_at is not None:
            return ""
        trouble = "" if progress.in_sync_at else self._ask_in_sync(journal, progress.change_id)
        confirmation = self._lever.confirm(progress.intent)
        if is_confirmed(_move_in(journal), confirmation, self._clock()):
            return self._note(journal, confirmed(journal.state, confirmation, self._settings, self._clock()))
        if not confirmation.moved and (why := self._not_ours(journal, self._lever.survey())):
            return self._note(journal, overtaken(journal.state, why, self._clock()))
        sentence = f"{confirmation.detail} {trouble}".strip()
        self._note_trouble(journal, sentence)
        return sentence

    def _ask_in_sync(self, journal: Journal, change_id: str) -> str:
        """Note INSYNC if it is so. The control plane may fail here: the name servers alone can confirm a move."""
        try:
            if self._lever.in_sync(change_id):
                journal.note(in_sync(journal.state, self._clock()))
        except UnknownChangeError:
            journal.note(resubmission_needed(journal.state))
            return f"Route 53 does not know the change {change_id}; the same values are set again."
        except LeverUnavailableError as error:
            return f"Whether Route 53 is in sync could not be asked: {error}"
        return ""

    @staticmethod
    def _note_trouble(journal: Journal, trouble: str) -> None:
        if trouble != _move_in(journal).trouble:
            journal.note(troubled(journal.state, trouble))

    @staticmethod
    def _note(journal: Journal, outcome: Outcome) -> str:
        state, sentence, announcements = outcome
        journal.note(replace(state, reason=sentence), announcements)
        return sentence


def _move_in(journal: Journal) -> Move:
    if journal.state.move is None:
        raise ValueError("no move is under way")
    return journal.state.move


def _progress_in(journal: Journal) -> Progress | None:
    return journal.state.move.current if journal.state.move else None
