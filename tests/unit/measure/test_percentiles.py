import pytest

from failoverctl.measure.percentiles import compute_percentiles


def test_all_percentiles_of_one_sample_are_equal() -> None:
    result = compute_percentiles([3.5])

    assert (result.count, result.minimum, result.p50, result.p95, result.maximum) == (1, 3.5, 3.5, 3.5, 3.5)


@pytest.mark.parametrize(
    ("count", "p50", "p95"), [(2, 1, 2), (3, 2, 3), (10, 5, 10), (20, 10, 19), (100, 50, 95), (101, 51, 96)]
)
def test_percentile_is_the_nearest_rank_sample(count: int, p50: float, p95: float) -> None:
    samples = [float(number) for number in range(count, 0, -1)]

    result = compute_percentiles(samples)

    assert (result.p50, result.p95) == (p50, p95)
    assert sum(sample <= result.p95 for sample in samples) >= 0.95 * count


def test_no_samples_are_rejected() -> None:
    with pytest.raises(ValueError, match="no samples"):
        compute_percentiles([])
