"""A scenario: a builder of simulated worlds, one for each seed."""

from collections.abc import Callable
from dataclasses import dataclass
from zlib import crc32

from bench.world.random_source import RandomSource
from bench.world.simulated_world import SimulatedWorld
from cognito_failover.common.region import Instant

DEFAULT_SEEDS = 40
"""Instances of a scenario: enough for the 95 % interval of the mean loss to be a few percent wide."""

FEW_SEEDS = 12
"""Instances of a slow scenario. Its intervals are nearly twice as wide."""

WARM_UP_SECONDS = 900.0
"""Time before the incident in which every policy can start and become steady."""

COOL_OFF_SECONDS = 1800.0
"""Simulated time after the incident."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchScenario:
    """A scenario.

    Attributes
    ----------
    name
        The name in the tables. It also seeds the random draws.
    group
        The heading in the tables.
    build
        Builds an instance from a source of random draws.
    seeds
        Number of simulated instances.

    """

    name: str
    group: str
    build: Callable[[RandomSource], SimulatedWorld]
    seeds: int = DEFAULT_SEEDS

    def build_world(self, seed: int) -> SimulatedWorld:
        """Return one instance."""
        return self.build(RandomSource((crc32(self.name.encode()) << 32) | seed))


def draw_onset(rng: RandomSource) -> Instant:
    """Return the onset: uniformly distributed within a minute, so no schedule has an advantage."""
    return WARM_UP_SECONDS + rng.uniform_between(0.0, 60.0, "onset")
