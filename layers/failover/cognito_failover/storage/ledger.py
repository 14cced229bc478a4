"""What is kept outside every process: the state, the observations, the history, the key set."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from cognito_failover.common.region import Instant
from cognito_failover.core.model.event import Event
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.observation import Observation
from cognito_failover.core.preflight_result import PreflightResult
from cognito_failover.probe.jwks_cache import CachedJwks
from cognito_failover.timeline.sample import RoundSample

HISTORY_DAYS = 400
"""How long an entry of the history is kept: a year and a month, for yearly audits."""

SAMPLE_DAYS = 60
"""How long a moment of the timeline is kept: what is to last is in the reports."""

MAX_HISTORY_ENTRIES = 2000
"""As many entries of the history as are read at once between two moments."""

MAX_SAMPLES = 2000
"""As many moments of the timeline as are read at once: five hours of close watching."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionedState:
    """The state as it was saved, and the version that a change to it must name."""

    state: ControllerState
    version: int


class Ledger(Protocol):
    """The one memory that controller, operator and observers share.

    Every call may raise LedgerUnavailableError: the state is then not lost but out of reach, and nothing may move.
    """

    def load(self) -> VersionedState | None:
        """Return the state, or None if there has never been one or it was lost."""
        ...

    def save(self, state: ControllerState, *, expected: int | None, events: Sequence[Event] = ()) -> VersionedState:
        """Save the state and append the announcements to the history, both or neither.

        Parameters
        ----------
        state
            What to remember from now on.
        expected
            The version that was read; None where there was no state.
        announcements
            What to append to the history.

        Raises
        ------
        LedgerConflictError
            If the state has been changed since. Nothing was saved.

        """
        ...

    def acquire_lease(self, owner: str, *, now: Instant, seconds: float) -> bool:
        """Take or renew the right to run rounds; False while somebody else holds it."""
        ...

    def release_lease(self, owner: str) -> None:
        """Let the next owner begin at once; nothing happens if the lease is somebody else's by now."""
        ...

    def save_observation(self, observation: Observation) -> None:
        """Replace the observer's latest observation."""
        ...

    def load_observations(self, observers: Sequence[str]) -> tuple[Observation, ...]:
        """Return the latest observation of each of these observers that has one which can be understood."""
        ...

    def load_history(self, *, limit: int) -> tuple[Event, ...]:
        """Return the latest entries of the history, newest first."""
        ...

    def load_history_between(self, *, since: Instant, until: Instant) -> tuple[Event, ...]:
        """Return the entries of the history from one moment to another, both to the second, oldest first."""
        ...

    def save_preflight(self, preflight: PreflightResult) -> None:
        """Replace the last preflight's result."""
        ...

    def load_preflight(self) -> PreflightResult | None:
        """Return the last preflight's result; None if there is none, or none that can be understood."""
        ...

    def save_sample(self, sample: RoundSample) -> None:
        """Keep a moment of the timeline; another one of the same moment is replaced."""
        ...

    def load_samples(self, *, since: Instant, until: Instant, limit: int = MAX_SAMPLES) -> tuple[RoundSample, ...]:
        """Return the moments of the timeline from one moment to another, oldest first: the latest of them."""
        ...

    def load_keys(self) -> CachedJwks:
        """Return the key set as it was kept, `EMPTY_JWKS` if none was."""
        ...

    def save_keys(self, jwks: CachedJwks) -> None:
        """Keep a key set."""
        ...
