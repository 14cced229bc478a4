"""The response to an operator request. Pure."""

from dataclasses import dataclass, field
from typing import Any

from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.transition import Transition


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorResponse:
    """The result of a request.

    Attributes
    ----------
    transition
        The next state, the message to the person, and the events. The state is the same object if nothing changed.
    is_accepted
        Whether the request was accepted.
    rule
        The rule that refused it; empty if it was accepted.
    details
        More fields of the answer, as JSON values.

    """

    transition: Transition
    is_accepted: bool
    rule: str = ""
    details: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def accept(cls, state: ControllerState, message: str) -> "OperatorResponse":
        """Return a response to a request that was accepted and changes nothing."""
        return cls(transition=Transition(state=state, message=message), is_accepted=True)

    @classmethod
    def refuse(cls, state: ControllerState, message: str, *, rule: str) -> "OperatorResponse":
        """Return a refusal by a rule."""
        return cls(transition=Transition(state=state, message=message), is_accepted=False, rule=rule)

    @property
    def answer(self) -> dict[str, Any]:
        """The response as the person gets it."""
        refusal = {"refused_by": self.rule} if self.rule else {}
        return {"done": self.is_accepted, "message": self.transition.message, **refusal, **self.details}
