"""Route 53's authoritative name servers: who answers what, from which moment on."""

from bisect import bisect_right
from enum import StrEnum
from itertools import pairwise

from bench.world.random_source import RandomSource
from cognito_failover.common.region import Instant

SERVERS = 4
"""Name servers of a hosted zone (Route 53 Developer Guide, "Working with hosted zones"); users meet each as often."""


class PropagationPlane(StrEnum):
    """By which way a change reaches them."""

    CONTROL = "record change"
    DATA = "health status"


MEDIAN_SECONDS = {PropagationPlane.CONTROL: 12.0, PropagationPlane.DATA: 5.0}
"""Half of the servers have a change after so long. Records: "generally within 60 seconds" (Route 53 Developer Guide,
"Editing records"); seen in practice from a couple of seconds on (serverfault.com/questions/431853). Health status:
AWS gives no figure; assumed, as the part of the data plane that is built to be quick."""

SIGMA = {PropagationPlane.CONTROL: 0.6, PropagationPlane.DATA: 0.5}
"""Spread of the logarithm, assumed: 99.6 % of the record changes are there within 60 s, of the states within 17 s."""


def compute_delay_seconds(rng: RandomSource, plane: PropagationPlane, change: int, server: int) -> float:
    """Return how long a change, counted from 0, takes to a server."""
    return rng.lognormal(MEDIAN_SECONDS[plane], SIGMA[plane], plane, change, server)


class SimulatedNameServers:
    """Answers with the share of users that is sent to the standby.

    While a server counts the primary's record as unhealthy, it answers with the standby, whatever the weights are: if
    no other record is healthy, those with weight zero answer (Route 53 Developer Guide, "How Amazon Route 53 chooses
    records when health checking is configured").

    Parameters
    ----------
    chance
        Where delays come from.

    """

    def __init__(self, rng: RandomSource) -> None:
        self._rng = rng
        self._change_count = 0
        self._change_times: list[list[Instant]] = [[0.0] for _ in range(SERVERS)]
        self._shares: list[list[float]] = [[0.0] for _ in range(SERVERS)]
        self._state_count = 0
        self._healthy: list[list[tuple[Instant, bool]]] = [[(0.0, True)] for _ in range(SERVERS)]

    def publish(self, share: float, moment: Instant, *planes: PropagationPlane) -> Instant:
        """Send a change on its way, by the quickest of several planes, and return when the last server has it."""
        for server in range(SERVERS):
            delay = min(compute_delay_seconds(self._rng, plane, self._change_count, server) for plane in planes)
            # Changes don't overtake each other.
            at = max(moment + delay, self._change_times[server][-1])
            self._change_times[server].append(at)
            self._shares[server].append(share)
        self._change_count += 1
        return max(since[-1] for since in self._change_times)

    def publish_health(self, *, primary_healthy: bool, moment: Instant) -> None:
        """Send a new state of the primary's health check on its way, on the data plane."""
        for server in range(SERVERS):
            delay = compute_delay_seconds(self._rng, PropagationPlane.DATA, self._state_count, server)
            at = max(moment + delay, self._healthy[server][-1][0])
            self._healthy[server].append((at, primary_healthy))
        self._state_count += 1

    def is_primary_healthy(self, server: int, moment: Instant) -> bool:
        """Tell whether the primary's record is healthy to a server."""
        states = self._healthy[server]
        return states[bisect_right(states, moment, key=lambda state: state[0]) - 1][1]

    def get_share(self, server: int, moment: Instant) -> float:
        """Return the share of its answers that name the standby."""
        if not self.is_primary_healthy(server, moment):
            return 1.0
        return self._shares[server][bisect_right(self._change_times[server], moment) - 1]

    def compute_mean_share(self, moment: Instant) -> float:
        """Return the share of all answers that name the standby."""
        return sum(self.get_share(server, moment) for server in range(SERVERS)) / SERVERS

    def list_share_changes(self) -> tuple[tuple[Instant, float], ...]:
        """Return from when on which share of all answers names the standby."""
        changed = {at for since in self._change_times for at in since}
        moments = sorted(changed | {at for states in self._healthy for at, _ in states})
        shares = [(at, self.compute_mean_share(at)) for at in moments]
        return (shares[0], *(after for before, after in pairwise(shares) if before[1] != after[1]))
