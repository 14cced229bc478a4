"""Small worlds to test in."""

from typing import Any

from bench.world.chance import Chance
from bench.world.health import WELL, Health, Manner
from bench.world.timeline import Timeline, during
from bench.world.world import World
from failover.region import PerSide

ONSET = 930.0
DOWN = Health(failing=1.0, manner=Manner.REFUSED)


def world(
    primary: Timeline[Health] | None = None, standby: Timeline[Health] | None = None, *, seed: int = 1, **fields: Any
) -> World:
    """Return a world that ends after an hour, in which all is well but for what is given."""
    regions = PerSide(primary=primary or Timeline(WELL), standby=standby or Timeline(WELL))
    return World(chance=Chance(seed), **{"onset": ONSET, "end": 3600.0, "regions": regions, **fields})


def outage(seconds: float, health: Health = DOWN, *, seed: int = 1, **fields: Any) -> World:
    """Return a world whose primary fails once."""
    return world(during(WELL, (ONSET, ONSET + seconds, health)), seed=seed, **fields)
