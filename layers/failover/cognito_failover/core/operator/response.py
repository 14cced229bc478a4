"""What a manual request leads to. Pure."""

from dataclasses import dataclass, field
from typing import Any

from cognito_failover.core.model.event import Event
from cognito_failover.core.model.state import ControllerState


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorResponse:
    """What a request leads to.

    Attributes
    ----------
    state
        What to remember; the very same object where nothing changed.
    done
        Whether what was asked for was accepted.
    sentence
        What was done, or why not and the way out.
    rule
        The rule that refused it; empty if none did.
    announcements
        What to tell.
    details
        What else the answer holds, as JSON values.

    """

    state: ControllerState
    is_accepted: bool
    message: str
    rule: str = ""
    events: tuple[Event, ...] = ()
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def answer(self) -> dict[str, Any]:
        """The response as the person gets it."""
        refusal = {"refused_by": self.rule} if self.rule else {}
        return {"done": self.is_accepted, "message": self.message, **refusal, **self.details}
