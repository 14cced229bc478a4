"""Users, and the resolvers between them and Route 53: who still goes where the answer used to point."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bench.world.simulated_world import SIGN_INS_PER_SECOND, TTL_SECONDS, SimulatedWorld
from cognito_failover.common.region import Instant, RegionRole


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolverGroup:
    """Resolvers of one habit.

    Attributes
    ----------
    share
        Share of the users behind them.
    keeping_seconds
        How long they keep an answer.

    """

    share: float
    ttl_seconds: float


RESOLVER_GROUPS = (
    ResolverGroup(share=0.95, ttl_seconds=TTL_SECONDS),
    ResolverGroup(share=0.03, ttl_seconds=3600.0),
    ResolverGroup(share=0.01, ttl_seconds=86_400.0),
    ResolverGroup(share=0.01, ttl_seconds=3 * 86_400.0),
)
"""Those that honour the TTL, stretch it, and ignore it: 95 % of the traffic moved within the TTL, another 3 % in the
first hour, 1 % in the first day, the rest within three days (an administrator's count over several moves,
serverfault.com/questions/72363; the best figures found, old, and no study)."""

type ShareSteps = Sequence[tuple[Instant, float]]


class UserDistribution:
    """Where users are, given the authoritative answers.

    A resolver asks anew at even intervals, at a phase of its own. So the users of one habit are where the answers
    were, on average, over the time that their resolvers keep them.

    Parameters
    ----------
    answers
        From when on which share of the authoritative answers named the standby; the first entry is the beginning.

    """

    def __init__(self, answers: ShareSteps) -> None:
        self._change_times = [at for at, _ in answers]
        self._shares = [share for _, share in answers]
        self._integrals = [0.0]
        for (since, share), (until, _) in pairwise(answers):
            self._integrals.append(self._integrals[-1] + share * (until - since))

    def compute_standby_share(self, moment: Instant) -> float:
        """Return the share of all users on the standby."""
        return sum(
            resolvers.share
            * (self._integrate_until(moment) - self._integrate_until(moment - resolvers.ttl_seconds))
            / resolvers.ttl_seconds
            for resolvers in RESOLVER_GROUPS
        )

    def list_slope_changes(self, end: Instant) -> Iterable[Instant]:
        """Return the moments at which the share's slope changes; between them it is a straight line."""
        return {
            moment
            for since in self._change_times
            for moment in (since, *(since + resolvers.ttl_seconds for resolvers in RESOLVER_GROUPS))
            if 0.0 <= moment < end
        }

    def _integrate_until(self, moment: Instant) -> float:
        index = bisect_right(self._change_times, moment) - 1
        if index < 0:
            return 0.0
        return self._integrals[index] + self._shares[index] * (moment - self._change_times[index])


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInTotals:
    """How many were tried, and what became of them."""

    attempted: float
    succeeded: float
    lost: float


def count_sign_ins(world: SimulatedWorld, answers: ShareSteps) -> SignInTotals:
    """Return what became of all sign-ins: the expected numbers, exact for the world and the answers."""
    users = UserDistribution(answers)
    changes = {at for _, region in world.regions for at, _ in region.iterate_changes() if at < world.end}
    moments = sorted({0.0, world.end, *changes, *users.list_slope_changes(world.end)})
    succeeded = lost = 0.0
    share_before = users.compute_standby_share(moments[0])
    for start, end in pairwise(moments):
        share_after = users.compute_standby_share(end)
        standby = (end - start) * (share_before + share_after) / 2
        primary = (end - start) - standby
        lost_on_primary = world.compute_lost_share(RegionRole.PRIMARY, start)
        lost_on_standby = world.compute_lost_share(RegionRole.STANDBY, start)
        lost += primary * lost_on_primary + standby * lost_on_standby
        succeeded += primary * (1 - lost_on_primary) + standby * (1 - lost_on_standby)
        share_before = share_after
    rate = SIGN_INS_PER_SECOND
    return SignInTotals(attempted=rate * world.end, succeeded=rate * succeeded, lost=rate * lost)


def find_time_of_share(answers: ShareSteps, share: float, since: Instant, end: Instant) -> Instant | None:
    """Return when a share of the users is first on the standby after a moment; None if that isn't by the end."""
    users = UserDistribution(answers)
    moments = sorted({since, end, *(moment for moment in users.list_slope_changes(end) if moment > since)})
    before = users.compute_standby_share(since)
    if before >= share:
        return since
    for start, until in pairwise(moments):
        after = users.compute_standby_share(until)
        if after >= share:
            return start + (until - start) * (share - before) / (after - before)
        before = after
    return None
