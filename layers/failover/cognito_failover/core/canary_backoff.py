"""When the canary may try its password again, so that probing never locks it out.

From five failed passwords on Cognito locks a user out in that Region, for twice as long each time. So one refusal
stops every login of the canary there, whoever observes and by whichever way, and after the pause one attempt by one
way decides whether it goes on.
"""

from dataclasses import dataclass

from cognito_failover.common.region import Instant, PerRole
from cognito_failover.core.probe_result import SkipReason

INITIAL_BACKOFF_SECONDS = 60.0
MAX_BACKOFF_SECONDS = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """How the canary stands in one Region.

    Attributes
    ----------
    strikes
        Refusals in a row.
    until
        Before this moment nobody tries.
    reason
        What the last refusal said, which holds until the next attempt.

    """

    consecutive_rejections: int = 0
    blocked_until: Instant = 0.0
    reason: SkipReason = SkipReason.CANARY_REFUSED

    def is_blocked(self, now: Instant) -> bool:
        """Whether the canary must not try."""
        return now < self.blocked_until

    @property
    def is_half_open(self) -> bool:
        """Whether the next attempt must be a single one, its last having been refused."""
        return self.consecutive_rejections > 0


type Backoffs = PerRole[Backoff]

CLOSED = Backoff()
ALL_CLOSED: Backoffs = PerRole(primary=CLOSED, standby=CLOSED)


def compute_next_backoff(backoff: Backoff, *, now: Instant, reason: SkipReason) -> Backoff:
    """Return the pause that follows one more refusal: twice the last one, from one minute up to five."""
    pause_seconds = min(MAX_BACKOFF_SECONDS, INITIAL_BACKOFF_SECONDS * 2 ** min(backoff.consecutive_rejections, 10))
    return Backoff(
        consecutive_rejections=backoff.consecutive_rejections + 1, blocked_until=now + pause_seconds, reason=reason
    )
