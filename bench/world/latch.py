"""The latch of the domain's records: an object in the standby Region, and the health check that reads it."""

from collections.abc import Callable

from bench.world.chance import Chance
from bench.world.health_check import CHECKERS, HEALTHY_SHARE
from bench.world.name_servers import NameServers
from bench.world.zone import NAMES, SimulatedZone
from failover.levers.latch import LatchName
from failover.levers.lever import Confirmation, Sight
from failover.region import Instant, Side

SETTING_SECONDS = 0.1
"""What putting or deleting the object takes, in the controller's own Region; assumed. Reading it is taken to be
immediate. S3 never fails here."""

LOOK_SECONDS = 10.0
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
        servers: NameServers,
        chance: Chance,
        clock: Callable[[], Instant],
        wait: Callable[[float], None],
    ) -> None:
        self._zone = zone
        self._servers = servers
        self._clock = clock
        self._wait = wait
        self._phases = [chance.between(0.0, LOOK_SECONDS, "checker of the latch", who) for who in range(CHECKERS)]
        self._thrown = False

    @property
    def name(self) -> LatchName:
        """What it moves."""
        return LatchName.RECORDS

    def sight(self) -> Sight | None:
        """Return where its check's state shows, if the control plane answers."""
        self._zone.ask()
        return Sight(record_sets=(), name_servers=NAMES)

    def found(self, sight: Sight | None) -> bool:  # noqa: ARG002 - this one can always be read
        """Tell whether it is thrown."""
        return self._thrown

    def keep(self, *, thrown: bool) -> bool:  # noqa: ARG002 - this one can always be read
        """Tell whether it is thrown."""
        return self._thrown

    def set(self, *, thrown: bool) -> None:
        """Throw or release it, and let the checkers find out."""
        self._wait(SETTING_SECONDS)
        if thrown is self._thrown:
            return
        self._thrown = thrown
        self._servers.mark(primary_healthy=not thrown, moment=self._agreed_at(self._clock(), healthy=not thrown))

    def answers(self, sight: Sight, side: Side) -> Confirmation:  # noqa: ARG002 - there is only this one
        """Ask every server how it counts the primary's record, as its beacon would show."""
        healthy, now = side is Side.PRIMARY, self._clock()
        stale = tuple(
            name
            for number, name in enumerate(NAMES)
            if self._servers.counts_primary_healthy(number, now) is not healthy
        )
        return Confirmation(moved=not stale, silent=(), stale=stale, detail=f"{len(stale)} name servers lag behind.")

    def _agreed_at(self, moment: Instant, *, healthy: bool) -> Instant:
        """Return when enough checkers have looked since for the check to change."""
        looks = sorted(moment + (phase - moment) % LOOK_SECONDS for phase in self._phases)
        enough_say_healthy = int(HEALTHY_SHARE * CHECKERS) + 1
        return looks[enough_say_healthy - 1] if healthy else looks[CHECKERS - enough_say_healthy]
