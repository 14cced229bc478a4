"""The latch of the domain's records: an object in the standby Region, and the health check that reads it."""

from collections.abc import Callable

from bench.world.health_check import CHECKERS, HEALTHY_CHECKER_THRESHOLD
from bench.world.name_servers import SimulatedNameServers
from bench.world.random_source import RandomSource
from bench.world.simulated_zone import NAME_SERVERS, SimulatedZone
from cognito_failover.common.region import Instant, RegionRole
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.model.records import Confirmation, DnsWatch

SET_SECONDS = 0.1
"""Duration of writing or deleting the object, in the controller's own Region; assumed. Reading is immediate. S3 never
fails in the simulation."""

CHECK_INTERVAL_SECONDS = 10.0
"""Seconds between two checks of one checker. A checker changes its status at its first check after the change."""


class SimulatedLatch:
    """A `Latch` that Route 53's checkers read, attached to the primary's record.

    Parameters
    ----------
    zone
        The zone with the latch's state record.
    name_servers
        The name servers that answer by the latch's health check.
    rng
        Draws the phase of each checker.
    clock, wait
        Read the simulated time, and advance it.

    """

    def __init__(
        self,
        *,
        zone: SimulatedZone,
        name_servers: SimulatedNameServers,
        rng: RandomSource,
        clock: Callable[[], Instant],
        wait: Callable[[float], None],
    ) -> None:
        self._zone = zone
        self._name_servers = name_servers
        self._clock = clock
        self._wait = wait
        self._phases = [
            rng.uniform_between(0.0, CHECK_INTERVAL_SECONDS, "checker of the latch", number)
            for number in range(CHECKERS)
        ]
        self._thrown = False

    @property
    def name(self) -> SteeredName:
        """The latch's name."""
        return SteeredName.RECORDS

    def find_state_record(self) -> DnsWatch | None:
        """Return the DNS names that show the state of the latch's check. Needs the control plane."""
        self._zone.ensure_available()
        return DnsWatch(record_sets=(), name_servers=NAME_SERVERS)

    def read_initial_state(self, watch: DnsWatch | None) -> bool:  # noqa: ARG002 - this latch can always be read
        """Return whether the latch is set."""
        return self._thrown

    def refresh(self, *, thrown: bool) -> bool:  # noqa: ARG002 - this latch can always be read
        """Return whether the latch is set."""
        return self._thrown

    def read_revision(self) -> str:
        """Return an empty string: one process writes the latch."""
        return ""

    def set(self, *, thrown: bool, revision: str | None = "", version: int = 0) -> None:  # noqa: ARG002 - one process writes
        """Set or release the latch, and schedule the change of its health check."""
        self._wait(SET_SECONDS)
        if thrown is self._thrown:
            return
        self._thrown = thrown
        self._name_servers.publish_health(
            primary_healthy=not thrown, moment=self._compute_change_time(self._clock(), healthy=not thrown)
        )

    def confirm(self, watch: DnsWatch, role: RegionRole) -> Confirmation:  # noqa: ARG002 - there is only one state record
        """Read the primary's health on every name server."""
        healthy, now = role is RegionRole.PRIMARY, self._clock()
        stale = tuple(
            name
            for number, name in enumerate(NAME_SERVERS)
            if self._name_servers.is_primary_healthy(number, now) is not healthy
        )
        return Confirmation(
            moved=not stale, unresponsive=(), stale=stale, detail=f"{len(stale)} name servers lag behind."
        )

    def _compute_change_time(self, moment: Instant, *, healthy: bool) -> Instant:
        """Return when the checks of enough checkers have changed the health check."""
        checks = sorted(moment + (phase - moment) % CHECK_INTERVAL_SECONDS for phase in self._phases)
        min_healthy = int(HEALTHY_CHECKER_THRESHOLD * CHECKERS) + 1
        return checks[min_healthy - 1] if healthy else checks[CHECKERS - min_healthy]
