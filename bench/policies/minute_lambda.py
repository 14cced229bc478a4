"""What a quick script would be: one login a minute, three strikes, and the records stay changed until a person comes.

Source: EventBridge's rate of at best one a minute (EventBridge Scheduler User Guide, "Schedule types"); the rest is the
usual shape of such functions: any exception is a strike, nobody asks how the other Region is, or whose fault it was.
"""

from bench.played import Moved, Played
from bench.policies.minute_login import failing_logins
from bench.world.name_servers import NameServers, Plane
from bench.world.person import failback_at
from bench.world.timeline import FOREVER
from bench.world.world import World
from failover.region import Instant, Side

STRIKES = 3


def play(world: World) -> Played:
    """Change the records after three strikes, and try again every minute if Route 53 takes no change."""
    servers = NameServers(world.chance)
    moves: list[Moved] = []
    suspected: list[Instant] = []
    since = 0.0
    while since < FOREVER:
        decided_at, back_at = FOREVER, FOREVER
        for at, strikes in failing_logins(world, since):
            if strikes == 1:
                suspected.append(at)
                decided_at = FOREVER
            if strikes >= STRIKES:
                decided_at = min(decided_at, at)
                if takes_change(world, at):
                    servers.publish(1.0, at, Plane.CONTROL)
                    moves.append(Moved(decided_at=decided_at, to=Side.STANDBY))
                    back_at = failback_at(world, at)
                    break
        if back_at < FOREVER:
            servers.publish(0.0, back_at, Plane.CONTROL)
            moves.append(Moved(decided_at=back_at, to=Side.PRIMARY, automatic=False))
        since = back_at
    return Played(suspected=tuple(suspected), moves=tuple(moves), answers=servers.steps())


def takes_change(world: World, moment: Instant) -> bool:
    """Tell whether Route 53 takes a record change."""
    plane = world.control_plane.at(moment)
    return plane.up and world.chance.uniform("control plane", int(moment)) >= plane.throttled
