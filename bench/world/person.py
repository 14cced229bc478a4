"""The person who brings users back to the primary where a policy leaves that to people."""

from bench.world.timeline import FOREVER
from bench.world.world import World
from failover.region import Instant, Side

CAUTION_SECONDS = 3600.0
"""How long people watch a primary that is well again before they bring users back; assumed, the same for everybody."""

WELL_ENOUGH = 0.01
"""Share of lost sign-ins below which people call a Region well."""


def failback_at(world: World, since: Instant) -> Instant:
    """Return when a person brings users back who left the primary at a moment; FOREVER if that is past the end."""
    well_since: Instant | None = since if world.lost_share(Side.PRIMARY, since) < WELL_ENOUGH else None
    moment = since
    while True:
        following = world.regions.primary.next_change(moment)
        if well_since is not None and well_since + CAUTION_SECONDS <= following:
            at = well_since + CAUTION_SECONDS
            return at if at < world.end else FOREVER
        if following >= world.end:
            return FOREVER
        well = world.lost_share(Side.PRIMARY, following) < WELL_ENOUGH
        well_since = (well_since if well_since is not None else following) if well else None
        moment = following
