"""Sign-ins through the domain since the last round. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class UserSignInCounts:
    """The number of sign-ins through the domain, and of those that failed as a user's sign-in would have failed.

    A sign-in with a problem of the canary itself, or without an attempt, does not count.
    """

    tried: int = 0
    failed: int = 0

    def with_attempt(self, *, ok: bool | None) -> "UserSignInCounts":
        """Return the counts with one more attempt; None is an attempt that does not count."""
        if ok is None:
            return self
        return UserSignInCounts(tried=self.tried + 1, failed=self.failed + (not ok))


NO_USER_SIGN_INS = UserSignInCounts()
"""No sign-in was tried."""
