"""The result of a pure decision."""

from dataclasses import dataclass

from cognito_failover.core.model.event import Event
from cognito_failover.core.model.state import ControllerState


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """The next state, one message, and the events.

    Attributes
    ----------
    state
        The state to save. A move in it is carried out by the drivers.
    message
        The action of this step, or the reason for no action. Empty if there is nothing to say.
    events
        The changes since the state before, in order.

    """

    state: ControllerState
    message: str = ""
    events: tuple[Event, ...] = ()

    @classmethod
    def from_event(cls, state: ControllerState, event: Event) -> "Transition":
        """Return a transition with one event, whose message is also the message of the transition."""
        return cls(state=state, message=event.message, events=(event,))

    def then(self, next_step: "Transition") -> "Transition":
        """Return both steps as one: the later state, the joined messages, and all events.

        Parameters
        ----------
        next_step
            The step that was decided from the state of this one.

        """
        message = " ".join(filter(None, (self.message, next_step.message)))
        return Transition(state=next_step.state, message=message, events=(*self.events, *next_step.events))
