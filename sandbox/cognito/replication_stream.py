"""The replication stream between the two Regions of a pool: in order, late, and only while they are linked."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicatedChange:
    """Something that one Region knows and the other is to learn.

    Attributes
    ----------
    made_at
        When it happened, in seconds of the sandbox's clock.
    primary, standby
        The pool's two Regions.
    made_in
        The one of them where it happened.
    deliver
        Makes the other Region know it.

    """

    changed_at: float
    primary: str
    standby: str
    source_region: str
    deliver: Callable[[], None]


class ReplicationStream:
    """Changes on their way."""

    def __init__(self) -> None:
        self._changes: list[ReplicatedChange] = []

    def record(self, change: ReplicatedChange) -> None:
        """Send a change on its way."""
        self._changes.append(change)

    def deliver_due(self, now: float, lag_seconds: float, is_connected: Callable[[str, str], bool]) -> None:
        """Deliver what is due.

        Parameters
        ----------
        now
            Seconds of the sandbox's clock.
        lag_seconds
            How long a change travels at least.
        linked
            Whether primary and standby reach each other now. What can't travel waits, and what came after it
            in the same direction waits behind it.

        """
        waiting: list[ReplicatedChange] = []
        held_up: set[tuple[str, str, str]] = set()
        for change in self._changes:
            way = (change.primary, change.standby, change.source_region)
            if (
                way in held_up
                or now < change.changed_at + lag_seconds
                or not is_connected(change.primary, change.standby)
            ):
                held_up.add(way)
                waiting.append(change)
            else:
                change.deliver()
        self._changes = waiting
