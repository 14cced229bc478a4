"""When the canary may try its password again, so that probing never locks it out.

From five failed passwords on Cognito locks a user out in that Region, for twice as long each time. So one refusal
stops every login of the canary there, whoever observes and by whichever way, and after the pause one attempt by one
way decides whether it goes on.
"""

from dataclasses import dataclass

from failover.probe.answer import Untried
from failover.region import Instant, PerSide

FIRST_SECONDS = 60.0
LONGEST_SECONDS = 300.0


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

    strikes: int = 0
    until: Instant = 0.0
    reason: Untried = Untried.CANARY_REFUSED

    def holds(self, now: Instant) -> bool:
        """Whether the canary must not try."""
        return now < self.until

    @property
    def on_trial(self) -> bool:
        """Whether the next attempt must be a single one, its last having been refused."""
        return self.strikes > 0


type Backoffs = PerSide[Backoff]

AT_REST = Backoff()
NONE: Backoffs = PerSide(primary=AT_REST, standby=AT_REST)


def next_backoff(backoff: Backoff, *, now: Instant, reason: Untried) -> Backoff:
    """Return the pause that follows one more refusal: twice the last one, from one minute up to five."""
    pause_seconds = min(LONGEST_SECONDS, FIRST_SECONDS * 2 ** min(backoff.strikes, 10))
    return Backoff(strikes=backoff.strikes + 1, until=now + pause_seconds, reason=reason)
