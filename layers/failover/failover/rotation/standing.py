"""How a rotation stands, by what Secrets Manager says of the secret, and whether it may go on now. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from failover.region import Instant
from failover.rotation.content import Content
from failover.rotation.errors import NotYetError, RotationError
from failover.timetext import span

CURRENT, PENDING = "AWSCURRENT", "AWSPENDING"

_IN_STEP, _ON_ITS_WAY = "InSync", "InProgress"

LETTING_GO_SECONDS = 900.0
"""How long after a rotation no other begins: by then every probe has read the secret anew, and uses the new user."""

_LEAST_TIME = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """The secret's replica in a Region: its status, and what is said about it."""

    status: str
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What Secrets Manager says of the secret.

    Attributes
    ----------
    rotates
        Whether rotation is switched on.
    stages
        The labels of each version.
    last_rotated_at, next_rotation_at
        When the last rotation ended, and when the next one is planned; None where there is none.
    copies
        Its replicas, by Region.

    """

    rotates: bool
    stages: Mapping[str, frozenset[str]]
    last_rotated_at: Instant | None = None
    next_rotation_at: Instant | None = None
    copies: Mapping[str, Copy] = field(default_factory=dict)

    @property
    def current(self) -> str:
        """The version that the probes use."""
        return next((version for version, labels in self.stages.items() if CURRENT in labels), "")


def is_done(described: Described, token: str) -> bool:
    """Tell whether a rotation has been finished already, so that its steps have nothing to do.

    Raises
    ------
    RotationError
        If Secrets Manager knows no such rotation.

    """
    if not described.rotates:
        raise RotationError("Rotation is not switched on for this secret.")
    labels = described.stages.get(token, frozenset())
    if CURRENT in labels:
        return True
    if PENDING not in labels:
        raise RotationError(f"The secret's version {token} is not {PENDING}, so it is no rotation under way.")
    return False


def is_arriving(described: Described) -> bool:
    """Tell whether the secret's last change is on its way to a Region and none has failed to get it."""
    found = {copy.status for copy in described.copies.values()}
    return _ON_ITS_WAY in found and found <= {_IN_STEP, _ON_ITS_WAY}


def check_may_go_on(described: Described, *, standby_region: str, now: Instant, waited_seconds: float = 0.0) -> None:
    """Refuse to touch the idle user while a probe may still use it.

    Parameters
    ----------
    described
        The secret.
    standby_region
        Where the controller reads it.
    now
        Seconds since the epoch.
    waited_seconds
        How long its replicas have been waited for.

    Raises
    ------
    NotYetError
        If the last rotation has just ended, or a Region doesn't have its outcome yet.
    RotationError
        If the standby Region has no replica of the secret.

    """
    if standby_region not in described.copies:
        raise RotationError(
            f"The secret has no replica in {standby_region}, where the controller reads it; failoverctl replicate "
            f"makes one."
        )
    late = {region: copy for region, copy in described.copies.items() if copy.status != _IN_STEP}
    if late:
        how = "; ".join(f"{region} is {copy.status} {copy.message}".strip() for region, copy in sorted(late.items()))
        waited = f", after {span(waited_seconds)} of waiting" if waited_seconds else ""
        raise NotYetError(
            f"The secret's replicas don't all have the present version ({how}{waited}): there a probe may still use "
            f"the user that is idle by now."
        )
    if described.last_rotated_at is not None:
        remaining_seconds = described.last_rotated_at + LETTING_GO_SECONDS - now
        if remaining_seconds > 0:
            raise NotYetError(
                f"The last rotation ended less than {span(LETTING_GO_SECONDS)} ago, and a probe may still use the user "
                f"that is idle since; wait {span(remaining_seconds)} more."
            )


def check_takes_turns(current: Content, pending: Content) -> None:
    """Refuse a pending version that isn't the idle user's: its password must not become the other's.

    Raises
    ------
    RotationError
        If the secret was changed since the rotation began.

    """
    if (pending.username, pending.idle_username) != (current.idle_username, current.username):
        raise RotationError(
            f"The secret was changed since this rotation began: by the version {PENDING} {pending.username} is to take "
            f"over from {pending.idle_username}, but {current.username} signs in now. Take the label {PENDING} from it "
            f"(aws secretsmanager update-secret-version-stage), then rotate anew."
        )


def mark_of(token: str) -> int:
    """Return the marker that a rotation leaves on the user whose password it has set: less than any time is by now."""
    return int.from_bytes(sha256(token.encode()).digest()[:8]) % _LEAST_TIME


def overdue_seconds(described: Described, now: Instant) -> float:
    """Return how long ago the next rotation should have been made; 0 while it isn't due.

    Raises
    ------
    RotationError
        If none will ever be made.

    """
    if not described.rotates:
        raise RotationError("Rotation is not switched on for this secret: its password is never changed.")
    if described.next_rotation_at is None:
        return 0.0
    return max(0.0, now - described.next_rotation_at)
