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
        self._version = 0
        self.failure_message = ""

    def read(self) -> bool | None:
        """Return whether the switch is thrown."""
        self._raise_if_failing()
        return self.thrown

    def refresh(self, *, thrown: bool) -> bool:  # noqa: ARG002 - this switch can be read
        """Return whether the switch is thrown."""
        self._raise_if_failing()
        return self.thrown

    def read_revision(self) -> str:
        """Return the state and the version of the last write; empty before the first throw."""
        self._raise_if_failing()
        return self._revision

    def set(self, *, thrown: bool, revision: str | None, version: int) -> None:
        """Throw or release the switch, unless another writer has changed it since."""
        self._raise_if_failing()
        if revision not in {None, self._revision}:
            raise LeverUnavailableError("Another process or person has changed the latch since this one read it.")
        self.thrown = thrown
        self._version = version

    @property
    def _revision(self) -> str:
        return f"{self.thrown} {self._version}" if self.thrown or self._version else ""

    def _raise_if_failing(self) -> None:
        if self.failure_message:
            raise LeverUnavailableError(self.failure_message)
