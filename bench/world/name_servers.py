"""Route 53's authoritative name servers: who answers what, from which moment on."""

from bisect import bisect_right
from enum import StrEnum
from itertools import pairwise

from bench.world.chance import Chance
from failover.region import Instant

SERVERS = 4
"""Name servers of a hosted zone (Route 53 Developer Guide, "Working with hosted zones"); users meet each as often."""


class Plane(StrEnum):
    """By which way a change reaches them."""

    CONTROL = "record change"
    DATA = "health status"


MEDIAN_SECONDS = {Plane.CONTROL: 12.0, Plane.DATA: 5.0}
"""Half of the servers have a change after so long. Records: "generally within 60 seconds" (Route 53 Developer Guide,
"Editing records"); seen in practice from a couple of seconds on (serverfault.com/questions/431853). Health status:
AWS gives no figure; assumed, as the part of the data plane that is built to be quick."""

SIGMA = {Plane.CONTROL: 0.6, Plane.DATA: 0.5}
"""Spread of the logarithm, assumed: 99.6 % of the record changes are there within 60 s, of the states within 17 s."""


def delay_seconds(chance: Chance, plane: Plane, change: int, server: int) -> float:
    """Return how long a change, counted from 0, takes to a server."""
    return chance.lognormal(MEDIAN_SECONDS[plane], SIGMA[plane], plane, change, server)


class NameServers:
    """Answers with the share of users that is sent to the standby.

    While a server counts the primary's record as unhealthy, it answers with the standby, whatever the weights are: if
    no other record is healthy, those with weight zero answer (Route 53 Developer Guide, "How Amazon Route 53 chooses
    records when health checking is configured").

    Parameters
    ----------
    chance
        Where delays come from.

    """

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._changes = 0
        self._since: list[list[Instant]] = [[0.0] for _ in range(SERVERS)]
        self._shares: list[list[float]] = [[0.0] for _ in range(SERVERS)]
        self._states = 0
        self._healthy: list[list[tuple[Instant, bool]]] = [[(0.0, True)] for _ in range(SERVERS)]

    def publish(self, share: float, moment: Instant, *planes: Plane) -> Instant:
        """Send a change on its way, by the quickest of several planes, and return when the last server has it."""
        for server in range(SERVERS):
            delay = min(delay_seconds(self._chance, plane, self._changes, server) for plane in planes)
            # Changes don't overtake each other.
            at = max(moment + delay, self._since[server][-1])
            self._since[server].append(at)
            self._shares[server].append(share)
        self._changes += 1
        return max(since[-1] for since in self._since)

    def mark(self, *, primary_healthy: bool, moment: Instant) -> None:
        """Send a new state of the primary's health check on its way, on the data plane."""
        for server in range(SERVERS):
            delay = delay_seconds(self._chance, Plane.DATA, self._states, server)
            at = max(moment + delay, self._healthy[server][-1][0])
            self._healthy[server].append((at, primary_healthy))
        self._states += 1

    def counts_primary_healthy(self, server: int, moment: Instant) -> bool:
        """Tell whether the primary's record is healthy to a server."""
        states = self._healthy[server]
        return states[bisect_right(states, moment, key=lambda state: state[0]) - 1][1]

    def share_at(self, server: int, moment: Instant) -> float:
        """Return the share of its answers that name the standby."""
        if not self.counts_primary_healthy(server, moment):
            return 1.0
        return self._shares[server][bisect_right(self._since[server], moment) - 1]

    def mean_share(self, moment: Instant) -> float:
        """Return the share of all answers that name the standby."""
        return sum(self.share_at(server, moment) for server in range(SERVERS)) / SERVERS

    def steps(self) -> tuple[tuple[Instant, float], ...]:
        """Return from when on which share of all answers names the standby."""
        changed = {at for since in self._since for at in since}
        moments = sorted(changed | {at for states in self._healthy for at, _ in states})
        shares = [(at, self.mean_share(at)) for at in moments]
        return (shares[0], *(after for before, after in pairwise(shares) if before[1] != after[1]))
