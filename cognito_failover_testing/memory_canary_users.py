"""In-memory twin of the canary's two users, with a primary and a lagging replica."""

from collections.abc import Callable
from dataclasses import dataclass, field

from cognito_failover.common.region import Instant, RegionRole
from cognito_failover.rotation.canary_users import AccessTokenClaims, PasswordRefusedError
from cognito_failover.rotation.errors import RotationError, ServiceUnavailableError
from cognito_failover.rotation.secret_content import CanarySecretContent


@dataclass(slots=True, kw_only=True)
class _MemoryUser:
    subject: str
    passwords: list[tuple[Instant, str]] = field(default_factory=list)
    markers: list[tuple[Instant, int]] = field(default_factory=list)


class MemoryUserDirectory:
    """Two users in both Regions.

    Parameters
    ----------
    passwords
        The users' initial passwords, by name.
    clock
        Seconds since the epoch.
    lag_seconds
        How long a change takes to reach the replica.

    Attributes
    ----------
    lag_seconds
        The same. A new value also applies to changes that have not arrived yet.
    unavailable_roles
        The Regions that give no answer.
    refusals
        Each refused sign-in, as user and Region. Refusals count towards a lockout.

    """

    def __init__(self, passwords: dict[str, str], clock: Callable[[], Instant], *, lag_seconds: float = 0.0) -> None:
        self._clock = clock
        self._users = {
            name: _MemoryUser(subject=f"sub-of-{name}", passwords=[(float("-inf"), password)])
            for name, password in passwords.items()
        }
        self.lag_seconds = lag_seconds
        self.unavailable_roles: set[RegionRole] = set()
        self.refusals: list[tuple[str, RegionRole]] = []

    def read_subject(self, username: str) -> str:
        """Return a user's ``sub``."""
        return self._get_user(RegionRole.PRIMARY, username).subject

    def set_password(self, username: str, password: str) -> None:
        """Set a password in the primary."""
        self._get_user(RegionRole.PRIMARY, username).passwords.append((self._clock(), password))

    def write_marker(self, username: str, value: int) -> None:
        """Write the user's marker in the primary."""
        self._get_user(RegionRole.PRIMARY, username).markers.append((self._clock(), value))

    def read_marker(self, role: RegionRole, username: str) -> int | None:
        """Return the user's marker in a Region."""
        return self._get_visible(role, self._get_user(role, username).markers)

    def sign_in(self, role: RegionRole, content: CanarySecretContent) -> AccessTokenClaims:
        """Sign in once."""
        return self.try_password(role, content.username, content.password, content.client_id)

    def try_password(self, role: RegionRole, username: str, password: str, client_id: str) -> AccessTokenClaims:
        """Sign in once, with any user and password."""
        user = self._get_user(role, username)
        if password != self._get_visible(role, user.passwords):
            self.refusals.append((username, role))
            raise PasswordRefusedError(f"{username} could not sign in on the {role}: NotAuthorizedException.")
        return AccessTokenClaims(issuer="issuer", subject=user.subject, client_id=client_id)

    def _get_user(self, role: RegionRole, username: str) -> _MemoryUser:
        if role in self.unavailable_roles:
            raise ServiceUnavailableError(f"Cognito on the {role} gave no answer.")
        if username not in self._users:
            raise RotationError(f"There is no user {username}.")
        return self._users[username]

    def _get_visible[T](self, role: RegionRole, written: list[tuple[Instant, T]]) -> T | None:
        delay_seconds = self.lag_seconds if role is RegionRole.STANDBY else 0.0
        visible = [value for at, value in written if self._clock() >= at + delay_seconds]
        return visible[-1] if visible else None
