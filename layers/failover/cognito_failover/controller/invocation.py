"""One invocation of the controller: the rounds of one minute, until the next invocation takes over."""

import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

from cognito_failover.common.deadlines import Deadline
from cognito_failover.common.errors import FailoverError
from cognito_failover.common.region import Instant
from cognito_failover.common.time_budget import INVOCATION_INTERVAL_SECONDS, NOTIFY_SECONDS
from cognito_failover.controller.bounded_calls import LEDGER_TIMEOUT_SECONDS, RoundBudget
from cognito_failover.controller.fault_isolation import FaultIsolator
from cognito_failover.controller.round import RoundRunner
from cognito_failover.core.model.event import Event
from cognito_failover.core.ports.stores import LeaseStore
from cognito_failover.core.round_pacing import compute_next_round_seconds
from cognito_failover.core.round_result import RoundResult
from cognito_failover.settings.controller import Settings

LEASE_POLL_SECONDS = 1.0
"""Interval between attempts to acquire the lease while an earlier invocation has it."""

WARM_UP_SECONDS = 2.0
"""Maximum time to load what the first round needs, such as the canary's secret."""

BACKGROUND_SHUTDOWN_SECONDS = 1.0
"""Maximum time to wait for background tasks. A process that is busy at the next invocation causes a cold start."""

SHUTDOWN_SECONDS = LEDGER_TIMEOUT_SECONDS + WARM_UP_SECONDS + BACKGROUND_SHUTDOWN_SECONDS
"""Time reserved for the end of an invocation: release the lease, refresh the caches, finish the background tasks."""

_log = logging.getLogger(__name__)


class Refresher(Protocol):
    """Refreshes caches between rounds, so that a decision never waits for them."""

    def warm_up(self, deadline: Deadline) -> None:
        """Load what the first round needs."""
        ...

    def refresh(self, deadline: Deadline) -> None:
        """Refresh what later rounds need."""
        ...


class Notifier(Protocol):
    """Reports rounds, and publishes events to people and machines."""

    def record_round(self, result: RoundResult, *, took_seconds: float) -> None:
        """Log and measure a round."""
        ...

    def publish(self, events: tuple[Event, ...]) -> tuple[Event, ...]:
        """Publish events, and return those that were delivered."""
        ...


class BackgroundTask(Protocol):
    """Runs in the background. No round waits for it."""

    def on_round_end(self, result: RoundResult) -> None:
        """Start the work that follows a round. Returns at once and never raises."""
        ...

    def finish(self, deadline: Deadline) -> None:
        """Wait for the started work until the deadline."""
        ...


class Invocation:
    """Runs rounds at a steady interval for one minute.

    Parameters
    ----------
    settings
        The intervals.
    round_runner
        Runs the rounds.
    lease_store
        Holds the lease, so that two invocations never run rounds at the same time.
    notifier
        Reports every round.
    refresher
        Refreshes caches in a pause between rounds.
    round_budget
        Limits the time of each round.
    clock, monotonic, sleep
        Seconds since the epoch, seconds for durations, and a function that waits.
    background_tasks
        Tasks that follow each round.

    """

    def __init__(
        self,
        *,
        settings: Settings,
        round_runner: RoundRunner,
        lease_store: LeaseStore,
        notifier: Notifier,
        refresher: Refresher,
        round_budget: RoundBudget,
        clock: Callable[[], Instant],
        monotonic: Callable[[], float],
        sleep: Callable[[float], None],
        background_tasks: Sequence[BackgroundTask] = (),
    ) -> None:
        self._settings = settings
        self._round_runner = round_runner
        self._lease_store = lease_store
        self._notifier = notifier
        self._refresher = refresher
        self._round_budget = round_budget
        self._clock = clock
        self._monotonic = monotonic
        self._sleep = sleep
        self._background_tasks = background_tasks

    def run(self, owner: str, remaining_seconds: Callable[[], float]) -> tuple[str, ...]:
        """Run this minute's rounds, and return a message for each failure.

        Parameters
        ----------
        owner
            Unique name of this invocation, for the lease.
        remaining_seconds
            Returns how long the process may still run.

        """
        fault_isolator = FaultIsolator()
        started_at = self._monotonic()
        if not self._wait_for_lease(owner, remaining_seconds):
            waited_seconds = self._monotonic() - started_at
            # The schedule may start two invocations for one minute. The other one runs the rounds: no failure.
            _log.warning(
                "Another invocation still has the lease after %.0f s. This one runs no rounds.", waited_seconds
            )
            return ()
        self._round_runner.reset()
        run_round = partial(self._run_round, owner, remaining_seconds)
        warm_up = partial(self._refresher.warm_up, Deadline(WARM_UP_SECONDS))
        fault_isolator.run(warm_up, description="Preparing the first round")
        first_at = round_at = self._monotonic()
        results = [fault_isolator.run(run_round, description="A round")]
        refresh = partial(fault_isolator.run, self._refresh, description="Refreshing the caches")
        is_refreshed = False
        while (
            next_at := self._compute_next_round_at(first_at, round_at, results[-1])
        ) < started_at + INVOCATION_INTERVAL_SECONDS:
            if not self._has_time(next_at, remaining_seconds):
                break
            if not is_refreshed and next_at - self._monotonic() >= WARM_UP_SECONDS:
                refresh()  # only in a pause: rounds without one watch a suspect Region
                is_refreshed = True
            self._sleep(max(0.0, next_at - self._monotonic()))
            round_at = self._monotonic()
            results.append(fault_isolator.run(run_round, description="A round"))
        fault_isolator.run(partial(self._release_lease, owner), description="Releasing the lease")
        if not is_refreshed:
            refresh()
        fault_isolator.run(self._finish_background_tasks, description="Finishing the background tasks")
        return (*fault_isolator.faults, *(result.failure for result in results if result and result.failure))

    def _compute_next_round_at(self, first_at: float, round_at: float, result: RoundResult | None) -> float:
        """Return when the next round is due: at the next usual interval, or sooner while a Region is suspect."""
        interval_seconds, now = self._settings.round_interval_seconds, self._monotonic()
        intervals_elapsed = (now - first_at) // interval_seconds
        next_interval_at = first_at + (intervals_elapsed + 1) * interval_seconds
        state = result.state if result else None
        reading = result.observation.readings[state.active_suspicion.role] if result and state else None
        pace_seconds = compute_next_round_seconds(state, self._settings, reading)
        return (
            min(next_interval_at, max(round_at + pace_seconds, now))
            if pace_seconds < interval_seconds
            else next_interval_at
        )

    def _has_time(self, next_at: float, remaining_seconds: Callable[[], float]) -> bool:
        wait_seconds = max(0.0, next_at - self._monotonic())
        return remaining_seconds() >= wait_seconds + self._settings.round_seconds + SHUTDOWN_SECONDS

    def _wait_for_lease(self, owner: str, remaining_seconds: Callable[[], float]) -> bool:
        """Acquire the lease. Wait until an earlier invocation ends, or until its lease expires if it died.

        If the ledger is unavailable, the rounds start without the lease. They change nothing that they can't save, and
        each is another attempt.
        """
        started_at = self._monotonic()
        timeout_seconds = self._settings.lease_seconds + LEASE_POLL_SECONDS
        while (now := self._monotonic()) - started_at <= timeout_seconds and self._has_time(now, remaining_seconds):
            self._round_budget.start_round(self._settings.round_interval_seconds)
            if self._acquire_lease(owner):
                return True
            self._sleep(LEASE_POLL_SECONDS)
        return False

    def _acquire_lease(self, owner: str) -> bool:
        try:
            return self._lease_store.acquire_lease(owner, now=self._clock(), seconds=self._settings.lease_seconds)
        except FailoverError as error:
            _log.warning("The lease could not be acquired: %s", error)
            return True

    def _run_round(self, owner: str, remaining_seconds: Callable[[], float]) -> RoundResult | None:
        started_at = self._monotonic()
        self._round_budget.start_round(min(self._settings.lease_seconds, remaining_seconds() - SHUTDOWN_SECONDS))
        if not self._acquire_lease(owner):
            _log.warning("Another invocation has taken the lease. This round is skipped.")
            return None
        result = self._round_runner.run()
        self._notifier.record_round(result, took_seconds=self._monotonic() - started_at)
        if result.state and result.state.undelivered_events and self._round_budget.remaining_seconds >= NOTIFY_SECONDS:
            self._round_runner.mark_delivered(self._notifier.publish(result.state.undelivered_events))
        for task in self._background_tasks:
            task.on_round_end(result)
        return result

    def _refresh(self) -> None:
        try:
            self._refresher.refresh(Deadline(WARM_UP_SECONDS))
        except FailoverError as error:
            _log.warning("The caches could not be refreshed: %s", error)

    def _release_lease(self, owner: str) -> None:
        self._round_budget.start_round(LEDGER_TIMEOUT_SECONDS)
        try:
            self._lease_store.release_lease(owner)
        except FailoverError as error:
            _log.warning("The lease could not be released; it expires: %s", error)

    def _finish_background_tasks(self) -> None:
        deadline = Deadline(BACKGROUND_SHUTDOWN_SECONDS)  # after the lease: the next invocation does not wait for this
        for task in self._background_tasks:
            task.finish(deadline)
