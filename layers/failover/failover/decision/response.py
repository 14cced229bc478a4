"""What a manual request leads to. Pure."""

from dataclasses import dataclass, field
from typing import Any

from failover.decision.announcement import Announcement
from failover.decision.state import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
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

    state: State
    done: bool
    sentence: str
    rule: str = ""
    announcements: tuple[Announcement, ...] = ()
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def answer(self) -> dict[str, Any]:
        """The response as the person gets it."""
        refusal = {"refused_by": self.rule} if self.rule else {}
        return {"done": self.done, "message": self.sentence, **refusal, **self.details}
