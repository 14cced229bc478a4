"""The state as it was last saved, and the only way to save a further one."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from cognito_failover.core.incident import assign_incident
from cognito_failover.core.model.event import Event
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.ports.stores import StateStore, VersionedState
from cognito_failover.core.transition import Transition

MAX_UNDELIVERED_EVENTS = 50
"""Announcements kept for sending again; beyond it the oldest are left to the history."""


class Journal:
    """Holds one version of the state, and turns every change into the next by compare-and-set.

    Parameters
    ----------
    store
        Where the state is saved.
    saved
        What was read from there; None where nothing is remembered.

    """

    def __init__(self, store: StateStore, saved: VersionedState | None) -> None:
        self._store = store
        self._saved = saved

    @property
    def has_state(self) -> bool:
        """Whether there is any state."""
        return self._saved is not None

    @property
    def state(self) -> ControllerState:
        """The state as last saved."""
        if self._saved is None:
            raise ValueError("nothing is remembered yet")
        return self._saved.state

    def save(self, state: ControllerState, events: Sequence[Event] = ()) -> None:
        """Save a state, and with it what is to be told.

        Raises
        ------
        LedgerConflictError
            If somebody else has changed the state since it was read; nothing was saved.
        LedgerUnavailableError
            If it is not known to be saved.

        """
        updated_state, assigned_events = assign_incident(state, events)
        self._saved = self._store.save(
            replace(
                updated_state,
                undelivered_events=(*updated_state.undelivered_events, *assigned_events)[-MAX_UNDELIVERED_EVENTS:],
            )
            if assigned_events
            else updated_state,
            expected=self._saved.version if self._saved else None,
            events=assigned_events,
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
        """Drop what has been sent. If that can't be saved, it is only sent twice.

        Raises
        ------
        LedgerConflictError, LedgerUnavailableError
            If it is not known to be saved.

        """
        remaining = tuple(
            announcement for announcement in self.state.undelivered_events if announcement not in delivered
        )
        if remaining != self.state.undelivered_events and self._saved:
            self._saved = self._store.save(
                replace(self.state, undelivered_events=remaining), expected=self._saved.version
            )
