"""What several samples say together."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How samples are spread, in the samples' unit.

    Attributes
    ----------
    count
        How many there are.
    p50, p95
        The least sample that half of them, or 95 % of them, do not exceed: always one that was seen.

    """

    count: int
    least: float
    p50: float
    p95: float
    most: float


def spread(samples: Sequence[float]) -> Spread:
    """Return how samples are spread.

    Raises
    ------
    ValueError
        If there is none.

    """
    if not samples:
        raise ValueError("there are no samples")
    ordered = sorted(samples)
    return Spread(
        count=len(ordered),
        least=ordered[0],
        p50=_nearest_rank(ordered, 50),
        p95=_nearest_rank(ordered, 95),
        most=ordered[-1],
    )


def _nearest_rank(ordered: Sequence[float], percent: int) -> float:
    return ordered[math.ceil(len(ordered) * percent / 100) - 1]
