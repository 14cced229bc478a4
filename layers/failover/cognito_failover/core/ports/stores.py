"""Protocols of the ledger: one for each kind of data that the functions share.

Every call may raise LedgerUnavailableError. The data is then unavailable, not lost, and no users may be moved.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from cognito_failover.common.region import Instant
from cognito_failover.core.model.event import Event
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.observation import Observation
from cognito_failover.core.preflight_result import PreflightResult

MAX_LEASE_SECONDS = 120.0
"""No process takes a longer lease. One that ends later was taken by a host whose clock is wrong, and does not count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionedState:
    """The saved state, and the version that the next change must name."""

    state: ControllerState
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedHistory:
    """The latest events, newest first, and the number of those that another version saved and this one can't read."""

    events: tuple[Event, ...]
    unreadable_count: int = 0


class StateStore(Protocol):
    """Holds the controller's state. The controller and the operator function change it by compare-and-set."""

    def load(self) -> VersionedState | None:
        """Return the state, or None if there is none: it was never saved, or it was lost."""
        ...

    def save(self, state: ControllerState, *, expected: int | None, events: Sequence[Event] = ()) -> VersionedState:
        """Save the state and append the events to the history, both or neither.

        Parameters
        ----------
        state
            The next state.
        expected
            The version that was loaded; None if there was no state.
        events
            The events to append to the history.

        Raises
        ------
        LedgerConflictError
            If the state was changed since it was loaded. Nothing is saved.

        """
        ...


class LeaseStore(Protocol):
    """Holds the lease: the exclusive right to run rounds."""

    def acquire_lease(self, owner: str, *, now: Instant, seconds: float) -> bool:
        """Take or renew the lease, for at most `MAX_LEASE_SECONDS`. Return False while another owner has it."""
        ...

    def release_lease(self, owner: str) -> None:
        """End the lease, unless another owner has it."""
        ...


class ObservationStore(Protocol):
    """Holds the latest observation of each observer."""

    def save_observation(self, observation: Observation) -> None:
        """Replace the observer's latest observation."""
        ...

    def load_observations(self, observers: Sequence[str]) -> tuple[Observation, ...]:
        """Return the latest observations of these observers, without the missing and the malformed ones."""
        ...


class EventStore(Protocol):
    """Holds the history. `StateStore.save` appends to it."""

    def load_history(self, *, limit: int) -> LoadedHistory:
        """Return the latest events, at most as many as the limit."""
        ...

    def load_history_between(self, *, since: Instant, until: Instant) -> tuple[Event, ...]:
        """Return the events between two moments, both rounded down to the second, oldest first."""
        ...


class PreflightStore(Protocol):
    """Holds the result of the last preflight."""

    def save_preflight(self, preflight: PreflightResult) -> None:
        """Replace the last result."""
        ...

    def load_preflight(self) -> PreflightResult | None:
        """Return the last result, or None if there is none that can be read."""
        ...
