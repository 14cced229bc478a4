"""The result of one round."""

from dataclasses import dataclass

from cognito_failover.core.consensus import Consensus
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.observation import Observation


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundResult:
    """What a round came to, for logs and metrics.

    Attributes
    ----------
    observation
        What was seen.
    others
        What the further observers saw last.
    knowledge
        What is known by it.
    state
        What is remembered after it; None if even that isn't known.
    reason
        What is done, or why nothing is, as a sentence.
    silence_seconds
        From the round before to this one, as far as remembered.
    failure
        What kept the round from being made to its end, or recorded; empty if nothing did.

    """

    observation: Observation
    remote_observations: tuple[Observation, ...] = ()
    consensus: Consensus
    state: ControllerState | None
    reason: str
    silence_seconds: float | None = None
    failure: str = ""

    @property
    def observations(self) -> tuple[Observation, ...]:
        """What everybody saw, the controller first."""
        return (self.observation, *self.remote_observations)
