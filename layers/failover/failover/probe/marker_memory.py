"""The canary's marker in memory: a primary, and a replica that is behind it."""

from collections.abc import Callable

from failover.probe.marker import ALLOWING_IT, MarkerError
from failover.region import Instant, Side


class MemoryMarkers:
    """Holds a marker in two Regions; the replica learns of each change late.

    Parameters
    ----------
    clock
        Seconds since the epoch.
    lag_seconds
        How long a change takes to the replica.

    Attributes
    ----------
    lag_seconds
        The same; a change of it takes effect on what is on its way, too.
    trouble
        What calls in a Region fail with from now on; empty while they work.
    may_write, may_read
        What the app client may do with the attribute.
    calls
        What was asked, and where.

    """

    def __init__(self, clock: Callable[[], Instant], *, lag_seconds: float = 0.0) -> None:
        self._clock = clock
        self._written: list[tuple[Instant, int]] = []
        self.lag_seconds = lag_seconds
        self.trouble = dict.fromkeys(Side, "")
        self.may_write = True
        self.may_read = True
        self.calls: list[tuple[str, Side]] = []

    def write(self, access_token: str, value: int) -> None:  # noqa: ARG002 - any token will do
        """Write it on the primary."""
        self._note("write", Side.PRIMARY)
        if not self.may_write:
            raise MarkerError(f"A client attempted to write unauthorized attribute. {ALLOWING_IT}")
        self._written.append((self._clock(), value))

    def read(self, side: Side, access_token: str) -> int | None:  # noqa: ARG002 - any token will do
        """Return what a Region holds by now."""
        self._note("read", side)
        late_seconds = self.lag_seconds if side is Side.STANDBY else 0.0
        known = [value for at, value in self._written if self._clock() >= at + late_seconds]
        return known[-1] if known and self.may_read else None

    def _note(self, call: str, side: Side) -> None:
        self.calls.append((call, side))
        if self.trouble[side]:
            raise MarkerError(self.trouble[side])
