"""The replication stream between the two Regions of a pool: ordered, delayed, and only while they are connected."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicatedChange:
    """A change in one Region that must be applied in the other.

    Attributes
    ----------
    changed_at
        The time of the change, in seconds of the sandbox's clock.
    primary, standby
        The pool's two Regions.
    source_region
        The Region of the change.
    deliver
        Applies the change in the other Region.

    """

    changed_at: float
    primary: str
    standby: str
    source_region: str
    deliver: Callable[[], None]


class ReplicationStream:
    """The pending changes."""

    def __init__(self) -> None:
        self._changes: list[ReplicatedChange] = []

    def record(self, change: ReplicatedChange) -> None:
        """Add a change."""
        self._changes.append(change)

    def deliver_due(self, now: float, lag_seconds: float, is_connected: Callable[[str, str], bool]) -> None:
        """Deliver the changes that are due.

        Parameters
        ----------
        now
            Seconds of the sandbox's clock.
        lag_seconds
            The minimum delay of a change.
        is_connected
            Returns whether primary and standby reach each other now. A change that cannot be delivered waits, and
            blocks later changes in the same direction.

        """
        pending: list[ReplicatedChange] = []
        blocked: set[tuple[str, str, str]] = set()
        for change in self._changes:
            direction = (change.primary, change.standby, change.source_region)
            if (
                direction in blocked
                or now < change.changed_at + lag_seconds
                or not is_connected(change.primary, change.standby)
            ):
                blocked.add(direction)
                pending.append(change)
            else:
                change.deliver()
        self._changes = pending
