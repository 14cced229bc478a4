"""The smallest memory at which probes are as fast as with a whole processor."""

from bench.benchmark.benchmark import ProbeLatency, find_sufficient_memory


def make_probe_latencies(**milliseconds: int) -> list[ProbeLatency]:
    return [
        ProbeLatency(memory_mb=int(name[1:]), median_seconds=0.0, percentile_99_seconds=value / 1000, count=80)
        for name, value in milliseconds.items()
    ]


def test_sufficient_memory_is_smallest_within_tolerance() -> None:
    assert find_sufficient_memory(make_probe_latencies(m128=300, m256=140, m512=120, m1769=100)) == 256


def test_full_processor_is_needed_if_all_others_are_slower() -> None:
    assert find_sufficient_memory(make_probe_latencies(m128=300, m256=200, m1769=100)) == 1769


def test_smallest_memory_is_sufficient_if_it_is_fast_enough() -> None:
    assert find_sufficient_memory(make_probe_latencies(m128=90, m256=95, m1769=100)) == 128
