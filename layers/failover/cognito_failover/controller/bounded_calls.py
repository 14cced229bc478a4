"""Calls to the levers and the ledger, bounded by the time that is left in the round.

A round may last as long as its lease, or as long as the process may run, whichever ends first. The interval between
rounds is no limit: a long round delays the next one.

A read runs in a thread and is abandoned if it takes too long. A write to a lever is never abandoned: the process may be
frozen after its round, and would then make the write minutes later. It runs in the caller's thread, where only its own
timeouts bound it, and starts only if they fit into the round. The wall clock counts too: the monotonic clock of a
suspended process may have stood still.

A write to the ledger may be abandoned and still succeed. The next round reads the ledger, as after a lost response.
"""

import logging
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast

from cognito_failover.common.deadlines import Deadline, require_result, run_in_thread
from cognito_failover.common.error_boundary import translate_unexpected_errors
from cognito_failover.common.errors import (
    DeadlineExceededError,
    FailoverError,
    LedgerConflictError,
    LedgerUnavailableError,
    LeverRefusedError,
    LeverUnavailableError,
)
from cognito_failover.common.region import Instant
from cognito_failover.core.ports.latch import Latch
from cognito_failover.core.ports.lever import Lever
from cognito_failover.core.ports.user_locator import UserLocator

_log = logging.getLogger(__name__)

SAVE_RESERVE_SECONDS = 1.5
"""Time that reads of the levers leave for saving their results in the same round."""

MIN_SUBMIT_SECONDS = 3.0
"""Minimum time left in a round to submit a change of the records: its connect and read timeouts."""

MIN_SET_LATCH_SECONDS = 1.5
"""Minimum time left in a round to set a latch: its connect and read timeouts."""

LEDGER_TIMEOUT_SECONDS = 2.0
"""Maximum time of one call to the ledger."""


class RoundBudget:
    """The time left in the current round.

    Parameters
    ----------
    monotonic
        The clock that measures durations, in seconds.
    clock
        The wall clock, in seconds since the epoch.

    """

    def __init__(
        self, *, monotonic: Callable[[], float] = time.monotonic, clock: Callable[[], Instant] = time.time
    ) -> None:
        self._monotonic = monotonic
        self._clock = clock
        self.start_round(0.0)

    def start_round(self, seconds: float) -> None:
        """Start a round that may last this long."""
        self._deadline = Deadline(seconds, monotonic=self._monotonic)
        self._seconds = seconds
        self._started_at = self._clock()

    def require_current(self, description: str) -> None:
        """Raise LeverUnavailableError if the wall clock shows that the round, or the lease, is over.

        The process was then suspended, or the clock was set. Another process may have taken over.
        """
        elapsed_seconds = self._clock() - self._started_at
        if abs(elapsed_seconds) > self._seconds:
            message = (
                f"{description} was refused, and nothing was changed: its {self._seconds:g} s began "
                f"{elapsed_seconds:.0f} s ago by the clock. The process was suspended, or the clock was set. The next "
                f"attempt looks again."
            )
            _log.warning("%s", message)
            raise LeverUnavailableError(message)

    @property
    def remaining_seconds(self) -> float:
        """The time left. Never negative."""
        return self._deadline.remaining_seconds

    def call[T](
        self, call: Callable[[], T], *, description: str, timeout_seconds: float, timeout_error: type[FailoverError]
    ) -> T:
        """Make a call within its own limit and the round's.

        Raises
        ------
        FailoverError
            Of the type ``timeout_error``, if there is no result in time; or any error of the call.

        """
        seconds = min(timeout_seconds, self.remaining_seconds)
        if seconds <= 0:
            raise timeout_error(f"{description} was not started: no time is left in this round.")
        try:
            return require_result(Deadline(seconds), run_in_thread(call, name=description))
        except DeadlineExceededError:
            raise timeout_error(f"{description} got no answer within {seconds:.1f} s.") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallLimits:
    """How the methods of one port are bounded.

    Attributes
    ----------
    in_thread
        Description of each method that may be abandoned.
    in_place
        Description of each method that may not, and the minimum time left in the round to start it.
    error_type
        The error of a call that is late.
    expected_errors
        Errors that callers handle. Any other becomes one of ``error_type``.
    in_place_errors
        The same for the methods in ``in_place``.
    max_seconds
        Maximum time of one call.
    reserve_seconds
        Time that a call leaves in the round.

    """

    in_thread: Mapping[str, str]
    in_place: Mapping[str, tuple[str, float]] = field(default_factory=dict)
    error_type: type[FailoverError]
    expected_errors: tuple[type[FailoverError], ...]
    in_place_errors: tuple[type[FailoverError], ...] = ()
    max_seconds: float = math.inf
    reserve_seconds: float = 0.0


LEVER_LIMITS = CallLimits(
    in_thread={
        "read_records": "Reading the records",
        "is_in_sync": "Reading the status of the change",
        "read_back": "Reading the records",
    },
    in_place={
        "plan": ("Planning the change", 0.0),
        "get_change_status": ("Comparing the records", 0.0),
        "submit": ("Changing the records", MIN_SUBMIT_SECONDS),
        "raise_fence": ("Changing the fence", MIN_SUBMIT_SECONDS),
    },
    error_type=LeverUnavailableError,
    expected_errors=(LeverUnavailableError, LeverRefusedError),
    in_place_errors=(LeverUnavailableError, LeverRefusedError),
    reserve_seconds=SAVE_RESERVE_SECONDS,
)
LATCH_LIMITS = CallLimits(
    in_thread={
        "find_state_record": "Reading the state record of the latch of the {name}",
        "read_initial_state": "Reading the latch of the {name}",
        "read_revision": "Reading the latch of the {name}",
        "confirm": "Querying the state record of the latch of the {name}",
    },
    in_place={
        "refresh": ("Reading the latch of the {name}", 0.0),  # may write; its own timeouts bound it
        "set": ("Setting the latch of the {name}", MIN_SET_LATCH_SECONDS),
    },
    error_type=LeverUnavailableError,
    expected_errors=(LeverUnavailableError, LeverRefusedError),
    in_place_errors=(LeverUnavailableError,),
    reserve_seconds=SAVE_RESERVE_SECONDS,
)
LOCATOR_LIMITS = CallLimits(
    in_thread={"locate": "Querying the name servers"},
    error_type=LeverUnavailableError,
    expected_errors=(LeverUnavailableError,),
    reserve_seconds=SAVE_RESERVE_SECONDS,
)
LEDGER_LIMITS = CallLimits(
    in_thread={
        "load": "Reading the state",
        "save": "Saving the state",
        "acquire_lease": "Acquiring the lease",
        "release_lease": "Releasing the lease",
        "save_observation": "Saving the observation",
        "load_observations": "Reading the observations",
        "load_history": "Reading the history",
        "load_history_between": "Reading the history",
        "load_preflight": "Reading the last preflight",
    },
    error_type=LedgerUnavailableError,
    expected_errors=(LedgerUnavailableError, LedgerConflictError),
    max_seconds=LEDGER_TIMEOUT_SECONDS,
)


def bound_lever(lever: Lever, round_budget: RoundBudget) -> Lever:
    """Return the lever with every call bounded."""
    return cast("Lever", _BoundedCalls(lever, LEVER_LIMITS, round_budget))


def bound_latch(latch: Latch, round_budget: RoundBudget) -> Latch:
    """Return the latch with every call bounded."""
    return cast("Latch", _BoundedCalls(latch, LATCH_LIMITS, round_budget))


def bound_locator(locator: UserLocator, round_budget: RoundBudget) -> UserLocator:
    """Return the locator with every call bounded."""
    return cast("UserLocator", _BoundedCalls(locator, LOCATOR_LIMITS, round_budget))


def bound_ledger[T](ledger: T, round_budget: RoundBudget) -> T:
    """Return the ledger with every call bounded."""
    return cast("T", _BoundedCalls(ledger, LEDGER_LIMITS, round_budget))


class _BoundedCalls:
    """Stands for a port. A method without a limit is an error, so that no call can be unbounded by oversight."""

    def __init__(self, target: object, limits: CallLimits, round_budget: RoundBudget) -> None:
        self._target = target
        self._limits = limits
        self._round_budget = round_budget

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._target, name)
        if name == "name":
            return attribute
        if name in self._limits.in_place:
            description, min_seconds = self._limits.in_place[name]
            return partial(self._call_in_place, attribute, self._describe(description), min_seconds)
        if name in self._limits.in_thread:
            return partial(self._call_in_thread, attribute, self._describe(self._limits.in_thread[name]))
        raise AttributeError(f"{name} has no time limit; add one to {__name__}.")

    def _describe(self, description: str) -> str:
        return description.format(name=getattr(self._target, "name", ""))

    def _call_in_thread(self, call: Callable[..., Any], description: str, *args: Any, **kwargs: Any) -> Any:
        limits = self._limits
        with translate_unexpected_errors(
            *limits.expected_errors, error_type=limits.error_type, description=description
        ):
            return self._round_budget.call(
                partial(call, *args, **kwargs),
                description=description,
                timeout_seconds=min(limits.max_seconds, self._round_budget.remaining_seconds - limits.reserve_seconds),
                timeout_error=limits.error_type,
            )

    def _call_in_place(
        self, call: Callable[..., Any], description: str, min_seconds: float, *args: Any, **kwargs: Any
    ) -> Any:
        limits = self._limits
        if self._round_budget.remaining_seconds < min_seconds:
            raise limits.error_type(
                f"{description} was not started: less than {min_seconds:g} s are left in this round."
            )
        self._round_budget.require_current(description)
        with translate_unexpected_errors(
            *limits.in_place_errors, error_type=limits.error_type, description=description
        ):
            return call(*args, **kwargs)
