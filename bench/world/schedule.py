"""When EventBridge Scheduler starts a function that is due every minute."""

from bench.world.chance import Chance
from failover.region import Instant

MINUTE_SECONDS = 60.0

JITTER_SECONDS = 1.0
"""How much later than due a start usually is; assumed. AWS promises the minute only (EventBridge Scheduler User Guide,
"Schedule types": 60-second precision)."""

LATE_SHARE, LATE_SECONDS = 0.01, 5.0
"""Share of the starts that are later than that, and how late at most; assumed, as the controller allows for."""

SKIPPED_SHARE = 1 / 20_000
"""Share of the starts that never come, about two a month; assumed, to be hard: the service promises at least one."""

COLD_SHARE, COLD_SECONDS = 1 / 60, 2.0
"""Share of the starts that need a new process, and what that takes; assumed, beyond what `bench.running` measures."""


class Schedule:
    """The starts of one function.

    Parameters
    ----------
    chance
        Where delays come from.

    """

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._phase = chance.between(0.0, MINUTE_SECONDS, "schedule phase")

    def start(self, minute: int) -> Instant | None:
        """Return when the function begins to work in a minute, counted from 0; None if it was never started."""
        chance = self._chance
        if chance.uniform("skipped tick", minute) < SKIPPED_SHARE:
            return None
        latest = LATE_SECONDS if chance.uniform("late tick", minute) < LATE_SHARE else JITTER_SECONDS
        jitter = chance.between(0.0, latest, "jitter", minute)
        cold = COLD_SECONDS if chance.uniform("cold start", minute) < COLD_SHARE else 0.0
        return self.due_at(minute) + jitter + cold

    def due_at(self, minute: int) -> Instant:
        """Return when the start of a minute is due."""
        return minute * MINUTE_SECONDS + self._phase

    def last_minute_before(self, moment: Instant) -> int:
        """Return the last minute whose start is due before a moment."""
        return int((moment - self._phase) // MINUTE_SECONDS)
