"""In-memory twin of the secret, with the version labels of Secrets Manager."""

from collections.abc import Callable

from cognito_failover.common.region import Instant
from cognito_failover.rotation.errors import RotationError
from cognito_failover.rotation.secret_state import CURRENT, PENDING, SecretDescription, SecretReplica

PREVIOUS = "AWSPREVIOUS"


class MemorySecretStore:
    """Holds the versions of one secret. Starts and ends rotations as Secrets Manager does.

    Parameters
    ----------
    text
        The text of the first version.
    clock
        Seconds since the epoch.
    regions
        The Regions with a replica.

    Attributes
    ----------
    replicas
        The replicas' statuses. A test sets them to simulate an outage.
    replicating_seconds
        How long a replica is `InProgress` after a change.
    is_rotation_enabled
        Whether rotation is enabled.

    """

    def __init__(self, text: str, clock: Callable[[], Instant], *, regions: tuple[str, ...]) -> None:
        self._clock = clock
        self._texts = {"first": text}
        self._labels: dict[str, str] = {CURRENT: "first"}
        self._last_rotated_at: Instant | None = None
        self._written_at: Instant | None = None
        self.replicas = {region: SecretReplica(status="InSync") for region in regions}
        self.replicating_seconds = 2.0
        self.is_rotation_enabled = True

    def start_rotation(self, token: str) -> str:
        """Start a rotation, or continue an unfinished one; return its token."""
        pending = self._labels.get(PENDING)
        if pending is not None and pending != self._labels[CURRENT]:
            return pending
        self._labels[PENDING] = token
        return token

    def finish_rotation(self) -> None:
        """Record the end of a finished rotation."""
        if self._labels.get(PENDING) == self._labels[CURRENT]:
            del self._labels[PENDING]
            self._last_rotated_at = self._clock()

    def describe(self) -> SecretDescription:
        """Return the secret's description."""
        versions = set(self._labels.values())
        return SecretDescription(
            is_rotation_enabled=self.is_rotation_enabled,
            stages={
                version: frozenset(label for label, labelled in self._labels.items() if labelled == version)
                for version in versions
            },
            last_rotated_at=self._last_rotated_at,
            replicas={region: self._get_replica(replica) for region, replica in self.replicas.items()},
        )

    def read_current(self) -> str:
        """Return the text of the current version."""
        return self._texts[self._labels[CURRENT]]

    def read_pending(self, token: str) -> str | None:
        """Return the text of the pending version, or None if it has none."""
        return self._texts.get(token) if self._labels.get(PENDING) == token else None

    def put_pending(self, token: str, text: str) -> None:
        """Write the pending version, once."""
        if self._texts.get(token, text) != text:
            raise RotationError("The secret could not be written: a version cannot be changed after the first write.")
        self._texts[token] = text
        self._labels[PENDING] = token
        self._written_at = self._clock()

    def promote(self, token: str, *, previous_version_id: str) -> None:
        """Move the label AWSCURRENT to the version."""
        if self._labels[CURRENT] != previous_version_id:
            raise RotationError(
                f"The secret could not be promoted: {CURRENT} is not attached to version {previous_version_id}."
            )
        self._labels[PREVIOUS], self._labels[CURRENT] = previous_version_id, token
        self._written_at = self._clock()

    def _get_replica(self, replica: SecretReplica) -> SecretReplica:
        replicated_at = None if self._written_at is None else self._written_at + self.replicating_seconds
        is_replicating = replica.status == "InSync" and replicated_at is not None and self._clock() < replicated_at
        return SecretReplica(status="InProgress") if is_replicating else replica
