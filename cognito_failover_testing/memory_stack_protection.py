"""In-memory twin of the stack protection."""

from cognito_failover.common.errors import LeverUnavailableError


class MemoryStackProtection:
    """A `StackProtection` in memory."""

    def __init__(self) -> None:
        self.is_protected = False
        self.failure_message = ""

    def protect(self) -> str:
        """Set the protection."""
        self._raise_if_failing()
        self.is_protected = True
        return ""

    def unprotect(self) -> None:
        """Remove the protection."""
        self._raise_if_failing()
        self.is_protected = False

    def _raise_if_failing(self) -> None:
        if self.failure_message:
            raise LeverUnavailableError(self.failure_message)
