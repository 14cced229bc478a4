"""The second lever: a switch in the standby Region that Route 53's health checkers read.

Thrown, it makes the health check of the primary fail. Route 53 then answers with the standby, whatever the weights are,
and Cognito sends its own domain to the secondary: with no call to any control plane.
"""

from enum import StrEnum
from typing import Protocol

from failover.levers.lever import Confirmation, Sight
from failover.region import Side


class LatchName(StrEnum):
    """What a latch moves: the domain's records, or Cognito's own domain for managed login."""

    RECORDS = "records"
    DOMAIN = "domain"


class Latch(Protocol):
    """One switch and the health check that reads it. Every call may raise LeverUnavailableError; a retry is safe."""

    @property
    def name(self) -> LatchName:
        """What it moves."""
        ...

    def sight(self) -> Sight | None:
        """Return where its check's state shows in DNS, as Route 53 lists it; None while it isn't attached."""
        ...

    def found(self, sight: Sight | None) -> bool:
        """Tell whether it is thrown, with nothing known of it. One that can't be read goes by what its check shows."""
        ...

    def keep(self, *, thrown: bool) -> bool:
        """Tell whether it is thrown. One that can't be read is set to what it should be, and taken to be so."""
        ...

    def set(self, *, thrown: bool) -> None:
        """Throw or release it. To set it to what it is changes nothing."""
        ...

    def answers(self, sight: Sight, side: Side) -> Confirmation:
        """Ask from outside whether its check, and so what follows that, has moved to this side."""
        ...
