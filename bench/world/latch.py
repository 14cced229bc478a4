"""The latch of the domain's records: an object in the standby Region, and the health check that reads it."""

from collections.abc import Callable

from bench.world.health_check import CHECKERS, HEALTHY_CHECKER_THRESHOLD
from bench.world.name_servers import SimulatedNameServers
from bench.world.random_source import RandomSource
from bench.world.simulated_zone import NAME_SERVERS, SimulatedZone
from cognito_failover.common.latch_name import LatchName
from cognito_failover.common.region import Instant, RegionRole
from cognito_failover.core.model.records import Confirmation, DnsWatch

SET_SECONDS = 0.1
"""What putting or deleting the object takes, in the controller's own Region; assumed. Reading it is taken to be
immediate. S3 never fails here."""

CHECK_INTERVAL_SECONDS = 10.0
"""Between two looks of one checker; each changes its mind at the first that finds the object otherwise."""


class SimulatedLatch:
    """A switch that Route 53's checkers read, attached to the primary's record; a `Latch`.

    Parameters
    ----------
    zone
        Where its beacon stands.
    servers
        Who answers by its check.
    chance
        When each checker looks.
    clock, wait
        The time, and a way to let it pass.

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
            rng.uniform_between(0.0, CHECK_INTERVAL_SECONDS, "checker of the latch", who) for who in range(CHECKERS)
        ]
        self._thrown = False

    @property
    def name(self) -> LatchName:
        """What it moves."""
        return LatchName.RECORDS

    def find_state_record(self) -> DnsWatch | None:
        """Return where its check's state shows, if the control plane answers."""
        self._zone.ensure_available()
        return DnsWatch(record_sets=(), name_servers=NAME_SERVERS)

    def read_initial_state(self, watch: DnsWatch | None) -> bool:  # noqa: ARG002 - this one can always be read
        """Tell whether it is thrown."""
        return self._thrown

    def refresh(self, *, thrown: bool) -> bool:  # noqa: ARG002 - this one can always be read
        """Tell whether it is thrown."""
        return self._thrown

    def set(self, *, thrown: bool) -> None:
        """Throw or release it, and let the checkers find out."""
        self._wait(SET_SECONDS)
        if thrown is self._thrown:
            return
        self._thrown = thrown
        self._name_servers.publish_health(
            primary_healthy=not thrown, moment=self._compute_change_time(self._clock(), healthy=not thrown)
        )

    def confirm(self, watch: DnsWatch, role: RegionRole) -> Confirmation:  # noqa: ARG002 - there is only this one
        """Ask every server how it counts the primary's record, as its beacon would show."""
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
        """Return when enough checkers have looked since for the check to change."""
        looks = sorted(moment + (phase - moment) % CHECK_INTERVAL_SECONDS for phase in self._phases)
        enough_say_healthy = int(HEALTHY_CHECKER_THRESHOLD * CHECKERS) + 1
        return looks[enough_say_healthy - 1] if healthy else looks[CHECKERS - enough_say_healthy]
