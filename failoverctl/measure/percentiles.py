"""What several samples say together."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Percentiles:
    """How samples are spread, in the samples' unit.

    Attributes
    ----------
    count
        How many there are.
    p50, p95
        The least sample that half of them, or 95 % of them, do not exceed: always one that was seen.

    """

    count: int
    minimum: float
    p50: float
    p95: float
    maximum: float


def compute_percentiles(samples: Sequence[float]) -> Percentiles:
    """Return how samples are spread.

    Raises
    ------
    ValueError
        If there is none.

    """
    if not samples:
        raise ValueError("there are no samples")
    ordered = sorted(samples)
    return Percentiles(
        count=len(ordered),
        minimum=ordered[0],
        p50=_compute_nearest_rank(ordered, 50),
        p95=_compute_nearest_rank(ordered, 95),
        maximum=ordered[-1],
    )


def _compute_nearest_rank(ordered: Sequence[float], percent: int) -> float:
    return ordered[math.ceil(len(ordered) * percent / 100) - 1]
