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

from cognito_failover.common.deadlines import Deadline, run_in_thread, wait_for_result
from cognito_failover.common.error_boundary import translate_unexpected_errors
from cognito_failover.common.errors import (
    FailoverError,
    LedgerConflictError,
    LedgerUnavailableError,
    LeverRefusedError,
    LeverUnavailableError,
)
from cognito_failover.common.latch_name import LatchName
from cognito_failover.common.region import Instant, RegionRole, Weights
from cognito_failover.core.model.event import Event
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.observation import Observation
from cognito_failover.core.ports.latch import Latch
from cognito_failover.core.ports.lever import ChangeStatus, Confirmation, DnsWatch, Intent, Lever, RecordsSnapshot
from cognito_failover.core.preflight_result import PreflightResult
from cognito_failover.probe.jwks_cache import CachedJwks
from cognito_failover.storage.ledger import MAX_SAMPLES, Ledger, VersionedState
from cognito_failover.timeline.sample import RoundSample

if TYPE_CHECKING:
    from concurrent.futures import Future

SAVE_RESERVE_SECONDS = 1.5
"""Kept back from the lever's calls, so that a round can still save what they did."""

MIN_SUBMIT_SECONDS = 3.0
"""What must be left of a round to begin a change: as long as its connection and its answer may take."""

MIN_SET_LATCH_SECONDS = 1.5
"""What must be left of a round to begin to set a latch: as long as its connection and its answer may take."""

LEDGER_TIMEOUT_SECONDS = 2.0
"""The longest one call to the ledger may take."""


class RoundBudget:
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

    def start_round(self, seconds: float) -> None:
        """Give the round that begins now this much time."""
        self._deadline = Deadline(seconds, monotonic=self._monotonic)

    def call[T](
        self, call: Callable[[], T], *, description: str, timeout_seconds: float, timeout_error: type[FailoverError]
    ) -> T:
        """Make a call within its own limit and the round's.

        Raises
        ------
        FailoverError
            Of the type ``late``, if there is no answer in time; or whatever the call raises.

        """
        seconds = min(timeout_seconds, self._deadline.remaining_seconds)
        if seconds <= 0:
            raise timeout_error(f"{description} was not begun: this round has no time left.")
        future: Future[tuple[T] | None] = run_in_thread(lambda: (call(),), name=description)
        answer = wait_for_result(Deadline(seconds), future, default=None)
        if answer is None:
            raise timeout_error(f"{description} gave no answer within {seconds:.1f} s.")
        return answer[0]

    @property
    def remaining_seconds(self) -> float:
        """What is left of the round."""
        return self._deadline.remaining_seconds


class BoundedLever:
    """A lever whose every call ends in time for the round to save what it did."""

    def __init__(self, lever: Lever, round_budget: RoundBudget) -> None:
        self._lever = lever
        self._round_budget = round_budget

    @property
    def name(self) -> str:
        """What it is called."""
        return self._lever.name

    def read_records(self) -> RecordsSnapshot:
        """Read the world."""
        return self._call(self._lever.read_records, "Reading the records")

    def plan(self, snapshot: RecordsSnapshot, weights: Weights) -> Intent:
        """Return the change to these weights; no I/O."""
        with _translate_lever_errors("Planning the change"):
            return self._lever.plan(snapshot, weights)

    def get_change_status(self, intent: Intent, snapshot: RecordsSnapshot) -> ChangeStatus:
        """Tell where the world stands; no I/O."""
        with _translate_lever_errors("Comparing the records"):
            return self._lever.get_change_status(intent, snapshot)

    def submit(self, intent: Intent, current: RecordsSnapshot) -> str:
        """Make the change, in the caller's thread.

        It is never abandoned: a process may be frozen after its round, and a write left behind in it would be made
        minutes later. Its own timeouts bound it, and it is not begun without time for them.
        """
        if self._round_budget.remaining_seconds < MIN_SUBMIT_SECONDS:
            raise LeverUnavailableError("There is no time left in this round to change the records.")
        with _translate_lever_errors("Changing the records"):
            return self._lever.submit(intent, current)

    def is_in_sync(self, change_id: str) -> bool:
        """Tell whether Route 53 is done."""
        return self._call(lambda: self._lever.is_in_sync(change_id), "Asking for the change")

    def confirm(self, watch: DnsWatch, role: RegionRole) -> Confirmation:
        """Ask the name servers."""
        return self._call(lambda: self._lever.confirm(watch, role), "Asking the name servers")

    def read_back(self, intent: Intent) -> Confirmation:
        """Read the records."""
        return self._call(lambda: self._lever.read_back(intent), "Reading the records")

    def _call[T](self, call: Callable[[], T], description: str) -> T:
        seconds = self._round_budget.remaining_seconds - SAVE_RESERVE_SECONDS
        with _translate_lever_errors(description):
            return self._round_budget.call(
                call, description=description, timeout_seconds=max(0.0, seconds), timeout_error=LeverUnavailableError
            )


class BoundedLatch:
    """A latch whose every call ends in time."""

    def __init__(self, latch: Latch, round_budget: RoundBudget) -> None:
        self._latch = latch
        self._round_budget = round_budget

    @property
    def name(self) -> LatchName:
        """What it moves."""
        return self._latch.name

    def find_state_record(self) -> DnsWatch | None:
        """Return where its check's state shows."""
        return self._call(self._latch.find_state_record, "Reading the beacon of the latch")

    def read_initial_state(self, watch: DnsWatch | None) -> bool:
        """Tell whether it is thrown, with nothing known of it."""
        return self._call(lambda: self._latch.read_initial_state(watch), "Looking for the latch")

    def refresh(self, *, thrown: bool) -> bool:
        """Tell whether it is thrown; a write in it is bounded by its own timeouts."""
        with _translate_switch_errors(f"Reading the latch of the {self.name}"):
            return self._latch.refresh(thrown=thrown)

    def set(self, *, thrown: bool) -> None:
        """Throw or release it, in the caller's thread, for the same reason as `PunctualLever.submit`."""
        if self._round_budget.remaining_seconds < MIN_SET_LATCH_SECONDS:
            raise LeverUnavailableError(f"There is no time left in this round to set the latch of the {self.name}.")
        with _translate_switch_errors(f"Setting the latch of the {self.name}"):
            self._latch.set(thrown=thrown)

    def confirm(self, watch: DnsWatch, role: RegionRole) -> Confirmation:
        """Ask from outside."""
        return self._call(lambda: self._latch.confirm(watch, role), "Asking for the latch's beacon")

    def _call[T](self, call: Callable[[], T], description: str) -> T:
        seconds = self._round_budget.remaining_seconds - SAVE_RESERVE_SECONDS
        with _translate_lever_errors(description):
            return self._round_budget.call(
                call, description=description, timeout_seconds=max(0.0, seconds), timeout_error=LeverUnavailableError
            )


class BoundedLedger:
    """A ledger whose every call ends in time."""

    def __init__(self, ledger: Ledger, round_budget: RoundBudget) -> None:
        self._ledger = ledger
        self._round_budget = round_budget

    def load(self) -> VersionedState | None:
        """Return the state."""
        return self._call(self._ledger.load, "Reading the state")

    def save(self, state: ControllerState, *, expected: int | None, events: Sequence[Event] = ()) -> VersionedState:
        """Save the state."""
        return self._call(lambda: self._ledger.save(state, expected=expected, events=events), "Saving the state")

    def acquire_lease(self, owner: str, *, now: Instant, seconds: float) -> bool:
        """Take the lease."""
        return self._call(lambda: self._ledger.acquire_lease(owner, now=now, seconds=seconds), "Taking the lease")

    def release_lease(self, owner: str) -> None:
        """Give up the lease."""
        self._call(lambda: self._ledger.release_lease(owner), "Giving up the lease")

    def save_observation(self, observation: Observation) -> None:
        """Keep an observation."""
        self._call(lambda: self._ledger.save_observation(observation), "Writing the observation")

    def load_observations(self, observers: Sequence[str]) -> tuple[Observation, ...]:
        """Return the observations."""
        return self._call(lambda: self._ledger.load_observations(observers), "Reading the observations")

    def load_history(self, *, limit: int) -> tuple[Event, ...]:
        """Return the history."""
        return self._call(lambda: self._ledger.load_history(limit=limit), "Reading the history")

    def load_history_between(self, *, since: Instant, until: Instant) -> tuple[Event, ...]:
        """Return a part of the history."""
        return self._call(lambda: self._ledger.load_history_between(since=since, until=until), "Reading the history")

    def save_preflight(self, preflight: PreflightResult) -> None:
        """Replace the last preflight's result."""
        self._call(lambda: self._ledger.save_preflight(preflight), "Writing the preflight")

    def load_preflight(self) -> PreflightResult | None:
        """Return the last preflight's result."""
        return self._call(self._ledger.load_preflight, "Reading the preflight")

    def save_sample(self, sample: RoundSample) -> None:
        """Keep a moment of the timeline."""
        self._call(lambda: self._ledger.save_sample(sample), "Keeping a moment of the timeline")

    def load_samples(self, *, since: Instant, until: Instant, limit: int = MAX_SAMPLES) -> tuple[RoundSample, ...]:
        """Return moments of the timeline."""
        return self._call(
            lambda: self._ledger.load_samples(since=since, until=until, limit=limit), "Reading the timeline"
        )

    def load_keys(self) -> CachedJwks:
        """Return the kept key set."""
        return self._call(self._ledger.load_keys, "Reading the key set")

    def save_keys(self, jwks: CachedJwks) -> None:
        """Keep a key set."""
        self._call(lambda: self._ledger.save_keys(jwks), "Keeping the key set")

    def _call[T](self, call: Callable[[], T], description: str) -> T:
        expected_errors = (LedgerUnavailableError, LedgerConflictError)
        with translate_unexpected_errors(*expected_errors, error_type=LedgerUnavailableError, description=description):
            return self._round_budget.call(
                call,
                description=description,
                timeout_seconds=LEDGER_TIMEOUT_SECONDS,
                timeout_error=LedgerUnavailableError,
            )


def _translate_lever_errors(description: str) -> AbstractContextManager[None]:
    return translate_unexpected_errors(
        LeverUnavailableError, LeverRefusedError, error_type=LeverUnavailableError, description=description
    )


def _translate_switch_errors(description: str) -> AbstractContextManager[None]:
    return translate_unexpected_errors(LeverUnavailableError, error_type=LeverUnavailableError, description=description)
