import pytest

from failoverctl.measure.percentiles import compute_percentiles


def test_all_percentiles_of_one_sample_are_equal() -> None:
    found = compute_percentiles([3.5])

    assert (found.count, found.minimum, found.p50, found.p95, found.maximum) == (1, 3.5, 3.5, 3.5, 3.5)


@pytest.mark.parametrize(
    ("count", "p50", "p95"), [(2, 1, 2), (3, 2, 3), (10, 5, 10), (20, 10, 19), (100, 50, 95), (101, 51, 96)]
)
def test_percentile_is_the_nearest_rank_sample(count: int, p50: float, p95: float) -> None:
    samples = [float(number) for number in range(count, 0, -1)]

    found = compute_percentiles(samples)

    assert (found.p50, found.p95) == (p50, p95)
    assert sum(sample <= found.p95 for sample in samples) >= 0.95 * count


def test_no_samples_give_no_percentiles() -> None:
    with pytest.raises(ValueError, match="no samples"):
        compute_percentiles([])
