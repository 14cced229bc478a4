"""Simulates Route 53's authoritative name servers: the answers of each server over time."""

from bisect import bisect_right
from enum import StrEnum
from itertools import pairwise

from bench.world.random_source import RandomSource
from cognito_failover.common.region import Instant

SERVERS = 4
"""Name servers of a hosted zone (Route 53 Developer Guide, "Working with hosted zones"). Users query each equally."""


class PropagationPlane(StrEnum):
    """The plane that propagates a change to the name servers."""

    CONTROL = "record change"
    DATA = "health status"


MEDIAN_SECONDS = {PropagationPlane.CONTROL: 12.0, PropagationPlane.DATA: 5.0}
"""Time until half of the servers have a change. Records: "generally within 60 seconds" (Route 53 Developer Guide,
"Editing records"); in practice from a couple of seconds (serverfault.com/questions/431853). Health status: AWS gives no
figure; assumed, because that part of the data plane is built to be quick."""

SIGMA = {PropagationPlane.CONTROL: 0.6, PropagationPlane.DATA: 0.5}
"""Standard deviation of the logarithm. Assumed: 99.6 % of record changes arrive in 60 s, of health states in 17 s."""


def compute_delay_seconds(rng: RandomSource, plane: PropagationPlane, change: int, server: int) -> float:
    """Return the propagation delay of a change (numbered from 0) to a server."""
    return rng.lognormal(MEDIAN_SECONDS[plane], SIGMA[plane], plane, change, server)


class SimulatedNameServers:
    """Name servers that answer with the standby for a share of the queries.

    While a server regards the primary's record as unhealthy, it answers with the standby, regardless of the weights: if
    no other record is healthy, records with weight zero answer (Route 53 Developer Guide, "How Amazon Route 53 chooses
    records when health checking is configured").

    Parameters
    ----------
    rng
        Draws the propagation delays.

    """

    def __init__(self, rng: RandomSource) -> None:
        self._rng = rng
        self._change_count = 0
        self._change_times: list[list[Instant]] = [[0.0] for _ in range(SERVERS)]
        self._shares: list[list[float]] = [[0.0] for _ in range(SERVERS)]
        self._state_count = 0
        self._healthy: list[list[tuple[Instant, bool]]] = [[(0.0, True)] for _ in range(SERVERS)]

    def publish(self, share: float, moment: Instant, *planes: PropagationPlane) -> Instant:
        """Publish a change on the fastest of the planes. Return when the last server has it."""
        for server in range(SERVERS):
            delay = min(compute_delay_seconds(self._rng, plane, self._change_count, server) for plane in planes)
            # Changes arrive in order.
            at = max(moment + delay, self._change_times[server][-1])
            self._change_times[server].append(at)
            self._shares[server].append(share)
        self._change_count += 1
        return max(since[-1] for since in self._change_times)

    def publish_health(self, *, primary_healthy: bool, moment: Instant) -> None:
        """Publish a new state of the primary's health check on the data plane."""
        for server in range(SERVERS):
            delay = compute_delay_seconds(self._rng, PropagationPlane.DATA, self._state_count, server)
            at = max(moment + delay, self._healthy[server][-1][0])
            self._healthy[server].append((at, primary_healthy))
        self._state_count += 1

    def is_primary_healthy(self, server: int, moment: Instant) -> bool:
        """Return whether a server regards the primary's record as healthy."""
        states = self._healthy[server]
        return states[bisect_right(states, moment, key=lambda state: state[0]) - 1][1]

    def get_share(self, server: int, moment: Instant) -> float:
        """Return the share of a server's answers that name the standby."""
        if not self.is_primary_healthy(server, moment):
            return 1.0
        return self._shares[server][bisect_right(self._change_times[server], moment) - 1]

    def compute_mean_share(self, moment: Instant) -> float:
        """Return the share of all answers that name the standby."""
        return sum(self.get_share(server, moment) for server in range(SERVERS)) / SERVERS

    def list_share_changes(self) -> tuple[tuple[Instant, float], ...]:
        """Return the steps of the share of all answers that name the standby: start time and share."""
        changed = {at for since in self._change_times for at in since}
        moments = sorted(changed | {at for states in self._healthy for at, _ in states})
        shares = [(at, self.compute_mean_share(at)) for at in moments]
        return (shares[0], *(after for before, after in pairwise(shares) if before[1] != after[1]))
