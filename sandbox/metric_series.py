"""A metric over time: one value for each period in which samples were published."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

type Series = Mapping[int, float]
"""Value by start of the period, in seconds since the epoch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricSample:
    """One published value."""

    at_seconds: float
    value: float


_STATISTICS: Mapping[str, Callable[[Sequence[float]], float]] = {
    "Average": lambda values: sum(values) / len(values),
    "Maximum": max,
    "Minimum": min,
    "SampleCount": len,
    "Sum": sum,
}
STATISTICS = frozenset(_STATISTICS)


def aggregate_samples(samples: Iterable[MetricSample], *, statistic: str, period_seconds: int) -> Series:
    """Return the statistic for each period with samples."""
    periods: dict[int, list[float]] = {}
    for sample in samples:
        periods.setdefault(int(sample.at_seconds // period_seconds) * period_seconds, []).append(sample.value)
    return {begin: float(_STATISTICS[statistic](values)) for begin, values in periods.items()}
