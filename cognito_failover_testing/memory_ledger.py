"""In-memory twin of the ledger, for tests and simulations."""

from collections.abc import Sequence

from cognito_failover.common.errors import LedgerConflictError
from cognito_failover.common.region import Instant
from cognito_failover.core.model.event import Event
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.moments import is_waiting
from cognito_failover.core.observation import Observation
from cognito_failover.core.ports.stores import MAX_LEASE_SECONDS, LoadedHistory, VersionedState
from cognito_failover.core.preflight_result import PreflightResult
from cognito_failover.probe.jwks_cache import EMPTY_JWKS, CachedJwks
from cognito_failover.timeline.sample import RoundSample
from cognito_failover.timeline.timeline_store import MAX_SAMPLES


class MemoryLedger:
    """A ledger that keeps everything in the object."""

    def __init__(self) -> None:
        self._saved: VersionedState | None = None
        self._lease: tuple[str, Instant] | None = None
        self._observations: dict[str, Observation] = {}
        self._history: list[Event] = []
        self._keys = EMPTY_JWKS
        self._preflight: PreflightResult | None = None
        self._samples: dict[Instant, RoundSample] = {}

    def load(self) -> VersionedState | None:
        """Return the state, or None if there is none."""
        return self._saved

    def save(self, state: ControllerState, *, expected: int | None, events: Sequence[Event] = ()) -> VersionedState:
        """Save the state if its version is still the expected one."""
        current = self._saved.version if self._saved else None
        if current != expected:
            raise LedgerConflictError(f"The state is at version {current}, not {expected}; read it again.")
        self._saved = VersionedState(state=state, version=(expected or 0) + 1)
        self._history.extend(events)
        return self._saved

    def acquire_lease(self, owner: str, *, now: Instant, seconds: float) -> bool:
        """Take or renew the lease; return False while another owner holds it."""
        if self._lease and self._lease[0] != owner and is_waiting(self._lease[1], MAX_LEASE_SECONDS, now):
            return False
        self._lease = (owner, now + seconds)
        return True

    def release_lease(self, owner: str) -> None:
        """End the lease if this owner holds it."""
        if self._lease and self._lease[0] == owner:
            self._lease = None

    def save_observation(self, observation: Observation) -> None:
        """Replace the observer's latest observation."""
        self._observations[observation.observer] = observation

    def load_observations(self, observers: Sequence[str]) -> tuple[Observation, ...]:
        """Return the latest observation of each of these observers that has one."""
        return tuple(self._observations[observer] for observer in observers if observer in self._observations)

    def load_history(self, *, limit: int) -> LoadedHistory:
        """Return the latest events, newest first."""
        return LoadedHistory(events=tuple(reversed(self._history[-limit:])))

    def load_history_between(self, *, since: Instant, until: Instant) -> tuple[Event, ...]:
        """Return the events between two moments, oldest first."""
        return tuple(entry for entry in self._history if int(since) <= int(entry.at) <= int(until))

    def save_preflight(self, preflight: PreflightResult) -> None:
        """Replace the last preflight result."""
        self._preflight = preflight

    def load_preflight(self) -> PreflightResult | None:
        """Return the last preflight result."""
        return self._preflight

    def save_sample(self, sample: RoundSample) -> None:
        """Save a sample of the timeline."""
        self._samples[sample.at] = sample

    def load_samples(self, *, since: Instant, until: Instant, limit: int = MAX_SAMPLES) -> tuple[RoundSample, ...]:
        """Return the latest samples between two moments, oldest first."""
        within = [self._samples[at] for at in sorted(self._samples) if since <= at <= until]
        return tuple(within[-limit:])

    def load_keys(self) -> CachedJwks:
        """Return the saved key set, or `EMPTY_JWKS` if there is none."""
        return self._keys

    def save_keys(self, jwks: CachedJwks) -> None:
        """Save a key set."""
        self._keys = jwks
