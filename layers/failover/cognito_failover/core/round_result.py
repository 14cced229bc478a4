"""The result of one round."""

from dataclasses import dataclass

from cognito_failover.core.consensus import Consensus
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.observation import Observation


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundResult:
    """The result of one round, for logs and metrics.

    Attributes
    ----------
    observation
        The controller's own observation.
    remote_observations
        The last observations of the other observers.
    consensus
        The verdicts that the observers agree on.
    state
        The state after the round; None if it is not known.
    reason
        The message of the round.
    silence_seconds
        The time since the round before, if it is known.
    failure
        Why the round was not completed or not saved; empty if it was.

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
        """All observations, the controller's own first."""
        return (self.observation, *self.remote_observations)
