"""Drives every lever towards the decided state, one safe advance after another, however often it was interrupted."""

from collections.abc import Callable
from dataclasses import replace

from failover.decision.adoption import describe, steers
from failover.decision.advance import (
    Outcome,
    confirmed,
    followed,
    following,
    in_sync,
    intended,
    not_followed,
    overtaken,
    resubmission_needed,
    submitted,
    troubled,
    untraceable,
)
from failover.decision.carry import is_confirmed, may_submit
from failover.decision.knowledge import Knowledge
from failover.decision.latching import (
    in_trouble,
    is_seen,
    left_to_set,
    moves_records,
    suffices,
    weights_may_follow,
    why_weights_wait,
)
from failover.decision.move import LeverName, Move, Progress
from failover.decision.state import trailing_of
from failover.errors import LeverRefusedError, LeverUnavailableError, UnknownChangeError
from failover.ledger.journal import Journal
from failover.levers.latch import LatchName
from failover.levers.lever import Confirmation, Intent, Lever, Sight, Standing, Survey
from failover.region import Instant, all_to
from failover.rounds.look import Levers
from failover.rounds.throw import Thrower
from failover.settings import Settings


class Driver:
    """Carries the move in a journal as far as this round allows, by every lever there is.

    Every advance is saved before the next is tried, and each can be repeated: the process may end anywhere. The latches
    come first, since they are quick and need the least; but one in trouble comes last, since it may hang again. A lever
    that fails keeps none of the others.

    Parameters
    ----------
    levers
        What is driven.
    settings
        The Regions' names and the policy.
    clock
        Seconds since the epoch.

    """

    def __init__(self, *, levers: Levers, settings: Settings, clock: Callable[[], Instant]) -> None:
        self._thrower = Thrower(latches=levers.latches, settings=settings, clock=clock)
        self._weights = levers.records and WeightsDriver(lever=levers.records, settings=settings, clock=clock)

    def drive(self, journal: Journal, knowledge: Knowledge) -> str:
        """Advance the move, and return as a sentence how far it came. Without a move only what trails it is done.

        Raises
        ------
        LedgerConflictError, LedgerUnavailableError
            If an advance could not be saved. What it did is found again in the world by the next round.

        """
        move = journal.state.move
        # A move that goes back ends with the weights: what has to be released is released before.
        last = in_trouble(journal.state) if move and not move.reverting else frozenset[LatchName]()
        said = [
            self._thrower.drive(journal, knowledge, set(LatchName) - last),
            self._drive_weights(journal, knowledge),
            self._thrower.drive(journal, knowledge, last),
        ]
        return " ".join(filter(None, said))

    def _drive_weights(self, journal: Journal, knowledge: Knowledge) -> str:
        if self._weights and journal.state.move:
            return self._weights.drive(journal, knowledge)
        if self._weights and journal.state.trailing:
            return self._weights.follow(journal)
        return ""


class WeightsDriver:
    """Drives the weights of the domain's records; see `Driver`."""

    def __init__(self, *, lever: Lever, settings: Settings, clock: Callable[[], Instant]) -> None:
        self._lever = lever
        self._settings = settings
        self._clock = clock

    def drive(self, journal: Journal, knowledge: Knowledge) -> str:
        """Advance the weights of the move under way."""
        try:
            seen = self._see_latch(journal)
            if journal.state.move is None:
                return seen.detail if seen else ""
            if LeverName.WEIGHTS not in journal.state.move.levers:
                return self._wait_for_the_latch(journal, seen) if seen else ""
            return self._advance(journal, knowledge, seen)
        except LeverUnavailableError as error:
            self._note_trouble(journal, str(error))
            return f"The lever {self._lever.name} could not be driven, and is tried again next round: {error}"
        except LeverRefusedError as error:
            if left_to_set(journal.state):
                self._note_trouble(journal, str(error))
                return f"The weights can't be changed, and the move goes on without them: {error}"
            return self._note(journal, overtaken(journal.state, str(error), self._clock()))

    def follow(self, journal: Journal) -> str:
        """Bring the weights to where the users are already."""
        state, now = journal.state, self._clock()
        if not weights_may_follow(state, now):
            return ""
        try:
            survey = self._lever.survey()
            if not self._as_trailed(journal, survey):
                found = describe(survey.weights, self._settings)
                why = f"somebody else changed the records before their weights had followed: {found}."
                return self._note(journal, untraceable(state, why, now))
            if survey.weights != all_to(state.active):
                self._lever.submit(trailing_of(state).intent or self._intend_to_follow(journal, survey), survey)
            return self._note(journal, followed(journal.state, self._settings, now))
        except LeverUnavailableError as error:
            journal.note(not_followed(journal.state, str(error), now))
            return f"The weights have not followed yet: {error}"
        except LeverRefusedError as error:
            return self._note(journal, untraceable(journal.state, str(error), now))

    def _see_latch(self, journal: Journal) -> Confirmation | None:
        """Look whether the latch alone has moved the users already; None where it can't have."""
        move, surveyed = _move_in(journal), journal.state.surveyed
        if move.records_confirmed_at is not None or not suffices(journal.state):
            return None
        if not moves_records(move, self._settings):
            return None
        if surveyed is None or surveyed.sight is None:
            return None
        confirmation = self._lever.answers(surveyed.sight, move.destination)
        now = self._clock()
        if is_seen(journal.state.latches[LatchName.RECORDS], confirmation, now):
            self._note(journal, confirmed(journal.state, confirmation, self._settings, now))
        return confirmation

    def _wait_for_the_latch(self, journal: Journal, seen: Confirmation) -> str:
        """Leave the weights alone in a move that is not theirs; changed by a person, they would keep it from ending."""
        return ("" if seen.moved else self._watch_over(journal)) or seen.detail

    def _advance(self, journal: Journal, knowledge: Knowledge, seen: Confirmation | None) -> str:
        move = _move_in(journal)
        if move.current is None or move.current.change_id is None:
            sentence = self._submit(journal, knowledge)
            if (progress := _progress_in(journal)) is None or progress.change_id is None:
                return sentence
        if _move_in(journal).records_confirmed_at is not None:
            return self._watch_over(journal) if _move_in(journal).step_confirmed_at is not None else ""
        return self._confirm(journal, seen)

    def _watch_over(self, journal: Journal) -> str:
        """See that nobody else has changed the records meanwhile; out of reach, nobody can have."""
        try:
            why = self._not_ours(journal, self._lever.survey())
        except LeverUnavailableError:
            return ""
        return self._note(journal, overtaken(journal.state, why, self._clock())) if why else ""

    def _submit(self, journal: Journal, knowledge: Knowledge) -> str:
        if reason := why_weights_wait(journal.state):
            return reason
        move, survey = _move_in(journal), self._lever.survey()
        if why := self._not_ours(journal, survey):
            return self._note(journal, overtaken(journal.state, why, self._clock()))
        if not may_submit(move, knowledge) and not self._already_made(move, survey):
            source, target = self._settings.regions[move.source], self._settings.regions[move.target]
            return (
                f"The move {move.id} waits for a round that sees {target} serve, and {source} not if it is automatic."
            )
        intent = move.current.intent if move.current else self._intend(journal, survey)
        change_id = self._lever.submit(intent, survey)
        return self._note(journal, submitted(journal.state, change_id, self._settings, self._clock()))

    def _already_made(self, move: Move, survey: Survey) -> bool:
        """Tell whether the change was made and only its answer was lost: then the move has begun."""
        return move.current is not None and self._lever.standing(move.current.intent, survey) is Standing.AFTER

    def _intend(self, journal: Journal, survey: Survey) -> Intent:
        intent = self._lever.plan(survey, _move_in(journal).weights)
        journal.note(intended(journal.state, intent))
        return intent

    def _intend_to_follow(self, journal: Journal, survey: Survey) -> Intent:
        intent = self._lever.plan(survey, all_to(journal.state.active))
        journal.note(following(journal.state, intent))
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
            return self._as_trailed(journal, survey)
        standing = self._lever.standing(progress.intent, survey)
        if progress.change_id is None:
            return standing is not Standing.FOREIGN
        # Route 53 has taken the change and lists it at once: records as they were before were put back by somebody.
        return standing is Standing.AFTER

    def _as_trailed(self, journal: Journal, survey: Survey) -> bool:
        """Tell whether the records are as they were left, or as an earlier move may have changed them unheard."""
        trailing = journal.state.trailing
        if trailing and trailing.intent:
            return self._lever.standing(trailing.intent, survey) is not Standing.FOREIGN
        return survey.weights == journal.state.weights

    def _confirm(self, journal: Journal, seen: Confirmation | None) -> str:
        progress = _progress_in(journal)
        if progress is None or progress.change_id is None:
            return ""
        trouble = "" if progress.in_sync_at else self._ask_in_sync(journal, progress.change_id)
        confirmation = seen or self._look(journal, progress.intent)
        if is_confirmed(_move_in(journal), confirmation, self._clock()):
            return self._note(journal, confirmed(journal.state, confirmation, self._settings, self._clock()))
        if not confirmation.moved and (why := self._not_ours(journal, self._lever.survey())):
            return self._note(journal, overtaken(journal.state, why, self._clock()))
        sentence = f"{confirmation.detail} {trouble}".strip()
        self._note_trouble(journal, sentence)
        return sentence

    def _look(self, journal: Journal, intent: Intent) -> Confirmation:
        """Ask the name servers, as far as their answers can be told from chance."""
        move, surveyed = _move_in(journal), journal.state.surveyed
        if move.gives_a_share:
            return self._lever.read_back(intent)
        name_servers = surveyed.sight.name_servers if surveyed and surveyed.sight else ()
        return self._lever.answers(Sight(record_sets=intent.after, name_servers=name_servers), move.destination)

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
