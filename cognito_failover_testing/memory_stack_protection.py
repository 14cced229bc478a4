"""The protection of the stack in memory."""

from cognito_failover.common.errors import LeverUnavailableError


class MemoryStackProtection:
    """A protection in memory; a `Protection`."""

    def __init__(self) -> None:
        self.is_protected = False
        self.failure_message = ""

    def protect(self) -> str:
        """Set it."""
        self._raise_if_failing()
        self.is_protected = True
        return ""

    def unprotect(self) -> None:
        """Take it away."""
        self._raise_if_failing()
        self.is_protected = False

    def _raise_if_failing(self) -> None:
        if self.failure_message:
            raise LeverUnavailableError(self.failure_message)
