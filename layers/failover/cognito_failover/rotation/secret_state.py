"""How a rotation stands, by what Secrets Manager says of the secret, and whether it may go on now. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from cognito_failover.common.region import Instant
from cognito_failover.common.text import format_duration
from cognito_failover.rotation.errors import RotationError, RotationPendingError
from cognito_failover.rotation.secret_content import CanarySecretContent

CURRENT, PENDING = "AWSCURRENT", "AWSPENDING"

_IN_SYNC, _IN_PROGRESS = "InSync", "InProgress"

MIN_ROTATION_GAP_SECONDS = 900.0
"""How long after a rotation no other begins: by then every probe has read the secret anew, and uses the new user."""

_MARKER_MODULUS = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretReplica:
    """The secret's replica in a Region: its status, and what is said about it."""

    status: str
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretDescription:
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

    is_rotation_enabled: bool
    stages: Mapping[str, frozenset[str]]
    last_rotated_at: Instant | None = None
    next_rotation_at: Instant | None = None
    replicas: Mapping[str, SecretReplica] = field(default_factory=dict)

    @property
    def current_version_id(self) -> str:
        """The version that the probes use."""
        return next((version for version, labels in self.stages.items() if CURRENT in labels), "")


def is_done(description: SecretDescription, token: str) -> bool:
    """Tell whether a rotation has been finished already, so that its steps have nothing to do.

    Raises
    ------
    RotationError
        If Secrets Manager knows no such rotation.

    """
    if not description.is_rotation_enabled:
        raise RotationError("Rotation is not switched on for this secret.")
    labels = description.stages.get(token, frozenset())
    if CURRENT in labels:
        return True
    if PENDING not in labels:
        raise RotationError(f"The secret's version {token} is not {PENDING}, so it is no rotation under way.")
    return False


def is_replicating(description: SecretDescription) -> bool:
    """Tell whether the secret's last change is on its way to a Region and none has failed to get it."""
    statuses = {copy.status for copy in description.replicas.values()}
    return _IN_PROGRESS in statuses and statuses <= {_IN_SYNC, _IN_PROGRESS}


def ensure_rotation_allowed(
    description: SecretDescription, *, standby_region: str, now: Instant, waited_seconds: float = 0.0
) -> None:
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
    if standby_region not in description.replicas:
        raise RotationError(
            f"The secret has no replica in {standby_region}, where the controller reads it; failoverctl replicate "
            f"makes one."
        )
    pending_replicas = {region: copy for region, copy in description.replicas.items() if copy.status != _IN_SYNC}
    if pending_replicas:
        status_text = "; ".join(
            f"{region} is {copy.status} {copy.message}".strip() for region, copy in sorted(pending_replicas.items())
        )
        waited = f", after {format_duration(waited_seconds)} of waiting" if waited_seconds else ""
        raise RotationPendingError(
            f"The secret's replicas don't all have the present version ({status_text}{waited}): there a probe may still use "
            f"the user that is idle by now."
        )
    if description.last_rotated_at is not None:
        remaining_seconds = description.last_rotated_at + MIN_ROTATION_GAP_SECONDS - now
        if remaining_seconds > 0:
            raise RotationPendingError(
                f"The last rotation ended less than {format_duration(MIN_ROTATION_GAP_SECONDS)} ago, and a probe may still use the user "
                f"that is idle since; wait {format_duration(remaining_seconds)} more."
            )


def ensure_alternating_users(current: CanarySecretContent, pending: CanarySecretContent) -> None:
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


def compute_rotation_marker(token: str) -> int:
    """Return the marker that a rotation leaves on the user whose password it has set: less than any time is by now."""
    return int.from_bytes(sha256(token.encode()).digest()[:8]) % _MARKER_MODULUS


def compute_overdue_seconds(description: SecretDescription, now: Instant) -> float:
    """Return how long ago the next rotation should have been made; 0 while it isn't due.

    Raises
    ------
    RotationError
        If none will ever be made.

    """
    if not description.is_rotation_enabled:
        raise RotationError("Rotation is not switched on for this secret: its password is never changed.")
    if description.next_rotation_at is None:
        return 0.0
    return max(0.0, now - description.next_rotation_at)
