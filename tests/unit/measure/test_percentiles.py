import pytest

from failoverctl.measure.percentiles import spread


def test_of_one_sample_everything_is_that_sample() -> None:
    found = spread([3.5])

    assert (found.count, found.least, found.p50, found.p95, found.most) == (1, 3.5, 3.5, 3.5, 3.5)


@pytest.mark.parametrize(
    ("count", "p50", "p95"), [(2, 1, 2), (3, 2, 3), (10, 5, 10), (20, 10, 19), (100, 50, 95), (101, 51, 96)]
)
def test_a_percentile_is_the_least_sample_that_so_many_do_not_exceed(count: int, p50: float, p95: float) -> None:
    samples = [float(number) for number in range(count, 0, -1)]

    found = spread(samples)

    assert (found.p50, found.p95) == (p50, p95)
    assert sum(sample <= found.p95 for sample in samples) >= 0.95 * count


def test_no_samples_say_nothing() -> None:
    with pytest.raises(ValueError, match="no samples"):
        spread([])
