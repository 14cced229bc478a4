"""The replication stream between the two Regions of a pool: in order, late, and only while they are linked."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
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

    made_at: float
    primary: str
    standby: str
    made_in: str
    deliver: Callable[[], None]


class Stream:
    """Changes on their way."""

    def __init__(self) -> None:
        self._changes: list[Change] = []

    def record(self, change: Change) -> None:
        """Send a change on its way."""
        self._changes.append(change)

    def deliver(self, now: float, lag_seconds: float, linked: Callable[[str, str], bool]) -> None:
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
        waiting: list[Change] = []
        held_up: set[tuple[str, str, str]] = set()
        for change in self._changes:
            way = (change.primary, change.standby, change.made_in)
            if way in held_up or now < change.made_at + lag_seconds or not linked(change.primary, change.standby):
                held_up.add(way)
                waiting.append(change)
            else:
                change.deliver()
        self._changes = waiting
