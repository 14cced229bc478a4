"""Knows the truth, what is to come included, and is held up only by propagation and caches: the physical limit."""

from bench.played import Moved, Played
from bench.world.name_servers import SERVERS, NameServers, Plane, delay_seconds
from bench.world.users import sign_ins
from bench.world.world import World
from failover.region import Side

NEGLIGIBLE = 1e-9
"""A difference of lost shares that is a rounding error."""


def play(world: World) -> Played:
    """Stay where users are while both sides are equally well, or go home then: whichever turns out better."""
    ways = (_play(world, goes_home=False), _play(world, goes_home=True))
    return min(ways, key=lambda played: sign_ins(world, played.answers).lost)


def _play(world: World, *, goes_home: bool) -> Played:
    """Send users to the better side whenever it is better, by whichever plane is quicker for each server."""
    servers = NameServers(world.chance)
    side = Side.PRIMARY
    moves: list[Moved] = []
    changes = {at for _, region in world.regions for at, _ in region.changes()}
    for at in sorted(change for change in {0.0, *changes} if change < world.end):
        # What is over before any name server could tell is not worth a move.
        arrives_at = at + _soonest_seconds(world, change=len(moves))
        gain = min(_gain(world, side, at), _gain(world, side, arrives_at))
        homesick = goes_home and side is Side.STANDBY and gain > -NEGLIGIBLE
        if gain > NEGLIGIBLE or homesick:
            side = side.other
            moves.append(Moved(decided_at=at, to=side))
            servers.publish(float(side is Side.STANDBY), at, Plane.CONTROL, Plane.DATA)
    return Played(suspected=tuple(move.decided_at for move in moves), moves=tuple(moves), answers=servers.steps())


def _gain(world: World, side: Side, at: float) -> float:
    """Return by how much fewer sign-ins are lost on the other side."""
    return world.lost_share(side, at) - world.lost_share(side.other, at)


def _soonest_seconds(world: World, change: int) -> float:
    return min(delay_seconds(world.chance, plane, change, server) for plane in Plane for server in range(SERVERS))
