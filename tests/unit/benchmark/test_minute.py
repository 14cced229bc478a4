"""The profile of a measured minute: calls, request units, log events and metrics."""

import json
from typing import Any

import pytest

from bench.benchmark.invocation_profile import (
    MINUTE_START_MARKER,
    build_profile,
    count_units,
    parse_metrics,
    parse_probe_latencies,
)
from failoverctl.cost.invocation_profile import InvocationProfile


def make_call(service: str, operation: str, **changes: Any) -> dict[str, Any]:
    defaults = {"at_cpu_seconds": 0.5, "written_key": "", "written_bytes": 0, "read_bytes": 0}
    return {"service": service, "operation": operation, **defaults, **changes}


def make_put(key: str, written_bytes: int = 100, *, at_cpu_seconds: float = 0.5) -> dict[str, Any]:
    written = {"written_key": key, "written_bytes": written_bytes}
    return make_call("dynamodb", "PutItem", at_cpu_seconds=at_cpu_seconds, **written)


def make_emf_line(*names: str, **dimensions: str) -> str:
    metrics = [{"Name": name, "Unit": "Count"} for name in names]
    directive = {"Namespace": "CognitoFailover", "Dimensions": [list(dimensions)], "Metrics": metrics}
    return json.dumps({"_aws": {"Timestamp": 0, "CloudWatchMetrics": [directive]}, **dimensions})


FIGURES: dict[str, Any] = {
    "minute": {"wall_seconds": 50.0, "cpu_seconds": 0.3},
    "calls": [
        make_put("lease"),
        make_call("dynamodb", "GetItem", read_bytes=4097),
        make_put("observation#us-east-1", at_cpu_seconds=1.0),
        make_call("route53", "ListResourceRecordSets"),
        make_call("route53", "ListResourceRecordSets"),
        make_put("observation#us-east-1", at_cpu_seconds=1.0625),
        make_put("lease", at_cpu_seconds=1.07),
        make_put("observation#us-east-1", 1025, at_cpu_seconds=1.09375),
    ],
}
EVENTS = ['{"message": "A round."}', make_emf_line("State", service="controller")]


@pytest.fixture
def minute() -> InvocationProfile:
    log = "\n".join(["before", MINUTE_START_MARKER, *EVENTS, ""])
    return build_profile(FIGURES, log, interval_seconds=10)


@pytest.mark.parametrize(("item_bytes", "count"), [(0, 1), (1, 1), (1024, 1), (1025, 2), (2049, 3)])
def test_write_takes_one_unit_per_started_kilobyte(item_bytes: int, count: int) -> None:
    assert count_units(item_bytes, 1024) == count


def test_units_are_summed_over_dynamodb_calls(minute: InvocationProfile) -> None:
    assert minute.write_units == 4 + 2
    assert minute.read_units == 2


def test_calls_are_counted_by_service_and_operation(minute: InvocationProfile) -> None:
    assert minute.calls == {"dynamodb.PutItem": 5, "dynamodb.GetItem": 1, "route53.ListResourceRecordSets": 2}
    assert minute.route53_calls == 2


def test_only_log_lines_of_the_minute_count(minute: InvocationProfile) -> None:
    assert minute.log_events == 2
    assert minute.log_bytes == sum(map(len, EVENTS))


def test_round_cpu_time_spans_two_observations(minute: InvocationProfile) -> None:
    assert minute.rounds_cpu_seconds == (0.0625, 0.03125)


def test_round_includes_share_of_invocation_overhead(minute: InvocationProfile) -> None:
    assert minute.round_count == 6
    assert minute.round_cpu_seconds == pytest.approx(0.05)


def test_metric_with_other_dimensions_counts_separately() -> None:
    events = [
        make_emf_line("Healthy", "Sick", service="controller", region="us-east-1"),
        make_emf_line("Healthy", "Sick", service="controller", region="ap-northeast-1"),
        make_emf_line("Healthy", service="controller", region="us-east-1"),
    ]

    assert len(set(parse_metrics(events))) == 4


def test_line_without_metrics_is_ignored() -> None:
    assert not list(parse_metrics(['{"message": "A round."}']))


def test_login_and_target_latencies_are_in_seconds() -> None:
    before = json.dumps({"LoginLatency": [9000.0]})
    log = "\n".join(
        [before, MINUTE_START_MARKER, json.dumps({"LoginLatency": [50.0], "TargetLatency": [250.0]}), EVENTS[0]]
    )

    assert parse_probe_latencies(log) == [0.05, 0.25]
