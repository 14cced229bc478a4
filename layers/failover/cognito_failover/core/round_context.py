"""What each decision of one round is based on, apart from the state."""

from dataclasses import dataclass, replace

from cognito_failover.common.region import Instant
from cognito_failover.core.consensus import Consensus
from cognito_failover.settings.controller import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundContext:
    """The settings, the consensus, and the time.

    Attributes
    ----------
    settings
        The policy and the names of the Regions.
    consensus
        What the observers agree on now.
    now
        The time of the decision.
    is_contiguous
        Whether the last round was a short time ago. If not, this host's clock may be wrong.

    """

    settings: Settings
    consensus: Consensus
    now: Instant
    is_contiguous: bool = True

    def at(self, now: Instant) -> "RoundContext":
        """Return this context at a later time of the same round."""
        return replace(self, now=now)
