"""One kind of day, of which each seed is another instance."""

from collections.abc import Callable
from dataclasses import dataclass
from zlib import crc32

from bench.world.random_source import RandomSource
from bench.world.simulated_world import SimulatedWorld
from cognito_failover.common.region import Instant

DEFAULT_SEEDS = 40
"""Instances of a scenario: enough for the 95 % interval of the mean loss to be a few percent wide."""

FEW_SEEDS = 12
"""Instances of what takes long to play; their intervals are nearly twice as wide."""

WARM_UP_SECONDS = 900.0
"""What every policy is given before anything happens, to start and to settle."""

COOL_OFF_SECONDS = 1800.0
"""What is simulated after the trouble is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchScenario:
    """A kind of day.

    Attributes
    ----------
    name
        What it is called in tables.
    group
        The heading it stands under.
    build
        Makes an instance from its draws.
    seeds
        How many instances are simulated.

    """

    name: str
    group: str
    build: Callable[[RandomSource], SimulatedWorld]
    seeds: int = DEFAULT_SEEDS

    def build_world(self, seed: int) -> SimulatedWorld:
        """Return one instance."""
        return self.build(RandomSource((crc32(self.name.encode()) << 32) | seed))


def draw_onset(rng: RandomSource) -> Instant:
    """Return when the trouble begins: anywhere within a minute, so that no schedule is favoured."""
    return WARM_UP_SECONDS + rng.uniform_between(0.0, 60.0, "onset")
