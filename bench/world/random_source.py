"""Random numbers that depend on the label of the draw, not on earlier draws."""

import math
from statistics import NormalDist
from zlib import crc32

_MASK = (1 << 64) - 1
_SPLITMIX_INCREMENT = 0x9E3779B97F4A7C15
_NORMAL = NormalDist()


class RandomSource:
    """Random draws by label and number. All policies, and runs that skip idle time, get the same numbers.

    Parameters
    ----------
    seed
        Sources with the same seed give the same draws.

    """

    def __init__(self, seed: int) -> None:
        self._seed = _mix_bits(seed)
        self._labels: dict[str, int] = {}

    def uniform(self, label: str, *numbers: int) -> float:
        """Return a draw from 0 (inclusive) to 1 (exclusive)."""
        key = self._labels.get(label)
        if key is None:
            key = self._labels[label] = _mix_bits(self._seed ^ crc32(label.encode()))
        for number in numbers:
            key = _mix_bits(key ^ number)
        return (key >> 11) / (1 << 53)

    def uniform_between(self, low: float, high: float, label: str, *numbers: int) -> float:
        """Return a draw from a uniform distribution."""
        return low + (high - low) * self.uniform(label, *numbers)

    def lognormal(self, median: float, sigma: float, label: str, *numbers: int) -> float:
        """Return a draw from a log-normal distribution."""
        quantile = min(max(self.uniform(label, *numbers), 1e-12), 1 - 1e-12)
        return median * math.exp(sigma * _NORMAL.inv_cdf(quantile))

    def exponential(self, mean: float, label: str, *numbers: int) -> float:
        """Return a draw from an exponential distribution: the gap between two independent events."""
        return -mean * math.log(1.0 - self.uniform(label, *numbers))


def _mix_bits(value: int) -> int:
    """Return the hash of a number, 64 bits: the finaliser of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014)."""
    value = (value + _SPLITMIX_INCREMENT) & _MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
    return value ^ (value >> 31)
