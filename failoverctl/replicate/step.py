"""A step: it reads the actual state of one part, compares it with the desired state, and changes it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from failoverctl.replicate.context import ReplicationContext


class StepState(StrEnum):
    """State of a step."""

    DONE = "done"
    CHANGE = "change"
    """Needs a change."""

    WAIT = "wait"
    """The change was made, and takes time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepStatus:
    """Status of a step.

    Attributes
    ----------
    state
        Whether a change or a wait is needed.
    actual, desired
        Actual and desired state in words, without a final period.
    notes
        More information for the person.
    breaking_change
        What the change breaks for users or their programs; empty if nothing. It needs a separate confirmation.

    """

    state: StepState
    actual: str
    desired: str = ""
    notes: tuple[str, ...] = ()
    breaking_change: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitPolicy:
    """Timeout of a step, and the interval between two inspections, in seconds.

    A step that takes minutes to hours has the person's timeout, if that is longer.
    """

    timeout_seconds: float
    interval_seconds: float = 5.0
    can_take_hours: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDescription:
    """Description of a step in the plan.

    Attributes
    ----------
    name
        Its name, also for scripts.
    purpose
        Why it is needed.
    cost
        AWS's charge; empty if nothing.

    """

    name: str
    purpose: str
    cost: str = ""


class ReplicationStep(Protocol):
    """Interface for a step."""

    @property
    def description(self) -> StepDescription:
        """Name, purpose and cost."""
        ...

    @property
    def wait_policy(self) -> WaitPolicy:
        """Timeout and interval for waiting."""
        ...

    def inspect(self, context: "ReplicationContext") -> StepStatus:
        """Read the actual state.

        Raises
        ------
        ReplicationRefusedError
            If a requirement is violated that the step does not change.

        """
        ...

    def apply(self, context: "ReplicationContext") -> None:
        """Make the change that `inspect` requires."""
        ...
