"""ARC Region switch, started by an alarm on a canary that logs in once a minute from the standby Region.

Source: ARC Developer Guide, "Region switch": a plan is triggered by CloudWatch alarms, runs in the Region to be
activated, and moves traffic by Route 53 health checks, on the data plane; it goes back when a person runs it again.
CloudWatch Synthetics runs a canary at most once a minute, and an alarm over it has a period of at least 60 s.
"""

from bench.played import Moved, Played
from bench.policies.minute_login import failing_logins
from bench.world.name_servers import NameServers, Plane
from bench.world.person import failback_at
from bench.world.timeline import FOREVER
from bench.world.world import World
from failover.region import Instant, Side

DATAPOINTS = 2
"""Failing minutes in a row before the alarm; assumed: one would move users for a single lost packet."""

ALARM_SECONDS = 10.0
"""From a failing run to the alarm: the metric's way and the alarm's evaluation; assumed."""

STARTING_SECONDS = (15.0, 45.0)
"""From the alarm to the plan's step that moves traffic; AWS gives no figure; assumed."""


def play(world: World) -> Played:
    """Run the plan when the alarm sounds."""
    servers = NameServers(world.chance)
    moves: list[Moved] = []
    suspected: list[Instant] = []
    since = 0.0
    while since < FOREVER:
        back_at = FOREVER
        for at, failing in failing_logins(world, since):
            if failing == 1:
                suspected.append(at)
            if failing == DATAPOINTS:
                decided_at = at + ALARM_SECONDS
                moved_at = decided_at + world.chance.between(*STARTING_SECONDS, "plan start", len(moves))
                servers.publish(1.0, moved_at, Plane.DATA)
                moves.append(Moved(decided_at=decided_at, to=Side.STANDBY))
                back_at = failback_at(world, moved_at)
                break
        if back_at < FOREVER:
            servers.publish(0.0, back_at, Plane.DATA)
            moves.append(Moved(decided_at=back_at, to=Side.PRIMARY, automatic=False))
        since = back_at
    return Played(suspected=tuple(suspected), moves=tuple(moves), answers=servers.steps())
