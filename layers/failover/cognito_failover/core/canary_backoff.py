"""Pauses of the canary after refused passwords, so that the probe never locks out the test user. Pure.

After five failed passwords Cognito locks out a user in that Region, for twice as long each time. So one refusal stops
all logins of the canary in that Region, from all observers. After the pause, a single attempt decides whether logins
continue.
"""

from dataclasses import dataclass

from cognito_failover.common.region import Instant, PerRole
from cognito_failover.core.moments import is_waiting
from cognito_failover.core.probe_result import SkipReason

INITIAL_BACKOFF_SECONDS = 60.0
MAX_BACKOFF_SECONDS = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """The state of the canary in one Region.

    Attributes
    ----------
    consecutive_rejections
        Refusals in a row.
    blocked_until
        No observer tries before this time.
    reason
        The reason of the last refusal, valid until the next attempt.

    """

    consecutive_rejections: int = 0
    blocked_until: Instant = 0.0
    reason: SkipReason = SkipReason.CANARY_REFUSED

    def is_blocked(self, now: Instant) -> bool:
        """Return whether the canary must not try now."""
        return is_waiting(self.blocked_until, MAX_BACKOFF_SECONDS, now)

    @property
    def is_half_open(self) -> bool:
        """Whether the next attempt must be a single one, because the last one was refused."""
        return self.consecutive_rejections > 0


type Backoffs = PerRole[Backoff]

CLOSED = Backoff()
ALL_CLOSED: Backoffs = PerRole(primary=CLOSED, standby=CLOSED)


def compute_next_backoff(backoff: Backoff, *, now: Instant, reason: SkipReason) -> Backoff:
    """Return the pause after one more refusal: twice the last one, from one to five minutes."""
    pause_seconds = min(MAX_BACKOFF_SECONDS, INITIAL_BACKOFF_SECONDS * 2 ** min(backoff.consecutive_rejections, 10))
    return Backoff(
        consecutive_rejections=backoff.consecutive_rejections + 1, blocked_until=now + pause_seconds, reason=reason
    )
