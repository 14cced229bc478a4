"""The memory from which on probes are no longer faster."""

from bench.running import ProbeLatency, enough_memory


def latencies(**milliseconds: int) -> list[ProbeLatency]:
    return [
        ProbeLatency(memory_mb=int(name[1:]), median_seconds=0.0, percentile_99_seconds=value / 1000, count=80)
        for name, value in milliseconds.items()
    ]


def test_it_is_the_smallest_that_is_hardly_slower_than_a_whole_processor() -> None:
    assert enough_memory(latencies(m128=300, m256=140, m512=120, m1769=100)) == 256


def test_it_is_a_whole_processor_if_all_others_are_slower() -> None:
    assert enough_memory(latencies(m128=300, m256=200, m1769=100)) == 1769


def test_a_smaller_one_that_happens_to_be_faster_is_enough() -> None:
    assert enough_memory(latencies(m128=90, m256=95, m1769=100)) == 128
