"""Protocol of the lever that changes the weighted records."""

from typing import Protocol

from cognito_failover.common.region import Weights
from cognito_failover.core.model.records import ChangeStatus, Confirmation, Intent, RecordsSnapshot


class Lever(Protocol):
    """Changes the weights of the domain's records. Every call may raise LeverUnavailableError and can be retried."""

    @property
    def name(self) -> str:
        """Name of the lever in state, events and messages."""
        ...

    def read_records(self) -> RecordsSnapshot:
        """Return the records. Raise LeverRefusedError with the reason if they are not supported."""
        ...

    def plan(self, snapshot: RecordsSnapshot, weights: Weights) -> Intent:
        """Return the change of these records to these weights. It changes nothing else in a record set."""
        ...

    def get_change_status(self, intent: Intent, snapshot: RecordsSnapshot) -> ChangeStatus:
        """Return whether the records are as before the intent, as after it, or neither."""
        ...

    def submit(self, intent: Intent, current: RecordsSnapshot | None = None) -> str:
        """Make the change in one batch, as compare-and-set against the current records, and return its id.

        Without the current records, the change is a compare-and-set against those that the intent was planned with.

        One call unless it is rejected, so the timeouts of one call bound its time. If the records are already as
        intended, the same values are set again to get a change id to wait for.

        Raises
        ------
        LeverRefusedError
            If the records are no longer as before the intent, or are protected against changes.
        RecordsChangedError
            If Route 53 rejects the change. After a lost response, it may be made already.

        """
        ...

    def raise_fence(self, snapshot: RecordsSnapshot, *, above: int) -> None:
        """Make every change with this fence or an earlier one impossible, and change no other record."""
        ...

    def is_in_sync(self, change_id: str) -> bool:
        """Return whether all Route 53 servers have the change."""
        ...

    def read_back(self, intent: Intent) -> Confirmation:
        """Return whether the records are as intended. Used for partial weights, where DNS answers are random."""
        ...
