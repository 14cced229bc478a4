"""What is kept outside every process: the state, the observations, the history, the key set."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from failover.decision.announcement import Announcement
from failover.decision.preflight import Preflight
from failover.decision.state import State
from failover.outside.sample import Sample
from failover.probe.keys import KeptKeys
from failover.probe.observation import Observation
from failover.region import Instant

HISTORY_DAYS = 400
"""How long an entry of the history is kept: a year and a month, for yearly audits."""

SAMPLE_DAYS = 60
"""How long a moment of the timeline is kept: what is to last is in the reports."""

MAX_ENTRIES = 2000
"""As many entries of the history as are read at once between two moments."""

MAX_SAMPLES = 2000
"""As many moments of the timeline as are read at once: five hours of close watching."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """The state as it was saved, and the version that a change to it must name."""

    state: State
    version: int


class Ledger(Protocol):
    """The one memory that controller, operator and observers share.

    Every call may raise LedgerUnavailableError: the state is then not lost but out of reach, and nothing may move.
    """

    def load(self) -> Saved | None:
        """Return the state, or None if there has never been one or it was lost."""
        ...

    def save(self, state: State, *, expected: int | None, announcements: Sequence[Announcement] = ()) -> Saved:
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

    def take_lease(self, owner: str, *, now: Instant, seconds: float) -> bool:
        """Take or renew the right to run rounds; False while somebody else holds it."""
        ...

    def give_up_lease(self, owner: str) -> None:
        """Let the next owner begin at once; nothing happens if the lease is somebody else's by now."""
        ...

    def put_observation(self, observation: Observation) -> None:
        """Replace the observer's latest observation."""
        ...

    def observations(self, observers: Sequence[str]) -> tuple[Observation, ...]:
        """Return the latest observation of each of these observers that has one which can be understood."""
        ...

    def history(self, *, limit: int) -> tuple[Announcement, ...]:
        """Return the latest entries of the history, newest first."""
        ...

    def history_between(self, *, since: Instant, until: Instant) -> tuple[Announcement, ...]:
        """Return the entries of the history from one moment to another, both to the second, oldest first."""
        ...

    def put_preflight(self, preflight: Preflight) -> None:
        """Replace the last preflight's result."""
        ...

    def preflight(self) -> Preflight | None:
        """Return the last preflight's result; None if there is none, or none that can be understood."""
        ...

    def put_sample(self, sample: Sample) -> None:
        """Keep a moment of the timeline; another one of the same moment is replaced."""
        ...

    def samples(self, *, since: Instant, until: Instant, limit: int = MAX_SAMPLES) -> tuple[Sample, ...]:
        """Return the moments of the timeline from one moment to another, oldest first: the latest of them."""
        ...

    def load_keys(self) -> KeptKeys:
        """Return the key set as it was kept, `NO_KEYS` if none was."""
        ...

    def save_keys(self, kept: KeptKeys) -> None:
        """Keep a key set."""
        ...
