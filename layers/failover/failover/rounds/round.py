"""One round: observe, decide, record, act."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from failover.decision.announcement import Announcement
from failover.decision.decide import Decision, decide
from failover.decision.freshness import Freshness
from failover.decision.knowledge import Knowledge
from failover.decision.outside import SignIns
from failover.decision.preflight import Preflight, with_preflight
from failover.decision.quorum import agree
from failover.decision.state import State
from failover.errors import FailoverError, LedgerConflictError, LeverRefusedError, LeverUnavailableError
from failover.ledger.journal import Journal
from failover.ledger.ledger import Ledger
from failover.probe.backoff import NONE, Backoffs
from failover.probe.observation import Observation
from failover.region import Instant
from failover.rounds.drive import Driver
from failover.rounds.look import Levers, Looker
from failover.settings import Settings
from failover.unforeseen import in_words

OWN_FAULT = "This round failed by a fault of its own; the next one goes on from what it saved."
"""The reason of a round that raised what nobody foresaw."""

_log = logging.getLogger(__name__)


class Observer(Protocol):
    """Whoever makes observations: the probe, or its twin."""

    def observe(self, backoffs: Backoffs) -> tuple[Observation, Backoffs]:
        """Return what is seen now, and how the canary stands after it."""
        ...


class Noting(Protocol):
    """Whoever measures beside the rounds how far the replica is behind."""

    def noted(self, freshness: Freshness) -> Freshness:
        """Return what is to be remembered of it by now; never waits."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a round came to, for logs and metrics.

    Attributes
    ----------
    observation
        What was seen.
    others
        What the further observers saw last.
    knowledge
        What is known by it.
    state
        What is remembered after it; None if even that isn't known.
    reason
        What is done, or why nothing is, as a sentence.
    silence_seconds
        From the round before to this one, as far as remembered.
    failure
        What kept the round from being made to its end, or recorded; empty if nothing did.

    """

    observation: Observation
    others: tuple[Observation, ...] = ()
    knowledge: Knowledge
    state: State | None
    reason: str
    silence_seconds: float | None = None
    failure: str = ""

    @property
    def observations(self) -> tuple[Observation, ...]:
        """What everybody saw, the controller first."""
        return (self.observation, *self.others)


class Rounds:
    """Makes rounds, one after another, over the same collaborators.

    Parameters
    ----------
    settings
        The policy.
    ledger
        The memory.
    probe
        The eyes.
    levers
        The hands.
    clock
        Seconds since the epoch.
    gauge
        Measures the replica's lag; None where that is left to others.
    sign_ins
        Gives the sign-ins through the domain since it was last asked; by default none are made.

    """

    def __init__(
        self,
        *,
        settings: Settings,
        ledger: Ledger,
        probe: Observer,
        levers: Levers,
        clock: Callable[[], Instant],
        gauge: Noting | None = None,
        sign_ins: Callable[[], SignIns] = SignIns,
    ) -> None:
        self._settings = settings
        self._ledger = ledger
        self._probe = probe
        self._clock = clock
        self._sign_ins = sign_ins
        self._looker = Looker(levers=levers, settings=settings)
        self._driver = Driver(levers=levers, settings=settings, clock=clock)
        self._gauge = gauge
        self._journal: Journal | None = None
        self._preflight: Preflight | None = None

    def begin(self) -> None:
        """Forget what this process knew: since its last rounds another one may have made some."""
        self._journal = None

    def learn(self, preflight: Preflight | None) -> None:
        """Take what was read of the last preflight, away from any round; the next one remembers it."""
        self._preflight = preflight or self._preflight

    def run(self) -> Report:
        """Make one round. It changes nothing that it could not save the intent of first."""
        backoffs = NONE
        trouble = ""
        try:
            self._journal = self._journal or Journal(self._ledger, self._ledger.load())
            backoffs = self._journal.state.backoffs if self._journal.remembers else NONE
        except FailoverError as error:
            trouble = str(error)
        observation, backoffs_after = self._probe.observe(backoffs)
        others = self._others()
        knowledge = agree(
            (observation, *others),
            configured=self._settings.observers,
            now=self._clock(),
            fresh_seconds=self._settings.fresh_seconds,
        )
        report = Report(observation=observation, others=others, knowledge=knowledge, state=None, reason="")
        if self._journal is None:
            return replace(report, reason="The ledger can't be read: nothing moves.", failure=trouble)
        try:
            return self._recorded(self._journal, report, backoffs_after)
        except Exception as error:  # noqa: BLE001 - a fault of ours must not keep people from being told, nor later rounds
            _log.error("A round failed by a fault of its own: %s", in_words(error))
            return replace(report, state=self._remembered, reason=OWN_FAULT, failure=in_words(error))

    @property
    def _remembered(self) -> State | None:
        return self._journal.state if self._journal and self._journal.remembers else None

    def _others(self) -> tuple[Observation, ...]:
        """Return what the further observers saw last. If that can't be read they are silent, and so no majority."""
        if not self._settings.further_observers:
            return ()
        try:
            return self._ledger.observations(self._settings.further_observers)
        except FailoverError as error:
            _log.warning("What the further observers saw is not known in this round: %s", error)
            return ()

    def forget(self, told: tuple[Announcement, ...]) -> None:
        """Drop announcements that have been sent."""
        try:
            if self._journal and self._journal.remembers:
                self._journal.forget_told(told)
        except FailoverError:
            self._journal = None  # they are sent again, which is better than never

    def _recorded(self, journal: Journal, report: Report, backoffs: Backoffs) -> Report:
        last_round_at = journal.state.last_round_at if journal.remembers else None
        knowledge = report.knowledge
        report = replace(
            report,
            state=journal.state if journal.remembers else None,
            silence_seconds=None if last_round_at is None else self._clock() - last_round_at,
        )
        try:
            self._ledger.put_observation(report.observation)
            reason = self._decide_and_act(journal, knowledge, backoffs)
        except LedgerConflictError:
            return self._after_conflict(report, knowledge, backoffs)
        except (LeverUnavailableError, LeverRefusedError) as error:  # once a state is there, a move or look notes them
            reason = "Nothing is remembered, and the records can't be taken as they are: nothing moves."
            return replace(report, reason=reason, failure=str(error))
        except FailoverError as error:
            self._journal = None  # what was saved is not known: read it again
            return replace(report, reason="The ledger can't be written: nothing more is done.", failure=str(error))
        return replace(report, state=self._remembered, reason=reason)

    def _after_conflict(self, report: Report, knowledge: Knowledge, backoffs: Backoffs) -> Report:
        """Somebody changed the state meanwhile, such as an operator: go on, once, from what they left."""
        try:
            journal = self._journal = Journal(self._ledger, self._ledger.load())
            if self._counted(journal, report.observation):
                reason = self._driver.drive(journal, knowledge)
            else:
                reason = self._decide_and_act(journal, knowledge, backoffs)
        except FailoverError as error:
            self._journal = None
            reason = "The state changed under this round more than once; the next round goes on from what it finds."
            return replace(report, reason=reason, failure=str(error))
        return replace(report, state=self._remembered, reason=reason)

    @staticmethod
    def _counted(journal: Journal, observation: Observation) -> bool:
        """Tell whether the state has already been decided by this observation: one round never counts as two."""
        last_round_at = journal.state.last_round_at if journal.remembers else None
        return last_round_at is not None and last_round_at >= observation.observed_at

    def _decide_and_act(self, journal: Journal, knowledge: Knowledge, backoffs: Backoffs) -> str:
        now = self._clock()
        if not journal.remembers:
            state, announcements = self._looker.birth(now)
            journal.note(state, announcements)
            return announcements[0].sentence
        regarded, announcements = self._looker.regard(journal.state, knowledge, now)
        noted, of_preflight = with_preflight(regarded, self._preflight, self._settings, now)
        freshness = self._gauge.noted(noted.freshness) if self._gauge else noted.freshness
        seen = replace(noted, freshness=freshness, backoffs=backoffs)
        decision: Decision = decide(seen, knowledge, self._settings, now, self._sign_ins())
        journal.note(decision.state, (*announcements, *of_preflight, *decision.announcements))
        driven = self._driver.drive(journal, knowledge)
        return f"{decision.reason} {driven}".strip()
