"""Median and range."""

from bench.running_spread import Spread


def test_a_spread_keeps_the_middle_and_both_ends() -> None:
    assert Spread.of([3.0, 1.0, 10.0]) == Spread(median=3.0, least=1.0, most=10.0, count=3)
