"""One invocation: rounds inside the minute, until the next invocation takes over."""

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
"""How often the lease is asked for while an earlier invocation still holds it."""

WARM_UP_SECONDS = 2.0
"""How long an invocation waits for what the first round needs, such as the canary's secret."""

BACKGROUND_SHUTDOWN_SECONDS = 1.0
"""How long what goes on beside the rounds is waited for: a process still busy at the next tick costs a cold start."""

SHUTDOWN_SECONDS = LEDGER_TIMEOUT_SECONDS + WARM_UP_SECONDS + BACKGROUND_SHUTDOWN_SECONDS
"""What an invocation keeps back to end in order: to give up the lease, to refresh, to finish."""

_log = logging.getLogger(__name__)


class Refresher(Protocol):
    """Whatever is kept fresh away from the path to a decision: keys, credentials."""

    def warm_up(self, deadline: Deadline) -> None:
        """Make ready for the first round."""
        ...

    def refresh(self, deadline: Deadline) -> None:
        """Renew what will be needed later."""
        ...


class Notifier(Protocol):
    """Whoever tells people and machines what happened."""

    def record_round(self, result: RoundResult, *, took_seconds: float) -> None:
        """Tell of a round."""
        ...

    def publish(self, events: tuple[Event, ...]) -> tuple[Event, ...]:
        """Tell of transitions, and return those that have arrived."""
        ...


class BackgroundTask(Protocol):
    """Whoever does something beside the rounds that none of them waits for."""

    def on_round_end(self, result: RoundResult) -> None:
        """Begin what is to be done about a round that has ended; returns at once, and never raises."""
        ...

    def finish(self, deadline: Deadline) -> None:
        """Wait for what has been begun, no longer than the deadline."""
        ...


class Invocation:
    """Makes rounds at a steady pace for a minute.

    Parameters
    ----------
    settings
        The pace.
    rounds
        Makes them.
    ledger
        Keeps the lease, so that two invocations never make rounds at once.
    signals
        Told of every round.
    refresher
        Kept fresh between rounds.
    timekeeper
        Bounds each round.
    clock, monotonic, sleep
        The time, and a way to let it pass.
    beside
        What goes on beside the rounds.

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
        """Make this minute's rounds, and return what failed in them.

        Parameters
        ----------
        owner
            A name of this invocation's own, for the lease.
        remaining_seconds
            How long the process is still allowed to run.

        """
        fault_isolator = FaultIsolator()
        started_at = self._monotonic()
        if not self._wait_for_lease(owner, remaining_seconds):
            waited_seconds = self._monotonic() - started_at
            # The schedule may deliver a tick twice. The rounds are made, only not here: nothing has failed.
            _log.warning(
                "Another invocation still holds the lease after %.0f s; no rounds are made here.", waited_seconds
            )
            return ()
        self._round_runner.reset()
        run_round = partial(self._run_round, owner, remaining_seconds)
        warm_up = partial(self._refresher.warm_up, Deadline(WARM_UP_SECONDS))
        fault_isolator.run(warm_up, description="Making ready for the first round")
        first_at = round_at = self._monotonic()
        results = [fault_isolator.run(run_round, description="A round")]
        refresh = partial(fault_isolator.run, self._refresh, description="Refreshing what later rounds may need")
        is_refreshed = False
        while (
            next_at := self._compute_next_round_at(first_at, round_at, results[-1])
        ) < started_at + INVOCATION_INTERVAL_SECONDS:
            if not self._has_time(next_at, remaining_seconds):
                break
            if not is_refreshed and next_at - self._monotonic() >= WARM_UP_SECONDS:
                refresh()  # in a pause: a round that follows at once is one about a suspect Region
                is_refreshed = True
            self._sleep(max(0.0, next_at - self._monotonic()))
            round_at = self._monotonic()
            results.append(fault_isolator.run(run_round, description="A round"))
        fault_isolator.run(partial(self._release_lease, owner), description="Giving up the lease")
        if not is_refreshed:
            refresh()
        fault_isolator.run(self._finish_background_tasks, description="The invocation's end")
        return (*fault_isolator.faults, *(report.failure for report in results if report and report.failure))

    def _compute_next_round_at(self, first_at: float, round_at: float, result: RoundResult | None) -> float:
        """Return when the next round is due: at the next beat of the usual pace, or sooner if the last calls for it."""
        interval_seconds, now = self._settings.round_interval_seconds, self._monotonic()
        intervals_elapsed = (now - first_at) // interval_seconds
        next_interval_at = first_at + (intervals_elapsed + 1) * interval_seconds
        state = result.state if result else None
        reading = result.observation.readings[state.active_role] if result and state else None
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
        """Take the lease, waiting for an earlier invocation to end, or for its lease to run out if it died.

        With the ledger out of reach the rounds begin all the same: they can change nothing they can't save, and
        each is one more attempt.
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
            _log.warning("The lease could not be taken: %s", error)
            return True

    def _run_round(self, owner: str, remaining_seconds: Callable[[], float]) -> RoundResult | None:
        started_at = self._monotonic()
        self._round_budget.start_round(min(self._settings.lease_seconds, remaining_seconds() - SHUTDOWN_SECONDS))
        if not self._acquire_lease(owner):
            _log.warning("Another invocation has taken the lease; this round is not made.")
            return None
        result = self._round_runner.run()
        self._notifier.record_round(result, took_seconds=self._monotonic() - started_at)
        if result.state and result.state.undelivered_events and self._round_budget.remaining_seconds >= NOTIFY_SECONDS:
            self._round_runner.mark_delivered(self._notifier.publish(result.state.undelivered_events))
        for each in self._background_tasks:
            each.on_round_end(result)
        return result

    def _refresh(self) -> None:
        try:
            self._refresher.refresh(Deadline(WARM_UP_SECONDS))
        except FailoverError as error:
            _log.warning("Could not refresh what later rounds may need: %s", error)

    def _release_lease(self, owner: str) -> None:
        self._round_budget.start_round(LEDGER_TIMEOUT_SECONDS)
        try:
            self._lease_store.release_lease(owner)
        except FailoverError as error:
            _log.warning("The lease could not be given up, and runs out by itself: %s", error)

    def _finish_background_tasks(self) -> None:
        deadline = Deadline(BACKGROUND_SHUTDOWN_SECONDS)  # only now: whoever makes the next rounds need not wait for it
        for each in self._background_tasks:
            each.finish(deadline)
