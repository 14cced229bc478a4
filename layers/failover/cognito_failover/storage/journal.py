"""The state as last saved, and the only way to save the next one."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from cognito_failover.core.incident import assign_incident
from cognito_failover.core.model.event import Event
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.paging import queue_events
from cognito_failover.core.ports.stores import StateStore, VersionedState
from cognito_failover.core.transition import Transition


class Journal:
    """Holds one version of the state, and saves each change as the next version by compare-and-set.

    Parameters
    ----------
    store
        Where the state is saved.
    saved
        The loaded state; None if there is none.

    """

    def __init__(self, store: StateStore, saved: VersionedState | None) -> None:
        self._store = store
        self._saved = saved

    @property
    def has_state(self) -> bool:
        """Whether there is a state."""
        return self._saved is not None

    @property
    def version(self) -> int:
        """The version of the saved state; 0 without one."""
        return self._saved.version if self._saved else 0

    @property
    def state(self) -> ControllerState:
        """The state as last saved."""
        if self._saved is None:
            raise ValueError("there is no saved state")
        return self._saved.state

    def save(self, state: ControllerState, events: Sequence[Event] = ()) -> None:
        """Save a state together with its events.

        Raises
        ------
        LedgerConflictError
            If another writer has changed the state since it was read. Nothing is saved.
        LedgerUnavailableError
            If it is unknown whether the state was saved.

        """
        updated_state, new_events = assign_incident(state, events)
        self._saved = self._store.save(
            queue_events(updated_state, new_events),
            expected=self._saved.version if self._saved else None,
            events=new_events,
        )

    def save_transition(self, transition: Transition) -> str:
        """Save a transition, with its message as that of the round, and return the message.

        Raises
        ------
        LedgerConflictError, LedgerUnavailableError
            As for `save`.

        """
        self.save(replace(transition.state, round_message=transition.message), transition.events)
        return transition.message

    def drop_delivered(self, delivered: Collection[Event]) -> None:
        """Remove delivered events from the state. If that fails, they are published again.

        Raises
        ------
        LedgerConflictError, LedgerUnavailableError
            If it is unknown whether the state was saved.

        """
        remaining = tuple(event for event in self.state.undelivered_events if event not in delivered)
        if remaining != self.state.undelivered_events and self._saved:
            self._saved = self._store.save(
                replace(self.state, undelivered_events=remaining), expected=self._saved.version
            )
