"""The switch of a latch, in memory."""

from failover.errors import LeverUnavailableError


class MemorySwitch:
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
        self.trouble = ""

    def read(self) -> bool | None:
        """Tell whether it is thrown."""
        self._fail_if_told()
        return self.thrown

    def keep(self, *, thrown: bool) -> bool:  # noqa: ARG002 - this one can be read
        """Tell whether it is thrown."""
        self._fail_if_told()
        return self.thrown

    def set(self, *, thrown: bool) -> None:
        """Throw or release it."""
        self._fail_if_told()
        self.thrown = thrown

    def _fail_if_told(self) -> None:
        if self.trouble:
            raise LeverUnavailableError(self.trouble)
