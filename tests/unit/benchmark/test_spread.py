"""Median and range."""

from bench.benchmark.median_range import MedianRange


def test_median_range_keeps_median_minimum_and_maximum() -> None:
    assert MedianRange.from_values([3.0, 1.0, 10.0]) == MedianRange(median=3.0, least=1.0, most=10.0, count=3)
