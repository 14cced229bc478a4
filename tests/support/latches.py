"""A latch in memory: set at once, followed by its health check when told."""

from typing import TYPE_CHECKING

from failover.errors import LeverUnavailableError
from failover.levers.latch import LatchName
from failover.levers.lever import Confirmation, Sight
from failover.region import Side

if TYPE_CHECKING:
    from collections.abc import Callable

SIGHT = Sight(record_sets=({"Name": "_latch.auth.example.com."},), name_servers=("ns-1.example.net",))


class MemoryLatch:
    """A switch, its health check, and what answers by it.

    Parameters
    ----------
    name
        What it moves.

    Attributes
    ----------
    thrown
        The switch.
    followed
        What the health check has last seen of it.
    attached
        Whether anything is answered by the check.
    works
        Whether the switch can be read and set.
    on_set
        Told before it is set.
    readable
        Whether the switch tells what it is.
    silent
        A name server that does not answer; empty if all do.

    """

    def __init__(self, name: LatchName) -> None:
        self._name = name
        self.thrown = False
        self.followed = False
        self.attached = True
        self.works = True
        self.readable = True
        self.silent = ""
        self.sets: list[bool] = []
        self.on_set: Callable[[bool], None] = lambda _thrown: None

    @property
    def name(self) -> LatchName:
        return self._name

    def sight(self) -> Sight | None:
        return SIGHT if self.attached else None

    def found(self, sight: Sight | None) -> bool:
        if self.readable:
            self._reach()
            return self.thrown
        if sight and self.silent:
            raise LeverUnavailableError("the name servers do not agree")
        return sight is not None and self.followed

    def keep(self, *, thrown: bool) -> bool:
        self._reach()
        if not self.readable:
            self.set(thrown=thrown)
        return self.thrown

    def set(self, *, thrown: bool) -> None:
        self._reach()
        self.on_set(thrown)
        self.thrown = thrown
        self.sets.append(thrown)

    def answers(self, sight: Sight, side: Side) -> Confirmation:
        assert sight == SIGHT
        moved = self.followed is (side is Side.STANDBY)
        silent = (self.silent,) if self.silent else ()
        return Confirmation(moved=moved, silent=silent, stale=(), detail=f"Its check says {self.followed}.")

    def follow(self) -> None:
        """Let the health check see the switch."""
        self.followed = self.thrown

    def _reach(self) -> None:
        if not self.works:
            raise LeverUnavailableError(f"S3 answered SlowDown to the latch of the {self.name}")
