"""The ledger's twin in memory, for tests and simulations."""

from collections.abc import Sequence

from failover.decision.announcement import Announcement
from failover.decision.preflight import Preflight
from failover.decision.state import State
from failover.errors import LedgerConflictError
from failover.ledger.ledger import MAX_SAMPLES, Saved
from failover.outside.sample import Sample
from failover.probe.keys import NO_KEYS, KeptKeys
from failover.probe.observation import Observation
from failover.region import Instant


class MemoryLedger:
    """A ledger that lives as long as its object."""

    def __init__(self) -> None:
        self._saved: Saved | None = None
        self._lease: tuple[str, Instant] | None = None
        self._observations: dict[str, Observation] = {}
        self._history: list[Announcement] = []
        self._keys = NO_KEYS
        self._preflight: Preflight | None = None
        self._samples: dict[Instant, Sample] = {}

    def load(self) -> Saved | None:
        """Return the state, or None if there is none."""
        return self._saved

    def save(self, state: State, *, expected: int | None, announcements: Sequence[Announcement] = ()) -> Saved:
        """Save the state if nobody else has since it was read."""
        found = self._saved.version if self._saved else None
        if found != expected:
            raise LedgerConflictError(f"The state is at version {found}, not {expected}; read it again.")
        self._saved = Saved(state=state, version=(expected or 0) + 1)
        self._history.extend(announcements)
        return self._saved

    def take_lease(self, owner: str, *, now: Instant, seconds: float) -> bool:
        """Take or renew the lease; False while somebody else holds it."""
        if self._lease and self._lease[0] != owner and self._lease[1] > now:
            return False
        self._lease = (owner, now + seconds)
        return True

    def give_up_lease(self, owner: str) -> None:
        """End the lease if it is the owner's."""
        if self._lease and self._lease[0] == owner:
            self._lease = None

    def put_observation(self, observation: Observation) -> None:
        """Replace the observer's latest observation."""
        self._observations[observation.observer] = observation

    def observations(self, observers: Sequence[str]) -> tuple[Observation, ...]:
        """Return the latest observation of each of these observers that has one."""
        return tuple(self._observations[observer] for observer in observers if observer in self._observations)

    def history(self, *, limit: int) -> tuple[Announcement, ...]:
        """Return the latest entries, newest first."""
        return tuple(reversed(self._history[-limit:]))

    def history_between(self, *, since: Instant, until: Instant) -> tuple[Announcement, ...]:
        """Return the entries between two moments, oldest first."""
        return tuple(entry for entry in self._history if int(since) <= int(entry.at) <= int(until))

    def put_preflight(self, preflight: Preflight) -> None:
        """Replace the last result."""
        self._preflight = preflight

    def preflight(self) -> Preflight | None:
        """Return the last result."""
        return self._preflight

    def put_sample(self, sample: Sample) -> None:
        """Keep a moment of the timeline."""
        self._samples[sample.at] = sample

    def samples(self, *, since: Instant, until: Instant, limit: int = MAX_SAMPLES) -> tuple[Sample, ...]:
        """Return the latest moments between two, oldest first."""
        within = [self._samples[at] for at in sorted(self._samples) if since <= at <= until]
        return tuple(within[-limit:])

    def load_keys(self) -> KeptKeys:
        """Return the kept key set, `NO_KEYS` if none was."""
        return self._keys

    def save_keys(self, kept: KeptKeys) -> None:
        """Keep a key set."""
        self._keys = kept
