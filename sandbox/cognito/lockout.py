"""Lockout of users after failed passwords. Each Region counts separately."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass

from sandbox.cognito.wire import AwsServiceError

_ALLOWED_FAILURES = 4
_MAX_LOCKOUT_SECONDS = 15 * 60


@dataclass(slots=True)
class _Failures:
    count: int
    last_at: float
    locked_until: float


class Lockout:
    """Counts failed passwords by user. The caller's key identifies user and Region.

    From the fifth on, the n-th failed password locks the user out for 2^(n-5) seconds, at most about 15 minutes.
    During a lockout all attempts are rejected and do not count. A success, or 15 minutes without an attempt, resets
    the count (developer guide, "Lockout behavior for failed sign-in attempts").

    Parameters
    ----------
    clock
        Returns the time in seconds.

    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failures: dict[Hashable, _Failures] = {}

    def reject_locked_out(self, user: Hashable) -> None:
        """Raise ``NotAuthorizedException`` while a user is locked out."""
        failures = self._failures.get(user)
        if failures is None:
            return
        now = self._clock()
        if now < failures.locked_until:
            failures.last_at = now
            raise AwsServiceError("NotAuthorizedException", "Password attempts exceeded")
        if now - failures.last_at >= _MAX_LOCKOUT_SECONDS:
            del self._failures[user]

    def record_failure(self, user: Hashable) -> None:
        """Count a wrong password."""
        now = self._clock()
        failures = self._failures.setdefault(user, _Failures(0, now, now))
        failures.count += 1
        failures.last_at = now
        beyond = failures.count - _ALLOWED_FAILURES - 1
        if beyond >= 0:
            failures.locked_until = now + min(2**beyond, _MAX_LOCKOUT_SECONDS)

    def clear_failures(self, user: Hashable) -> None:
        """Reset a user's count."""
        self._failures.pop(user, None)
