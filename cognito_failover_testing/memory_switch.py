"""The switch of a latch, in memory."""

from cognito_failover.common.errors import LeverUnavailableError


class MemoryLatchSwitch:
    """Holds what it is set to, and fails when told.

    Parameters
    ----------
    thrown
        What it is at first.

    Attributes
    ----------
    thrown
        What it is; to be set as a person would, past the controller.
    trouble
        What every call fails with from now on; empty while it works.

    """

    def __init__(self, *, thrown: bool = False) -> None:
        self.thrown = thrown
        self.failure_message = ""

    def read(self) -> bool | None:
        """Tell whether it is thrown."""
        self._raise_if_failing()
        return self.thrown

    def refresh(self, *, thrown: bool) -> bool:  # noqa: ARG002 - this one can be read
        """Tell whether it is thrown."""
        self._raise_if_failing()
        return self.thrown

    def set(self, *, thrown: bool) -> None:
        """Throw or release it."""
        self._raise_if_failing()
        self.thrown = thrown

    def _raise_if_failing(self) -> None:
        if self.failure_message:
            raise LeverUnavailableError(self.failure_message)
