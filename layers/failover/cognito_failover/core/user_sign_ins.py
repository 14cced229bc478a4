"""What was seen from outside since the last round, as far as a decision may ask for it. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class UserSignInCounts:
    """Sign-ins through the domain: so many tried, of which so many failed as users' own would have.

    One that met the canary's own trouble, or could not be made, is not counted.
    """

    tried: int = 0
    failed: int = 0

    def with_attempt(self, *, ok: bool | None) -> "UserSignInCounts":
        """Return the count with one attempt more; None is one that says nothing."""
        if ok is None:
            return self
        return UserSignInCounts(tried=self.tried + 1, failed=self.failed + (not ok))


NO_USER_SIGN_INS = UserSignInCounts()
"""Where nobody has tried any."""
