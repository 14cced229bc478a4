"""The secret's twin in memory, with the labels that Secrets Manager gives and takes."""

from collections.abc import Callable

from failover.region import Instant
from failover.rotation.errors import RotationError
from failover.rotation.standing import CURRENT, PENDING, Copy, Described

PREVIOUS = "AWSPREVIOUS"


class MemoryVault:
    """Holds the versions of one secret, and begins and ends rotations as Secrets Manager does.

    Parameters
    ----------
    text
        The first version.
    clock
        Seconds since the epoch.
    regions
        Where it has replicas.

    Attributes
    ----------
    copies
        The replicas' statuses, to be set as an outage would.
    replicating_seconds
        How long after a change they are on their way to it.
    rotates
        Whether rotation is switched on.

    """

    def __init__(self, text: str, clock: Callable[[], Instant], *, regions: tuple[str, ...]) -> None:
        self._clock = clock
        self._texts = {"first": text}
        self._labels: dict[str, str] = {CURRENT: "first"}
        self._last_rotated_at: Instant | None = None
        self._written_at: Instant | None = None
        self.copies = {region: Copy(status="InSync") for region in regions}
        self.replicating_seconds = 2.0
        self.rotates = True

    def begin(self, token: str) -> str:
        """Begin a rotation, or go on with the one that isn't finished; return its token."""
        pending = self._labels.get(PENDING)
        if pending is not None and pending != self._labels[CURRENT]:
            return pending
        self._labels[PENDING] = token
        return token

    def end(self) -> None:
        """Note that a rotation has been finished."""
        if self._labels.get(PENDING) == self._labels[CURRENT]:
            del self._labels[PENDING]
            self._last_rotated_at = self._clock()

    def describe(self) -> Described:
        """Say how the secret stands."""
        versions = set(self._labels.values())
        return Described(
            rotates=self.rotates,
            stages={
                version: frozenset(label for label, of in self._labels.items() if of == version) for version in versions
            },
            last_rotated_at=self._last_rotated_at,
            copies={region: self._copy(found) for region, found in self.copies.items()},
        )

    def read_current(self) -> str:
        """Return the current version."""
        return self._texts[self._labels[CURRENT]]

    def read_pending(self, token: str) -> str | None:
        """Return the pending version."""
        return self._texts.get(token) if self._labels.get(PENDING) == token else None

    def put_pending(self, token: str, text: str) -> None:
        """Write the pending version, once."""
        if self._texts.get(token, text) != text:
            raise RotationError("The secret could not be written: a version once written can't be changed.")
        self._texts[token] = text
        self._labels[PENDING] = token
        self._written_at = self._clock()

    def promote(self, token: str, *, instead_of: str) -> None:
        """Move the label."""
        if self._labels[CURRENT] != instead_of:
            raise RotationError(f"The secret could not be switched: {CURRENT} is not attached to version {instead_of}.")
        self._labels[PREVIOUS], self._labels[CURRENT] = instead_of, token
        self._written_at = self._clock()

    def _copy(self, found: Copy) -> Copy:
        arrives_at = None if self._written_at is None else self._written_at + self.replicating_seconds
        is_on_its_way = found.status == "InSync" and arrives_at is not None and self._clock() < arrives_at
        return Copy(status="InProgress") if is_on_its_way else found
