"""In-memory twin of a latch's switch."""

from cognito_failover.common.errors import LeverUnavailableError


class MemoryLatchSwitch:
    """Holds the state of a switch; a test can make it fail.

    Parameters
    ----------
    thrown
        The initial state.

    Attributes
    ----------
    thrown
        The state. A test sets it to simulate an external change.
    failure_message
        The error message of every call; empty if calls succeed.

    """

    def __init__(self, *, thrown: bool = False) -> None:
        self.thrown = thrown
        self.failure_message = ""

    def read(self) -> bool | None:
        """Return whether the switch is thrown."""
        self._raise_if_failing()
        return self.thrown

    def refresh(self, *, thrown: bool) -> bool:  # noqa: ARG002 - this switch can be read
        """Return whether the switch is thrown."""
        self._raise_if_failing()
        return self.thrown

    def set(self, *, thrown: bool) -> None:
        """Throw or release the switch."""
        self._raise_if_failing()
        self.thrown = thrown

    def _raise_if_failing(self) -> None:
        if self.failure_message:
            raise LeverUnavailableError(self.failure_message)
