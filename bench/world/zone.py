"""The hosted zone as the controller meets it: its control plane may be down or throttle, its servers lag behind."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from bench.world.name_servers import SERVERS, NameServers, Plane
from bench.world.world import World
from failover.errors import LeverUnavailableError
from failover.levers.authority import QUERIES, Answer, Look, Question
from failover.levers.lever import RecordSet
from failover.levers.records import values_of
from failover.levers.zone import Change, ZoneFacts
from failover.levers.zone_memory import MemoryZone
from failover.region import Instant

NAMES = tuple(f"ns-{number}.example.net" for number in range(SERVERS))
"""What the zone's name servers are called."""

CHANGING_SECONDS = 0.3
"""What a change takes until it is answered; assumed. Reading is taken to be immediate."""

SILENCE_SECONDS = 2.0
"""What a call takes that is not: the lever's own connect timeout."""


class SimulatedZone(MemoryZone):
    """A zone whose control plane and propagation are the world's.

    Parameters
    ----------
    name
        The domain it holds.
    world
        What is true.
    servers
        Its name servers.
    clock, wait
        The time, and a way to let it pass.

    """

    def __init__(
        self,
        name: str,
        *,
        world: World,
        servers: NameServers,
        clock: Callable[[], Instant],
        wait: Callable[[float], None],
    ) -> None:
        super().__init__(name)
        self._world = world
        self._servers = servers
        self._clock = clock
        self._wait = wait
        self._spread_at: dict[str, Instant] = {}

    def facts(self) -> ZoneFacts:
        """Return what never changes about the zone."""
        return replace(super().facts(), name_servers=NAMES)

    def record_sets(self, names: Sequence[str]) -> tuple[RecordSet, ...]:
        """Return every record set at these names, if the control plane answers."""
        self.ask()
        return self.held(names)

    def held(self, names: Sequence[str]) -> tuple[RecordSet, ...]:
        """Return every record set at these names as it is, whoever answers."""
        return super().record_sets(names)

    def submit(self, changes: Sequence[Change], *, comment: str) -> str:
        """Make all the changes or none, if the control plane takes them, and send them on their way."""
        self.ask()
        self._wait(CHANGING_SECONDS)
        change_id = super().submit(changes, comment=comment)
        weights = [each.record_set["Weight"] for each in changes if each.action == "CREATE"][:2]
        share = weights[1] / sum(weights)
        self._spread_at[change_id] = self._servers.publish(share, self._clock(), Plane.CONTROL)
        return change_id

    def in_sync(self, change_id: str) -> bool:
        """Tell whether all name servers have the change, if the control plane answers."""
        self.ask()
        return self._clock() >= self._spread_at[change_id]

    def ask(self) -> None:
        """Find out whether the control plane answers this call."""
        plane = self._world.control_plane.at(self._clock())
        if not plane.up:
            self._wait(SILENCE_SECONDS)
            raise LeverUnavailableError("Route 53 gave no answer.")
        if self._world.chance.uniform("control plane", int(self._clock())) < plane.throttled:
            raise LeverUnavailableError("Route 53 answered Throttling: Rate exceeded")


class SimulatedAuthority:
    """Asks the simulated name servers.

    Parameters
    ----------
    zone
        Whose records they hold, sooner or later.
    servers
        What each has.
    standby_region
        The identifier of the standby's record sets.
    clock
        The time.

    """

    def __init__(
        self, zone: SimulatedZone, servers: NameServers, *, standby_region: str, clock: Callable[[], Instant]
    ) -> None:
        self._zone = zone
        self._servers = servers
        self._standby_region = standby_region
        self._clock = clock

    def look(
        self,
        name_servers: Sequence[str],
        questions: Sequence[Question],
        *,
        hosts: Sequence[Question],
        budget_seconds: float,  # noqa: ARG002 - these answer at once
    ) -> Look:
        """Ask every server every question."""
        return Look(
            answers={
                name: {question: self._answers(NAMES.index(name), question) for question in questions}
                for name in name_servers
            },
            addresses={host: frozenset() for host in hosts},
        )

    def _answers(self, server: int, question: Question) -> tuple[Answer, ...]:
        share = self._servers.share_at(server, self._clock())
        shares = {True: share, False: 1.0 - share}
        values = [
            values_of(each)
            for each in self._zone.held((question.name,))
            if each["Type"] == question.record_type and shares[each["SetIdentifier"] == self._standby_region] > 0
        ]
        return tuple(values[query % len(values)] for query in range(QUERIES)) if values else ()
