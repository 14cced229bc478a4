"""Percentiles of samples."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Percentiles:
    """Percentiles in the samples' unit.

    Attributes
    ----------
    count
        Number of samples.
    p50, p95
        The smallest sample that 50 % or 95 % of the samples do not exceed (nearest rank).

    """

    count: int
    minimum: float
    p50: float
    p95: float
    maximum: float


def compute_percentiles(samples: Sequence[float]) -> Percentiles:
    """Return the percentiles of samples.

    Raises
    ------
    ValueError
        If there are no samples.

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
