"""Several measurements of the same thing, as median and range."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True, kw_only=True)
class MedianRange:
    """Median and range of repeated measurements."""

    median: float
    least: float
    most: float
    count: int

    @classmethod
    def from_values(cls, values: Sequence[float]) -> "MedianRange":
        """Return the summary of one or more values."""
        return cls(median=median(values), least=min(values), most=max(values), count=len(values))
