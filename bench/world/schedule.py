"""When EventBridge Scheduler starts a function that is due every minute."""

from bench.world.random_source import RandomSource
from cognito_failover.common.region import Instant

MINUTE_SECONDS = 60.0

JITTER_SECONDS = 1.0
"""How much later than due a start usually is; assumed. AWS promises the minute only (EventBridge Scheduler User Guide,
"Schedule types": 60-second precision)."""

LATE_SHARE, LATE_SECONDS = 0.01, 5.0
"""Share of the starts that are later than that, and how late at most; assumed, as the controller allows for."""

MISSED_SHARE = 1 / 20_000
"""Share of the starts that never come, about two a month; assumed, to be hard: the service promises at least one."""

COLD_SHARE, COLD_SECONDS = 1 / 60, 2.0
"""Share of the starts that need a new process, and what that takes; assumed, beyond what `bench.benchmark.benchmark` measures."""


class InvocationSchedule:
    """The starts of one function.

    Parameters
    ----------
    chance
        Where delays come from.

    """

    def __init__(self, rng: RandomSource) -> None:
        self._rng = rng
        self._phase = rng.uniform_between(0.0, MINUTE_SECONDS, "schedule phase")

    def get_start_time(self, minute: int) -> Instant | None:
        """Return when the function begins to work in a minute, counted from 0; None if it was never started."""
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
