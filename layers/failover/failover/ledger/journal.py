"""The state as it was last saved, and the only way to save a further one."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from failover.decision.announcement import Announcement
from failover.decision.incident import in_its_incident
from failover.decision.state import State
from failover.ledger.ledger import Ledger, Saved

MAX_UNTOLD = 50
"""Announcements kept for sending again; beyond it the oldest are left to the history."""


class Journal:
    """Holds one version of the state, and turns every change into the next by compare-and-set.

    Parameters
    ----------
    ledger
        Where it is saved.
    saved
        What was read from there; None where nothing is remembered.

    """

    def __init__(self, ledger: Ledger, saved: Saved | None) -> None:
        self._ledger = ledger
        self._saved = saved

    @property
    def remembers(self) -> bool:
        """Whether there is any state."""
        return self._saved is not None

    @property
    def state(self) -> State:
        """The state as last saved."""
        if self._saved is None:
            raise ValueError("nothing is remembered yet")
        return self._saved.state

    def note(self, state: State, announcements: Sequence[Announcement] = ()) -> None:
        """Save a state, and with it what is to be told.

        Raises
        ------
        LedgerConflictError
            If somebody else has changed the state since it was read; nothing was saved.
        LedgerUnavailableError
            If it is not known to be saved.

        """
        noted, told = in_its_incident(state, announcements)
        self._saved = self._ledger.save(
            replace(noted, untold=(*noted.untold, *told)[-MAX_UNTOLD:]) if told else noted,
            expected=self._saved.version if self._saved else None,
            announcements=told,
        )

    def forget_told(self, told: Collection[Announcement]) -> None:
        """Drop what has been sent. If that can't be saved, it is only sent twice.

        Raises
        ------
        LedgerConflictError, LedgerUnavailableError
            If it is not known to be saved.

        """
        left = tuple(announcement for announcement in self.state.untold if announcement not in told)
        if left != self.state.untold and self._saved:
            self._saved = self._ledger.save(replace(self.state, untold=left), expected=self._saved.version)
