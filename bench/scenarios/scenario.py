"""One kind of day, of which each seed is another instance."""

from collections.abc import Callable
from dataclasses import dataclass
from zlib import crc32

from bench.world.chance import Chance
from bench.world.world import World
from failover.region import Instant

USUAL_SEEDS = 40
"""Instances of a scenario: enough for the 95 % interval of the mean loss to be a few percent wide."""

FEW_SEEDS = 12
"""Instances of what takes long to play; their intervals are nearly twice as wide."""

SETTLING_SECONDS = 900.0
"""What every policy is given before anything happens, to start and to settle."""

AFTERWARDS_SECONDS = 1800.0
"""What is simulated after the trouble is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
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
    build: Callable[[Chance], World]
    seeds: int = USUAL_SEEDS

    def world(self, seed: int) -> World:
        """Return one instance."""
        return self.build(Chance((crc32(self.name.encode()) << 32) | seed))


def onset_of(chance: Chance) -> Instant:
    """Return when the trouble begins: anywhere within a minute, so that no schedule is favoured."""
    return SETTLING_SECONDS + chance.between(0.0, 60.0, "onset")
