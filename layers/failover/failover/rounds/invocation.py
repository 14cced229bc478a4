"""One invocation: rounds inside the minute, until the next invocation takes over."""

import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

from failover.bounded import Deadline
from failover.decision.announcement import Announcement
from failover.decision.pace import next_round_seconds
from failover.errors import FailoverError
from failover.ledger.ledger import Ledger
from failover.region import Instant
from failover.rounds.attempts import Attempts
from failover.rounds.punctual import LEDGER_CALL_SECONDS, Timekeeper
from failover.rounds.round import Report, Rounds
from failover.settings import Settings
from failover.timing import INVOCATION_SECONDS

LEASE_POLL_SECONDS = 1.0
"""How often the lease is asked for while an earlier invocation still holds it."""

WARM_UP_SECONDS = 2.0
"""How long an invocation waits for what the first round needs, such as the canary's secret."""

TELLING_SECONDS = 1.5
"""What telling transitions may take: with less left of a round they are left to the next one."""

FINISHING_SECONDS = 1.0
"""How long what goes on beside the rounds is waited for: a process still busy at the next tick costs a cold start."""

ENDING_SECONDS = LEDGER_CALL_SECONDS + WARM_UP_SECONDS + FINISHING_SECONDS
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


class Teller(Protocol):
    """Whoever tells people and machines what happened."""

    def round(self, report: Report, *, took_seconds: float) -> None:
        """Tell of a round."""
        ...

    def tell(self, announcements: tuple[Announcement, ...]) -> tuple[Announcement, ...]:
        """Tell of transitions, and return those that have arrived."""
        ...


class Beside(Protocol):
    """Whoever does something beside the rounds that none of them waits for."""

    def after(self, report: Report) -> None:
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
        rounds: Rounds,
        ledger: Ledger,
        signals: Teller,
        refresher: Refresher,
        timekeeper: Timekeeper,
        clock: Callable[[], Instant],
        monotonic: Callable[[], float],
        sleep: Callable[[float], None],
        beside: Sequence[Beside] = (),
    ) -> None:
        self._settings = settings
        self._rounds = rounds
        self._ledger = ledger
        self._signals = signals
        self._refresher = refresher
        self._timekeeper = timekeeper
        self._clock = clock
        self._monotonic = monotonic
        self._sleep = sleep
        self._beside = beside

    def run(self, owner: str, remaining_seconds: Callable[[], float]) -> tuple[str, ...]:
        """Make this minute's rounds, and return what failed in them.

        Parameters
        ----------
        owner
            A name of this invocation's own, for the lease.
        remaining_seconds
            How long the process is still allowed to run.

        """
        attempts = Attempts()
        began_at = self._monotonic()
        if not self._take_over(owner, remaining_seconds):
            waited_seconds = self._monotonic() - began_at
            # The schedule may deliver a tick twice. The rounds are made, only not here: nothing has failed.
            _log.warning(
                "Another invocation still holds the lease after %.0f s; no rounds are made here.", waited_seconds
            )
            return ()
        self._rounds.begin()
        make_round = partial(self._round, owner, remaining_seconds)
        warm_up = partial(self._refresher.warm_up, Deadline(WARM_UP_SECONDS))
        attempts.make(warm_up, what="Making ready for the first round")
        first_at = round_at = self._monotonic()
        reports = [attempts.make(make_round, what="A round")]
        refresh = partial(attempts.make, self._refresh, what="Refreshing what later rounds may need")
        refreshed = False
        while (next_at := self._next_after(first_at, round_at, reports[-1])) < began_at + INVOCATION_SECONDS:
            if not self._has_time(next_at, remaining_seconds):
                break
            if not refreshed and next_at - self._monotonic() >= WARM_UP_SECONDS:
                refresh()  # in a pause: a round that follows at once is one about a suspect Region
                refreshed = True
            self._sleep(max(0.0, next_at - self._monotonic()))
            round_at = self._monotonic()
            reports.append(attempts.make(make_round, what="A round"))
        attempts.make(partial(self._give_up_lease, owner), what="Giving up the lease")
        if not refreshed:
            refresh()
        attempts.make(self._finish, what="The invocation's end")
        return (*attempts.faults, *(report.failure for report in reports if report and report.failure))

    def _next_after(self, first_at: float, round_at: float, report: Report | None) -> float:
        """Return when the next round is due: at the next beat of the usual pace, or sooner if the last calls for it."""
        interval_seconds, now = self._settings.round_interval_seconds, self._monotonic()
        beats_over = (now - first_at) // interval_seconds
        next_beat_at = first_at + (beats_over + 1) * interval_seconds
        state = report.state if report else None
        seen = report.observation.readings[state.active] if report and state else None
        pace_seconds = next_round_seconds(state, self._settings, seen)
        return min(next_beat_at, max(round_at + pace_seconds, now)) if pace_seconds < interval_seconds else next_beat_at

    def _has_time(self, next_at: float, remaining_seconds: Callable[[], float]) -> bool:
        wait_seconds = max(0.0, next_at - self._monotonic())
        return remaining_seconds() >= wait_seconds + self._settings.round_seconds + ENDING_SECONDS

    def _take_over(self, owner: str, remaining_seconds: Callable[[], float]) -> bool:
        """Take the lease, waiting for an earlier invocation to end, or for its lease to run out if it died.

        With the ledger out of reach the rounds begin all the same: they can change nothing they can't save, and
        each is one more attempt.
        """
        began_at = self._monotonic()
        longest_seconds = self._settings.lease_seconds + LEASE_POLL_SECONDS
        while (now := self._monotonic()) - began_at <= longest_seconds and self._has_time(now, remaining_seconds):
            self._timekeeper.begin_round(self._settings.round_interval_seconds)
            if self._holds_lease(owner):
                return True
            self._sleep(LEASE_POLL_SECONDS)
        return False

    def _holds_lease(self, owner: str) -> bool:
        try:
            return self._ledger.take_lease(owner, now=self._clock(), seconds=self._settings.lease_seconds)
        except FailoverError as error:
            _log.warning("The lease could not be taken: %s", error)
            return True

    def _round(self, owner: str, remaining_seconds: Callable[[], float]) -> Report | None:
        began_at = self._monotonic()
        self._timekeeper.begin_round(min(self._settings.lease_seconds, remaining_seconds() - ENDING_SECONDS))
        if not self._holds_lease(owner):
            _log.warning("Another invocation has taken the lease; this round is not made.")
            return None
        report = self._rounds.run()
        self._signals.round(report, took_seconds=self._monotonic() - began_at)
        if report.state and report.state.untold and self._timekeeper.remaining_seconds >= TELLING_SECONDS:
            self._rounds.forget(self._signals.tell(report.state.untold))
        for each in self._beside:
            each.after(report)
        return report

    def _refresh(self) -> None:
        try:
            self._refresher.refresh(Deadline(WARM_UP_SECONDS))
        except FailoverError as error:
            _log.warning("Could not refresh what later rounds may need: %s", error)

    def _give_up_lease(self, owner: str) -> None:
        self._timekeeper.begin_round(LEDGER_CALL_SECONDS)
        try:
            self._ledger.give_up_lease(owner)
        except FailoverError as error:
            _log.warning("The lease could not be given up, and runs out by itself: %s", error)

    def _finish(self) -> None:
        deadline = Deadline(FINISHING_SECONDS)  # only now: whoever makes the next rounds need not wait for it
        for each in self._beside:
            each.finish(deadline)
