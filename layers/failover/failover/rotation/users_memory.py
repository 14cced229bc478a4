"""The canary's two users in memory: a primary, a replica that is behind it, and what each says to a password."""

from collections.abc import Callable
from dataclasses import dataclass, field

from failover.region import Instant, Side
from failover.rotation.content import Content
from failover.rotation.errors import OutOfReachError, RotationError
from failover.rotation.users import Claims, RefusedError


@dataclass(slots=True, kw_only=True)
class _User:
    subject: str
    passwords: list[tuple[Instant, str]] = field(default_factory=list)
    markers: list[tuple[Instant, int]] = field(default_factory=list)


class MemoryUsers:
    """Two users on both sides.

    Parameters
    ----------
    passwords
        The users' passwords at first, by name.
    clock
        Seconds since the epoch.
    lag_seconds
        How long a change takes to the replica.

    Attributes
    ----------
    lag_seconds
        The same; a change of it takes effect on what is on its way, too.
    down
        The Regions that give no answer from now on.
    refusals
        Who was refused, and where: it counts towards a lockout.

    """

    def __init__(self, passwords: dict[str, str], clock: Callable[[], Instant], *, lag_seconds: float = 0.0) -> None:
        self._clock = clock
        self._users = {
            name: _User(subject=f"sub-of-{name}", passwords=[(float("-inf"), password)])
            for name, password in passwords.items()
        }
        self.lag_seconds = lag_seconds
        self.down: set[Side] = set()
        self.refusals: list[tuple[str, Side]] = []

    def subject(self, username: str) -> str:
        """Return a user's ``sub``."""
        return self._user(Side.PRIMARY, username).subject

    def set_password(self, username: str, password: str) -> None:
        """Set a password on the primary."""
        self._user(Side.PRIMARY, username).passwords.append((self._clock(), password))

    def mark(self, username: str, value: int) -> None:
        """Write the user's marker on the primary."""
        self._user(Side.PRIMARY, username).markers.append((self._clock(), value))

    def marker(self, side: Side, username: str) -> int | None:
        """Return the user's marker as a Region holds it."""
        return self._known(side, self._user(side, username).markers)

    def sign_in(self, side: Side, content: Content) -> Claims:
        """Sign in once."""
        return self.try_password(side, content.username, content.password, content.client_id)

    def try_password(self, side: Side, username: str, password: str, client_id: str) -> Claims:
        """Sign in once, as anybody."""
        user = self._user(side, username)
        if password != self._known(side, user.passwords):
            self.refusals.append((username, side))
            raise RefusedError(f"{username} could not sign in on the {side}: NotAuthorizedException.")
        return Claims(issuer="issuer", subject=user.subject, client_id=client_id)

    def _user(self, side: Side, username: str) -> _User:
        if side in self.down:
            raise OutOfReachError(f"Cognito on the {side} gave no answer.")
        if username not in self._users:
            raise RotationError(f"There is no user {username}.")
        return self._users[username]

    def _known[T](self, side: Side, written: list[tuple[Instant, T]]) -> T | None:
        late_seconds = self.lag_seconds if side is Side.STANDBY else 0.0
        known = [value for at, value in written if self._clock() >= at + late_seconds]
        return known[-1] if known else None
