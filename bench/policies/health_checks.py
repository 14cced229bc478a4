"""Route 53 alone: failover records with a health check on each, and back at once when the primary is well again.

Source: Route 53 Developer Guide, "Creating Amazon Route 53 health checks" (interval, threshold) and "Active-active and
active-passive failover" (which record answers; with both unhealthy the primary).
"""

from bench.played import Moved, Played
from bench.world.health_check import health_check
from bench.world.name_servers import NameServers, Plane
from bench.world.timeline import Timeline
from bench.world.world import World
from failover.region import Instant, PerSide, Side

FAST_INTERVAL_SECONDS = 10.0


def play(world: World, *, threshold: int) -> Played:
    """Follow the health checks, looking every ten seconds."""
    checks = PerSide(
        primary=health_check(world, Side.PRIMARY, interval_seconds=FAST_INTERVAL_SECONDS, threshold=threshold),
        standby=health_check(world, Side.STANDBY, interval_seconds=FAST_INTERVAL_SECONDS, threshold=threshold),
    )
    return follow(world, checks)


def follow(world: World, checks: PerSide[Timeline[bool]], by_hand_at: frozenset[Instant] = frozenset()) -> Played:
    """Answer as failover records do: with the primary unless it alone is unhealthy.

    Changes of the primary's check at the moments in `by_hand_at` are a person's.
    """
    servers = NameServers(world.chance)
    side = Side.PRIMARY
    moves: list[Moved] = []
    for at in sorted({at for _, check in checks for at, _ in check.changes() if at < world.end}):
        answered = Side.STANDBY if checks.standby.at(at) and not checks.primary.at(at) else Side.PRIMARY
        if answered is not side:
            side = answered
            moves.append(Moved(decided_at=at, to=side, automatic=at not in by_hand_at))
            servers.publish(float(side is Side.STANDBY), at, Plane.DATA)
    suspected = tuple(at for at, healthy in checks.primary.changes() if not healthy)
    return Played(suspected=suspected, moves=tuple(moves), answers=servers.steps())
