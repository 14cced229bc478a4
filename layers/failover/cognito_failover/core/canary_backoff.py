"""Pauses of the canary, so that the probe locks out no user and sends few messages. Pure.

After five failed passwords Cognito locks out a user in that Region, for twice as long each time, up to 15 minutes. The
count starts again after 15 minutes without an attempt (developer guide, "Lockout behavior for failed sign-in
attempts"). A challenge may send a message to the user, of which Cognito sends 50 mails a day. So one refusal or
challenge stops all logins of the canary in that Region, from all observers. After the pause, a single attempt decides
whether logins continue.
"""

from dataclasses import dataclass

from cognito_failover.common.region import Instant, PerRole
from cognito_failover.core.moments import is_waiting
from cognito_failover.core.probe_result import SkipReason

REFUSAL_PAUSES_SECONDS = (60.0, 120.0, 1200.0)
"""Pauses after refusals in a row; the last one repeats. It exceeds the 15 minutes after which Cognito's count starts
again, so that no fifth refusal is counted."""

CHALLENGE_PAUSES_SECONDS = (60.0, 1200.0, 14_400.0)
"""Pauses after challenges within a day; the last one repeats: at most eight attempts a day, however many succeed."""

MAX_PAUSE_SECONDS = max(*REFUSAL_PAUSES_SECONDS, *CHALLENGE_PAUSES_SECONDS)

_DAY_SECONDS = 86_400.0


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
    rejected_version
        The version of the secret that was refused. Empty if it is not known.
    challenges, challenged_at
        The number of challenges, and when the last one was. A day without a challenge resets them.

    """

    consecutive_rejections: int = 0
    blocked_until: Instant = 0.0
    reason: SkipReason = SkipReason.CANARY_REFUSED
    rejected_version: str = ""
    challenges: int = 0
    challenged_at: Instant = 0.0

    def is_blocked(self, now: Instant, version: str = "") -> bool:
        """Return whether the canary must not try now. A new version of its secret may try once."""
        is_new_version = bool(version and self.rejected_version) and version != self.rejected_version
        return not is_new_version and is_waiting(self.blocked_until, MAX_PAUSE_SECONDS, now)

    @property
    def is_half_open(self) -> bool:
        """Whether the next attempt must be a single one, because the last one was refused."""
        return self.consecutive_rejections > 0


type Backoffs = PerRole[Backoff]

CLOSED = Backoff()
ALL_CLOSED: Backoffs = PerRole(primary=CLOSED, standby=CLOSED)


def compute_next_backoff(backoff: Backoff, *, now: Instant, reason: SkipReason, version: str = "") -> Backoff:
    """Return the pause after one more refusal or challenge."""
    challenges = _count_challenges(backoff, now)
    if reason is SkipReason.CHALLENGED:
        pauses, earlier = CHALLENGE_PAUSES_SECONDS, challenges
        challenges += 1
    else:
        pauses, earlier = REFUSAL_PAUSES_SECONDS, backoff.consecutive_rejections
    return Backoff(
        consecutive_rejections=backoff.consecutive_rejections + 1,
        blocked_until=now + pauses[min(earlier, len(pauses) - 1)],
        reason=reason,
        rejected_version=version,
        challenges=challenges,
        challenged_at=now if reason is SkipReason.CHALLENGED else backoff.challenged_at,
    )


def close_backoff(backoff: Backoff, *, now: Instant) -> Backoff:
    """Return the backoff after a success. The day's challenges still count."""
    if challenges := _count_challenges(backoff, now):
        return Backoff(challenges=challenges, challenged_at=backoff.challenged_at)
    return CLOSED


def _count_challenges(backoff: Backoff, now: Instant) -> int:
    return backoff.challenges if now - backoff.challenged_at < _DAY_SECONDS else 0
