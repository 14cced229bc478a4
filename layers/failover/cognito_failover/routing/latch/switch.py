"""The switch of a latch: what the health checkers read, however it is made."""

from typing import Protocol


class LatchSwitch(Protocol):
    """Thrown or released. Every call may raise LeverUnavailableError; a retry is safe."""

    def read(self) -> bool | None:
        """Tell whether it is thrown; None for one that can't be read, by nobody."""
        ...

    def refresh(self, *, thrown: bool) -> bool:
        """Tell whether it is thrown. One that can't be read is set to what it should be, and taken to be so."""
        ...

    def set(self, *, thrown: bool) -> None:
        """Throw or release it. To set it to what it is changes nothing."""
        ...
