"""A hosted zone whose control plane may be down or throttle, and whose name servers lag behind."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from bench.world.name_servers import SERVERS, PropagationPlane, SimulatedNameServers
from bench.world.simulated_world import SimulatedWorld
from cognito_failover.common.errors import LeverBusyError, LeverUnavailableError
from cognito_failover.common.region import Instant
from cognito_failover.core.model.records import RecordSet
from cognito_failover.routing.dns.authoritative_dns import QUERIES_PER_NAME_SERVER
from cognito_failover.routing.dns.question import DnsAnswer, DnsAnswers, DnsQuestion
from cognito_failover.routing.record_set import get_values
from cognito_failover.routing.records.hosted_zone import RecordChange, ZoneInfo
from cognito_failover_testing.memory_hosted_zone import MemoryZone

NAME_SERVERS = tuple(f"ns-{number}.example.net" for number in range(SERVERS))
"""Names of the zone's name servers."""

CHANGE_SECONDS = 0.3
"""Duration of a call that submits a change; assumed. Reading is immediate."""

CALLS_PER_SECOND = 10
"""How many calls in one second are throttled independently."""

CALL_TIMEOUT_SECONDS = 2.0
"""Duration of an unanswered call: the records lever's connect timeout."""


class SimulatedZone(MemoryZone):
    """A hosted zone with the control plane and the propagation of a simulated world.

    Parameters
    ----------
    name
        The zone's domain.
    world
        The simulated world.
    name_servers
        The zone's name servers.
    clock, wait
        Read the simulated time, and advance it.

    """

    def __init__(
        self,
        name: str,
        *,
        world: SimulatedWorld,
        name_servers: SimulatedNameServers,
        clock: Callable[[], Instant],
        wait: Callable[[float], None],
    ) -> None:
        super().__init__(name)
        self._world = world
        self._name_servers = name_servers
        self._clock = clock
        self._wait = wait
        self._in_sync_at: dict[str, Instant] = {}

    def get_info(self) -> ZoneInfo:
        """Return the zone's constant attributes."""
        return replace(super().get_info(), name_servers=NAME_SERVERS)

    def list_record_sets(self, names: Sequence[str]) -> tuple[RecordSet, ...]:
        """Return every record set at these names. Needs the control plane."""
        self.ensure_available()
        return self.read_records(names)

    def read_records(self, names: Sequence[str]) -> tuple[RecordSet, ...]:
        """Return every record set at these names, without the control plane."""
        return super().list_record_sets(names)

    def submit(self, changes: Sequence[RecordChange], *, comment: str) -> str:
        """Apply all changes or none, and start their propagation. Needs the control plane."""
        self.ensure_available()
        self._wait(CHANGE_SECONDS)
        change_id = super().submit(changes, comment=comment)
        created = [change.record_set for change in changes if change.action == "CREATE"]
        weights = [record_set["Weight"] for record_set in created if "Weight" in record_set][:2]
        share = weights[1] / sum(weights)
        self._in_sync_at[change_id] = self._name_servers.publish(share, self._clock(), PropagationPlane.CONTROL)
        return change_id

    def is_in_sync(self, change_id: str) -> bool:
        """Return whether all name servers have the change. Needs the control plane."""
        self.ensure_available()
        return self._clock() >= self._in_sync_at[change_id]

    def ensure_available(self) -> None:
        """Raise LeverUnavailableError if the control plane does not answer this call or throttles it."""
        plane = self._world.control_plane.value_at(self._clock())
        if not plane.is_available:
            self._wait(CALL_TIMEOUT_SECONDS)
            raise LeverUnavailableError("Route 53 gave no answer.")
        if self._world.rng.uniform("control plane", int(CALLS_PER_SECOND * self._clock())) < plane.throttle_rate:
            raise LeverBusyError("Route 53 answered Throttling: Rate exceeded")


class SimulatedAuthoritativeDns:
    """Queries the simulated name servers.

    Parameters
    ----------
    zone
        The zone with the records.
    name_servers
        The name servers and their propagation state.
    standby_region
        The set identifier of the standby's record sets.
    clock
        Reads the simulated time.

    """

    def __init__(
        self,
        zone: SimulatedZone,
        name_servers: SimulatedNameServers,
        *,
        standby_region: str,
        clock: Callable[[], Instant],
    ) -> None:
        self._zone = zone
        self._name_servers = name_servers
        self._standby_region = standby_region
        self._clock = clock

    def query(
        self,
        name_servers: Sequence[str],
        questions: Sequence[DnsQuestion],
        *,
        hosts: Sequence[DnsQuestion],
        budget_seconds: float,  # noqa: ARG002 - answers are immediate
    ) -> DnsAnswers:
        """Send every question to every server."""
        return DnsAnswers(
            answers={
                name: {question: self._answer_question(NAME_SERVERS.index(name), question) for question in questions}
                for name in name_servers
            },
            addresses={host: frozenset() for host in hosts},
        )

    def _answer_question(self, server: int, question: DnsQuestion) -> tuple[DnsAnswer, ...]:
        share = self._name_servers.get_share(server, self._clock())
        shares = {True: share, False: 1.0 - share}
        values = [
            get_values(record)
            for record in self._zone.read_records((question.name,))
            if record["Type"] == question.record_type and shares[record["SetIdentifier"] == self._standby_region] > 0
        ]
        return tuple(values[query % len(values)] for query in range(QUERIES_PER_NAME_SERVER)) if values else ()
