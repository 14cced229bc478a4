"""Protocol of the ledger's part that holds the timeline."""

from typing import Protocol

from cognito_failover.common.region import Instant
from cognito_failover.timeline.sample import RoundSample

MAX_SAMPLES = 2000
"""Maximum number of samples that one call loads: five hours at the shortest interval."""


class TimelineStore(Protocol):
    """Holds the samples of the timeline. Every call may raise LedgerUnavailableError."""

    def save_sample(self, sample: RoundSample) -> None:
        """Save a sample. It replaces another one of the same moment."""
        ...

    def load_samples(self, *, since: Instant, until: Instant, limit: int = MAX_SAMPLES) -> tuple[RoundSample, ...]:
        """Return the latest samples between two moments, oldest first."""
        ...
