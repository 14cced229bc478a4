"""Users behind caching resolvers: the share of users in each Region over time, and the sign-ins they lose."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bench.world.simulated_world import SIGN_INS_PER_SECOND, TTL_SECONDS, SimulatedWorld
from cognito_failover.common.region import Instant, RegionRole


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolverGroup:
    """A group of resolvers with the same caching time.

    Attributes
    ----------
    share
        Share of users behind these resolvers.
    ttl_seconds
        Time for which they cache an answer.

    """

    share: float
    ttl_seconds: float


RESOLVER_GROUPS = (
    ResolverGroup(share=0.95, ttl_seconds=TTL_SECONDS),
    ResolverGroup(share=0.03, ttl_seconds=3600.0),
    ResolverGroup(share=0.01, ttl_seconds=86_400.0),
    ResolverGroup(share=0.01, ttl_seconds=3 * 86_400.0),
)
"""Resolvers that honour the TTL, extend it, and ignore it. 95 % of the traffic moved within the TTL, another 3 % in the
first hour, 1 % in the first day, the rest within three days. Source: an administrator's count over several moves,
serverfault.com/questions/72363 (old and no study, but the best figures found)."""

type ShareSteps = Sequence[tuple[Instant, float]]


class UserDistribution:
    """The share of users in each Region, given the authoritative answers.

    Resolvers refresh at regular intervals with independent phases. The standby's share of a group's users is therefore
    the mean of the answers over the group's caching time.

    Parameters
    ----------
    answers
        Steps of the share of authoritative answers that name the standby: start time and share, in order of time.

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
        """Return the times at which the slope of the share changes. The share is linear between them."""
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
    """Numbers of attempted, successful and lost sign-ins."""

    attempted: float
    succeeded: float
    lost: float


def count_sign_ins(world: SimulatedWorld, answers: ShareSteps) -> SignInTotals:
    """Return the expected numbers of sign-ins, calculated exactly from the world and the answers."""
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
    """Return when a share of the users is first on the standby after `since`. None if not before the end."""
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
