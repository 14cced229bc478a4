"""How failed passwords lock a user out, each Region counting for itself."""

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
    """Failed passwords by user; the caller's key says which user, and where.

    The n-th failed password, from the fifth on, locks for 2^(n-5) seconds, at most about 15 minutes. Attempts
    during a lockout are refused, right or wrong, and count for nothing. A success forgets the failures, and so
    do 15 minutes without an attempt (developer guide, "Lockout behavior for failed sign-in attempts").

    Parameters
    ----------
    clock
        Returns the time in seconds.

    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failures: dict[Hashable, _Failures] = {}

    def reject_locked_out(self, user: Hashable) -> None:
        """Raise the service's refusal while a user is locked out."""
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
        """Forget a user's failures."""
        self._failures.pop(user, None)
