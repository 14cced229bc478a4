"""Small simulated worlds for tests."""

from typing import Any

from bench.world.random_source import RandomSource
from bench.world.region_health import HEALTHY, FailureMode, RegionHealth
from bench.world.simulated_world import SimulatedWorld
from bench.world.step_function import StepFunction, with_episodes
from cognito_failover.common.region import PerRole

ONSET = 930.0
DOWN = RegionHealth(failure_rate=1.0, failure_mode=FailureMode.REFUSED)


def make_world(
    primary: StepFunction[RegionHealth] | None = None,
    standby: StepFunction[RegionHealth] | None = None,
    *,
    seed: int = 1,
    **fields: Any,
) -> SimulatedWorld:
    """Return a world of one hour that is healthy except for the given fields."""
    regions = PerRole(primary=primary or StepFunction(HEALTHY), standby=standby or StepFunction(HEALTHY))
    return SimulatedWorld(rng=RandomSource(seed), **{"onset": ONSET, "end": 3600.0, "regions": regions, **fields})


def make_outage(seconds: float, health: RegionHealth = DOWN, *, seed: int = 1, **fields: Any) -> SimulatedWorld:
    """Return a world whose primary fails once."""
    return make_world(with_episodes(HEALTHY, (ONSET, ONSET + seconds, health)), seed=seed, **fields)
