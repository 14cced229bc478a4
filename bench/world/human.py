"""The person who fails back to the primary, for policies without automatic failback."""

from bench.world.simulated_world import SimulatedWorld
from bench.world.step_function import FOREVER
from cognito_failover.common.region import Instant, RegionRole

HUMAN_DELAY_SECONDS = 3600.0
"""Time from the primary's recovery until a person fails back. Assumed, equal for all policies."""

HEALTHY_LOST_SHARE = 0.01
"""A person regards a Region as healthy if it loses less than this share of sign-ins."""


def compute_failback_time(world: SimulatedWorld, since: Instant) -> Instant:
    """Return when a person fails back after a move at `since`. FOREVER if that is past the world's end."""
    healthy_since: Instant | None = (
        since if world.compute_lost_share(RegionRole.PRIMARY, since) < HEALTHY_LOST_SHARE else None
    )
    moment = since
    while True:
        next_change = world.regions.primary.find_next_change(moment)
        if healthy_since is not None and healthy_since + HUMAN_DELAY_SECONDS <= next_change:
            at = healthy_since + HUMAN_DELAY_SECONDS
            return at if at < world.end else FOREVER
        if next_change >= world.end:
            return FOREVER
        is_healthy = world.compute_lost_share(RegionRole.PRIMARY, next_change) < HEALTHY_LOST_SHARE
        healthy_since = (healthy_since if healthy_since is not None else next_change) if is_healthy else None
        moment = next_change
