"""In-memory twin of the lag marker, with a primary and a lagging replica."""

from collections.abc import Callable

from cognito_failover.common.region import Instant, RegionRole
from cognito_failover.probe.lag_marker import PERMISSION_HINT, LagMarkerError


class MemoryLagMarkerStore:
    """Holds a marker in two Regions. The replica receives each change late.

    Parameters
    ----------
    clock
        Seconds since the epoch.
    lag_seconds
        How long a change takes to reach the replica.

    Attributes
    ----------
    lag_seconds
        The same. A new value also applies to changes that have not arrived yet.
    failure_messages
        The error message of every call in a Region; empty if calls succeed.
    can_write, can_read
        Whether the app client may write and read the attribute.
    calls
        Each call, with its Region.

    """

    def __init__(self, clock: Callable[[], Instant], *, lag_seconds: float = 0.0) -> None:
        self._clock = clock
        self._written: list[tuple[Instant, int]] = []
        self.lag_seconds = lag_seconds
        self.failure_messages = dict.fromkeys(RegionRole, "")
        self.can_write = True
        self.can_read = True
        self.calls: list[tuple[str, RegionRole]] = []

    def write(self, access_token: str, value: int) -> None:  # noqa: ARG002 - any token will do
        """Write the marker in the primary."""
        self._record_call("write", RegionRole.PRIMARY)
        if not self.can_write:
            raise LagMarkerError(f"A client attempted to write unauthorized attribute. {PERMISSION_HINT}")
        self._written.append((self._clock(), value))

    def read(self, role: RegionRole, access_token: str) -> int | None:  # noqa: ARG002 - any token will do
        """Return the marker that has arrived in a Region."""
        self._record_call("read", role)
        delay_seconds = self.lag_seconds if role is RegionRole.STANDBY else 0.0
        visible = [value for at, value in self._written if self._clock() >= at + delay_seconds]
        return visible[-1] if visible and self.can_read else None

    def _record_call(self, call: str, role: RegionRole) -> None:
        self.calls.append((call, role))
        if self.failure_messages[role]:
            raise LagMarkerError(self.failure_messages[role])
