from statistics import fmean, median

import pytest

from bench.world.random_source import RandomSource


def test_draw_is_independent_of_earlier_draws() -> None:
    one, other = RandomSource(7), RandomSource(7)
    other.uniform("something else", 3)

    assert one.uniform("jitter", 4) == other.uniform("jitter", 4)


def test_draws_differ_by_seed_label_and_number() -> None:
    draws = {
        RandomSource(7).uniform("jitter", 4),
        RandomSource(8).uniform("jitter", 4),
        RandomSource(7).uniform("phase", 4),
        RandomSource(7).uniform("jitter", 5),
        RandomSource(7).uniform("jitter", 4, 0),
    }

    assert len(draws) == 5


def test_draws_are_uniform_between_0_and_1() -> None:
    draws = [RandomSource(1).uniform("even", number) for number in range(20_000)]

    assert min(draws) >= 0.0
    assert max(draws) < 1.0
    assert fmean(draws) == pytest.approx(0.5, abs=0.01)
    assert sum(draw < 0.1 for draw in draws) / len(draws) == pytest.approx(0.1, abs=0.01)


def test_lognormal_has_its_median_and_exponential_its_mean() -> None:
    rng = RandomSource(2)

    assert median(rng.lognormal(12.0, 0.6, "delay", n) for n in range(5000)) == pytest.approx(12.0, rel=0.05)
    assert fmean(rng.exponential(30.0, "gap", n) for n in range(5000)) == pytest.approx(30.0, rel=0.05)
