"""One step: how a part of the world is found, how it is to be, and what brings it there."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from failoverctl.replicate.context import ReplicationContext


class StepState(StrEnum):
    """Where a step stands."""

    DONE = "done"
    CHANGE = "change"
    """It takes a change."""

    WAIT = "wait"
    """The change was made before; it takes time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepStatus:
    """What a look at the world found.

    Attributes
    ----------
    found, wanted
        What is, and what is to be, as sentences without an end.
    notes
        What else a person should know.
    breaks
        What the change stops for users and their programs; empty if nothing. It is confirmed apart from the rest.

    """

    state: StepState
    actual: str
    desired: str = ""
    notes: tuple[str, ...] = ()
    breaking_change: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitPolicy:
    """How long a step is waited for, and how often it is looked at meanwhile; in seconds."""

    timeout_seconds: float
    interval_seconds: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDescription:
    """What a step means for those who read the plan.

    Attributes
    ----------
    name
        Known to scripts.
    why
        What it is for.
    costs
        In money; empty if nothing.

    """

    name: str
    purpose: str
    cost: str = ""


class ReplicationStep(Protocol):
    """A step; `Site` is the world it looks at."""

    @property
    def description(self) -> StepDescription:
        """What it means."""
        ...

    @property
    def wait_policy(self) -> WaitPolicy:
        """How long its end is waited for."""
        ...

    def inspect(self, context: "ReplicationContext") -> StepStatus:
        """Read the world.

        Raises
        ------
        RefusedError
            If something stands in the way.

        """
        ...

    def apply(self, context: "ReplicationContext") -> None:
        """Make the change that the last look asked for."""
        ...
