"""What a latch's health check is attached to, so that the latch moves users."""

from typing import Protocol


class LatchAttachmentPoint(Protocol):
    """The domain's records, or Cognito's own domain.

    Every call may raise LeverUnavailableError, after which a retry is safe, or LeverRefusedError, where what was found
    is not to be touched. None of them moves anybody while the check is healthy.
    """

    def is_attached(self) -> bool:
        """Tell whether the check is attached."""
        ...

    def is_detached(self) -> bool:
        """Tell whether nothing of it carries the check."""
        ...

    def reject_foreign_checks(self) -> None:
        """Raise LeverRefusedError where another check is attached, with the way out."""
        ...

    def attach(self) -> None:
        """Attach the check, and change nothing else."""
        ...

    def detach(self) -> None:
        """Take the check away, and change nothing else."""
        ...

    def describe_pending_change(self) -> str:
        """Say why the last change has not arrived everywhere; empty once it has."""
        ...
