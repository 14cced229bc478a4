"""State of a rotation, read from the secret's description, and whether it may continue now. Pure."""

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
"""The shortest time between two rotations. By then every probe has read the secret again and uses the new user."""

_MARKER_MODULUS = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretReplica:
    """The secret's replica in a Region, with Secrets Manager's message about its status."""

    status: str
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretDescription:
    """Secrets Manager's description of the secret.

    Attributes
    ----------
    is_rotation_enabled
        Whether rotation is enabled.
    stages
        The labels of each version.
    last_rotated_at, next_rotation_at
        When the last rotation ended, and when the next one is planned; None if there is none.
    replicas
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
    """Return whether this rotation is already finished.

    Raises
    ------
    RotationError
        If rotation is disabled, or the version is not pending.

    """
    if not description.is_rotation_enabled:
        raise RotationError("Rotation is not enabled for this secret. Enable it with aws secretsmanager rotate-secret.")
    labels = description.stages.get(token, frozenset())
    if CURRENT in labels:
        return True
    if PENDING not in labels:
        raise RotationError(f"The secret's version {token} is not {PENDING}, so no rotation with it is in progress.")
    return False


def is_replicating(description: SecretDescription) -> bool:
    """Return whether the secret's last change is still being replicated, and no replica has failed."""
    statuses = {replica.status for replica in description.replicas.values()}
    return _IN_PROGRESS in statuses and statuses <= {_IN_SYNC, _IN_PROGRESS}


def ensure_rotation_allowed(
    description: SecretDescription, *, standby_region: str, now: Instant, waited_seconds: float = 0.0
) -> None:
    """Refuse to touch the idle user while a probe may still use it.

    Parameters
    ----------
    description
        The secret.
    standby_region
        The Region in which the controller reads it.
    now
        Seconds since the epoch.
    waited_seconds
        How long the step has already waited for the replicas.

    Raises
    ------
    RotationPendingError
        If the last rotation has just ended, or a replica does not have its result yet.
    RotationError
        If the standby Region has no replica of the secret.

    """
    if standby_region not in description.replicas:
        raise RotationError(
            f"The secret has no replica in {standby_region}, where the controller reads it. Run failoverctl replicate: "
            f"it creates one."
        )
    pending_replicas = {
        region: replica for region, replica in description.replicas.items() if replica.status != _IN_SYNC
    }
    if pending_replicas:
        status_text = "; ".join(
            f"{region} is {replica.status} {replica.message}".strip()
            for region, replica in sorted(pending_replicas.items())
        )
        waited = f", after a wait of {format_duration(waited_seconds)}" if waited_seconds else ""
        raise RotationPendingError(
            f"Not every replica of the secret has the current version ({status_text}{waited}), so a probe may still "
            f"use the idle user. Secrets Manager retries the rotation."
        )
    if description.last_rotated_at is not None:
        remaining_seconds = description.last_rotated_at + MIN_ROTATION_GAP_SECONDS - now
        if remaining_seconds > 0:
            raise RotationPendingError(
                f"The last rotation ended less than {format_duration(MIN_ROTATION_GAP_SECONDS)} ago, so a probe may "
                f"still use the idle user. Wait {format_duration(remaining_seconds)}, then rotate again."
            )


def ensure_alternating_users(current: CanarySecretContent, pending: CanarySecretContent) -> None:
    """Refuse a pending version that is not for the idle user, so the active user keeps its password.

    Raises
    ------
    RotationError
        If the secret was changed since the rotation began.

    """
    if (pending.username, pending.idle_username) != (current.idle_username, current.username):
        raise RotationError(
            f"The secret was changed after this rotation began: in the version {PENDING}, {pending.username} replaces "
            f"{pending.idle_username}, but the probes use {current.username}. Remove the label {PENDING} from that "
            f"version (aws secretsmanager update-secret-version-stage), then rotate again."
        )


def compute_rotation_marker(token: str) -> int:
    """Return the marker of a rotation: smaller than any lag marker, which is a current time."""
    return int.from_bytes(sha256(token.encode()).digest()[:8]) % _MARKER_MODULUS


def compute_overdue_seconds(description: SecretDescription, now: Instant) -> float:
    """Return for how many seconds the next rotation is overdue; 0 if it is not due.

    Raises
    ------
    RotationError
        If rotation is disabled.

    """
    if not description.is_rotation_enabled:
        raise RotationError(
            "Rotation is not enabled for this secret, so its password never changes. Enable it with "
            "aws secretsmanager rotate-secret."
        )
    if description.next_rotation_at is None:
        return 0.0
    return max(0.0, now - description.next_rotation_at)
