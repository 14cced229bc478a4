"""The lever and the ledger, on time and in their own words.

A call that hangs is abandoned, none changes anything once a round is over, and whatever one raises is a fact about that
lever, or the ledger: never the end of a round.

The one rule about time: a round may last as long as its lease keeps others from acting, and as the process is allowed
to run, whichever is less (`Timekeeper.begin_round`); a call is bounded by its own timeouts; and a change is not begun
unless these fit into what is left. The interval between rounds is no bound: one that runs over delays the next.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from failover.bounded import Deadline, result_by, start
from failover.decision.announcement import Announcement
from failover.decision.preflight import Preflight
from failover.decision.state import State
from failover.errors import (
    FailoverError,
    LedgerConflictError,
    LedgerUnavailableError,
    LeverRefusedError,
    LeverUnavailableError,
)
from failover.ledger.ledger import MAX_SAMPLES, Ledger, Saved
from failover.levers.latch import Latch, LatchName
from failover.levers.lever import Confirmation, Intent, Lever, Sight, Standing, Survey
from failover.outside.sample import Sample
from failover.probe.keys import KeptKeys
from failover.probe.observation import Observation
from failover.region import Instant, Side, Weights
from failover.unforeseen import only

if TYPE_CHECKING:
    from concurrent.futures import Future

SAVING_SECONDS = 1.5
"""Kept back from the lever's calls, so that a round can still save what they did."""

SUBMITTING_SECONDS = 3.0
"""What must be left of a round to begin a change: as long as its connection and its answer may take."""

SETTING_SECONDS = 1.5
"""What must be left of a round to begin to set a latch: as long as its connection and its answer may take."""

LEDGER_CALL_SECONDS = 2.0
"""The longest one call to the ledger may take."""


class Timekeeper:
    """Tells how much of a round is left. Begun anew for each.

    A call that is abandoned may still succeed later. That is no new case: it is a write whose answer was lost.

    Parameters
    ----------
    monotonic
        The clock it is measured with, in seconds.

    """

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._deadline = Deadline(0.0, monotonic=monotonic)

    def begin_round(self, seconds: float) -> None:
        """Give the round that begins now this much time."""
        self._deadline = Deadline(seconds, monotonic=self._monotonic)

    def call[T](self, call: Callable[[], T], *, what: str, at_most_seconds: float, late: type[FailoverError]) -> T:
        """Make a call within its own limit and the round's.

        Raises
        ------
        FailoverError
            Of the type ``late``, if there is no answer in time; or whatever the call raises.

        """
        seconds = min(at_most_seconds, self._deadline.remaining_seconds)
        if seconds <= 0:
            raise late(f"{what} was not begun: this round has no time left.")
        future: Future[tuple[T] | None] = start(lambda: (call(),), name=what)
        answer = result_by(Deadline(seconds), future, late=None)
        if answer is None:
            raise late(f"{what} gave no answer within {seconds:.1f} s.")
        return answer[0]

    @property
    def remaining_seconds(self) -> float:
        """What is left of the round."""
        return self._deadline.remaining_seconds


class PunctualLever:
    """A lever whose every call ends in time for the round to save what it did."""

    def __init__(self, lever: Lever, timekeeper: Timekeeper) -> None:
        self._lever = lever
        self._timekeeper = timekeeper

    @property
    def name(self) -> str:
        """What it is called."""
        return self._lever.name

    def survey(self) -> Survey:
        """Read the world."""
        return self._call(self._lever.survey, "Reading the records")

    def plan(self, survey: Survey, weights: Weights) -> Intent:
        """Return the change to these weights; no I/O."""
        with _as_of_a_lever("Planning the change"):
            return self._lever.plan(survey, weights)

    def standing(self, intent: Intent, survey: Survey) -> Standing:
        """Tell where the world stands; no I/O."""
        with _as_of_a_lever("Comparing the records"):
            return self._lever.standing(intent, survey)

    def submit(self, intent: Intent, found: Survey) -> str:
        """Make the change, in the caller's thread.

        It is never abandoned: a process may be frozen after its round, and a write left behind in it would be made
        minutes later. Its own timeouts bound it, and it is not begun without time for them.
        """
        if self._timekeeper.remaining_seconds < SUBMITTING_SECONDS:
            raise LeverUnavailableError("There is no time left in this round to change the records.")
        with _as_of_a_lever("Changing the records"):
            return self._lever.submit(intent, found)

    def in_sync(self, change_id: str) -> bool:
        """Tell whether Route 53 is done."""
        return self._call(lambda: self._lever.in_sync(change_id), "Asking for the change")

    def answers(self, sight: Sight, side: Side) -> Confirmation:
        """Ask the name servers."""
        return self._call(lambda: self._lever.answers(sight, side), "Asking the name servers")

    def read_back(self, intent: Intent) -> Confirmation:
        """Read the records."""
        return self._call(lambda: self._lever.read_back(intent), "Reading the records")

    def _call[T](self, call: Callable[[], T], what: str) -> T:
        seconds = self._timekeeper.remaining_seconds - SAVING_SECONDS
        with _as_of_a_lever(what):
            return self._timekeeper.call(call, what=what, at_most_seconds=max(0.0, seconds), late=LeverUnavailableError)


class PunctualLatch:
    """A latch whose every call ends in time."""

    def __init__(self, latch: Latch, timekeeper: Timekeeper) -> None:
        self._latch = latch
        self._timekeeper = timekeeper

    @property
    def name(self) -> LatchName:
        """What it moves."""
        return self._latch.name

    def sight(self) -> Sight | None:
        """Return where its check's state shows."""
        return self._call(self._latch.sight, "Reading the beacon of the latch")

    def found(self, sight: Sight | None) -> bool:
        """Tell whether it is thrown, with nothing known of it."""
        return self._call(lambda: self._latch.found(sight), "Looking for the latch")

    def keep(self, *, thrown: bool) -> bool:
        """Tell whether it is thrown; a write in it is bounded by its own timeouts."""
        with _as_of_a_switch(f"Reading the latch of the {self.name}"):
            return self._latch.keep(thrown=thrown)

    def set(self, *, thrown: bool) -> None:
        """Throw or release it, in the caller's thread, for the same reason as `PunctualLever.submit`."""
        if self._timekeeper.remaining_seconds < SETTING_SECONDS:
            raise LeverUnavailableError(f"There is no time left in this round to set the latch of the {self.name}.")
        with _as_of_a_switch(f"Setting the latch of the {self.name}"):
            self._latch.set(thrown=thrown)

    def answers(self, sight: Sight, side: Side) -> Confirmation:
        """Ask from outside."""
        return self._call(lambda: self._latch.answers(sight, side), "Asking for the latch's beacon")

    def _call[T](self, call: Callable[[], T], what: str) -> T:
        seconds = self._timekeeper.remaining_seconds - SAVING_SECONDS
        with _as_of_a_lever(what):
            return self._timekeeper.call(call, what=what, at_most_seconds=max(0.0, seconds), late=LeverUnavailableError)


class PunctualLedger:
    """A ledger whose every call ends in time."""

    def __init__(self, ledger: Ledger, timekeeper: Timekeeper) -> None:
        self._ledger = ledger
        self._timekeeper = timekeeper

    def load(self) -> Saved | None:
        """Return the state."""
        return self._call(self._ledger.load, "Reading the state")

    def save(self, state: State, *, expected: int | None, announcements: Sequence[Announcement] = ()) -> Saved:
        """Save the state."""
        return self._call(
            lambda: self._ledger.save(state, expected=expected, announcements=announcements), "Saving the state"
        )

    def take_lease(self, owner: str, *, now: Instant, seconds: float) -> bool:
        """Take the lease."""
        return self._call(lambda: self._ledger.take_lease(owner, now=now, seconds=seconds), "Taking the lease")

    def give_up_lease(self, owner: str) -> None:
        """Give up the lease."""
        self._call(lambda: self._ledger.give_up_lease(owner), "Giving up the lease")

    def put_observation(self, observation: Observation) -> None:
        """Keep an observation."""
        self._call(lambda: self._ledger.put_observation(observation), "Writing the observation")

    def observations(self, observers: Sequence[str]) -> tuple[Observation, ...]:
        """Return the observations."""
        return self._call(lambda: self._ledger.observations(observers), "Reading the observations")

    def history(self, *, limit: int) -> tuple[Announcement, ...]:
        """Return the history."""
        return self._call(lambda: self._ledger.history(limit=limit), "Reading the history")

    def history_between(self, *, since: Instant, until: Instant) -> tuple[Announcement, ...]:
        """Return a part of the history."""
        return self._call(lambda: self._ledger.history_between(since=since, until=until), "Reading the history")

    def put_preflight(self, preflight: Preflight) -> None:
        """Replace the last preflight's result."""
        self._call(lambda: self._ledger.put_preflight(preflight), "Writing the preflight")

    def preflight(self) -> Preflight | None:
        """Return the last preflight's result."""
        return self._call(self._ledger.preflight, "Reading the preflight")

    def put_sample(self, sample: Sample) -> None:
        """Keep a moment of the timeline."""
        self._call(lambda: self._ledger.put_sample(sample), "Keeping a moment of the timeline")

    def samples(self, *, since: Instant, until: Instant, limit: int = MAX_SAMPLES) -> tuple[Sample, ...]:
        """Return moments of the timeline."""
        return self._call(lambda: self._ledger.samples(since=since, until=until, limit=limit), "Reading the timeline")

    def load_keys(self) -> KeptKeys:
        """Return the kept key set."""
        return self._call(self._ledger.load_keys, "Reading the key set")

    def save_keys(self, kept: KeptKeys) -> None:
        """Keep a key set."""
        self._call(lambda: self._ledger.save_keys(kept), "Keeping the key set")

    def _call[T](self, call: Callable[[], T], what: str) -> T:
        foreseen = (LedgerUnavailableError, LedgerConflictError)
        with only(*foreseen, otherwise=LedgerUnavailableError, what=what):
            return self._timekeeper.call(
                call, what=what, at_most_seconds=LEDGER_CALL_SECONDS, late=LedgerUnavailableError
            )


def _as_of_a_lever(what: str) -> AbstractContextManager[None]:
    return only(LeverUnavailableError, LeverRefusedError, otherwise=LeverUnavailableError, what=what)


def _as_of_a_switch(what: str) -> AbstractContextManager[None]:
    return only(LeverUnavailableError, otherwise=LeverUnavailableError, what=what)
