"""Simulates EventBridge Scheduler: the start times of a function that is due every minute."""

from bench.world.random_source import RandomSource
from cognito_failover.common.region import Instant

MINUTE_SECONDS = 60.0

JITTER_SECONDS = 1.0
"""Maximum usual delay of a start; assumed. AWS promises only the minute (EventBridge Scheduler User Guide, "Schedule
types": 60-second precision)."""

LATE_SHARE, LATE_SECONDS = 0.01, 5.0
"""Share of starts with a longer delay, and the maximum of that delay. Assumed; the controller tolerates it."""

MISSED_SHARE = 1 / 20_000
"""Share of missing starts, about two a month. Assumed, pessimistic: the service promises at least one delivery."""

COLD_SHARE, COLD_SECONDS = 1 / 60, 2.0
"""Share of starts that need a new process, and the duration of that. Assumed, longer than `bench.benchmark.benchmark`
measures."""


class InvocationSchedule:
    """The start times of one function.

    Parameters
    ----------
    rng
        Draws the delays.

    """

    def __init__(self, rng: RandomSource) -> None:
        self._rng = rng
        self._phase = rng.uniform_between(0.0, MINUTE_SECONDS, "schedule phase")

    def get_start_time(self, minute: int) -> Instant | None:
        """Return when the function starts in a minute (counted from 0). None if the start is missing."""
        rng = self._rng
        if rng.uniform("skipped tick", minute) < MISSED_SHARE:
            return None
        latest = LATE_SECONDS if rng.uniform("late tick", minute) < LATE_SHARE else JITTER_SECONDS
        jitter = rng.uniform_between(0.0, latest, "jitter", minute)
        cold = COLD_SECONDS if rng.uniform("cold start", minute) < COLD_SHARE else 0.0
        return self.get_due_time(minute) + jitter + cold

    def get_due_time(self, minute: int) -> Instant:
        """Return when the start of a minute is due."""
        return minute * MINUTE_SECONDS + self._phase

    def find_last_minute_before(self, moment: Instant) -> int:
        """Return the last minute whose start is due before a moment."""
        return int((moment - self._phase) // MINUTE_SECONDS)
