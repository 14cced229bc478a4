"""The person who brings users back to the primary where a policy leaves that to people."""

from bench.world.simulated_world import SimulatedWorld
from bench.world.step_function import FOREVER
from cognito_failover.common.region import Instant, RegionRole

HUMAN_DELAY_SECONDS = 3600.0
"""How long people watch a primary that is well again before they bring users back; assumed, the same for everybody."""

HEALTHY_LOST_SHARE = 0.01
"""Share of lost sign-ins below which people call a Region well."""


def compute_failback_time(world: SimulatedWorld, since: Instant) -> Instant:
    """Return when a person brings users back who left the primary at a moment; FOREVER if that is past the end."""
    well_since: Instant | None = (
        since if world.compute_lost_share(RegionRole.PRIMARY, since) < HEALTHY_LOST_SHARE else None
    )
    moment = since
    while True:
        following = world.regions.primary.find_next_change(moment)
        if well_since is not None and well_since + HUMAN_DELAY_SECONDS <= following:
            at = well_since + HUMAN_DELAY_SECONDS
            return at if at < world.end else FOREVER
        if following >= world.end:
            return FOREVER
        well = world.compute_lost_share(RegionRole.PRIMARY, following) < HEALTHY_LOST_SHARE
        well_since = (well_since if well_since is not None else following) if well else None
        moment = following
