"""What is read from a measured minute: calls, request units, log events and metrics."""

import json
from typing import Any

import pytest

from bench.running_minute import MINUTE_BEGINS, latencies, metrics_in, read, units
from failoverctl.cost.minute import Minute


def call(service: str, operation: str, **changes: Any) -> dict[str, Any]:
    usual = {"at_cpu_seconds": 0.5, "written_key": "", "written_bytes": 0, "read_bytes": 0}
    return {"service": service, "operation": operation, **usual, **changes}


def put(key: str, written_bytes: int = 100, *, at_cpu_seconds: float = 0.5) -> dict[str, Any]:
    written = {"written_key": key, "written_bytes": written_bytes}
    return call("dynamodb", "PutItem", at_cpu_seconds=at_cpu_seconds, **written)


def blob(*names: str, **dimensions: str) -> str:
    metrics = [{"Name": name, "Unit": "Count"} for name in names]
    directive = {"Namespace": "CognitoFailover", "Dimensions": [list(dimensions)], "Metrics": metrics}
    return json.dumps({"_aws": {"Timestamp": 0, "CloudWatchMetrics": [directive]}, **dimensions})


FIGURES: dict[str, Any] = {
    "minute": {"wall_seconds": 50.0, "cpu_seconds": 0.3},
    "calls": [
        put("lease"),
        call("dynamodb", "GetItem", read_bytes=4097),
        put("observation#us-east-1", at_cpu_seconds=1.0),
        call("route53", "ListResourceRecordSets"),
        call("route53", "ListResourceRecordSets"),
        put("observation#us-east-1", at_cpu_seconds=1.0625),
        put("lease", at_cpu_seconds=1.07),
        put("observation#us-east-1", 1025, at_cpu_seconds=1.09375),
    ],
}
EVENTS = ['{"message": "A round."}', blob("State", service="controller")]


@pytest.fixture
def minute() -> Minute:
    log = "\n".join(["before", MINUTE_BEGINS, *EVENTS, ""])
    return read(FIGURES, log, interval_seconds=10)


@pytest.mark.parametrize(("item_bytes", "count"), [(0, 1), (1, 1), (1024, 1), (1025, 2), (2049, 3)])
def test_a_write_takes_a_unit_for_each_kilobyte_begun(item_bytes: int, count: int) -> None:
    assert units(item_bytes, 1024) == count


def test_units_are_summed_over_the_calls_of_dynamodb(minute: Minute) -> None:
    assert minute.write_units == 4 + 2
    assert minute.read_units == 2


def test_calls_are_counted_by_service_and_operation(minute: Minute) -> None:
    assert minute.calls == {"dynamodb.PutItem": 5, "dynamodb.GetItem": 1, "route53.ListResourceRecordSets": 2}
    assert minute.route53_calls == 2


def test_only_what_was_logged_in_the_minute_counts(minute: Minute) -> None:
    assert minute.log_events == 2
    assert minute.log_bytes == sum(map(len, EVENTS))


def test_a_rounds_processor_time_is_from_one_observation_to_the_next(minute: Minute) -> None:
    assert minute.rounds_cpu_seconds == (0.0625, 0.03125)


def test_a_round_bears_its_share_of_the_invocations_beginning_and_end(minute: Minute) -> None:
    assert minute.rounds == 6
    assert minute.round_cpu_seconds == pytest.approx(0.05)


def test_the_same_metric_under_other_dimensions_is_another_one() -> None:
    events = [
        blob("Healthy", "Sick", service="controller", region="us-east-1"),
        blob("Healthy", "Sick", service="controller", region="ap-northeast-1"),
        blob("Healthy", service="controller", region="us-east-1"),
    ]

    assert len(set(metrics_in(events))) == 4


def test_a_line_that_is_no_metric_brings_none() -> None:
    assert not list(metrics_in(['{"message": "A round."}']))


def test_latencies_of_both_ways_into_a_region_are_read_in_seconds() -> None:
    before = json.dumps({"LoginLatency": [9000.0]})
    log = "\n".join([before, MINUTE_BEGINS, json.dumps({"LoginLatency": [50.0], "TargetLatency": [250.0]}), EVENTS[0]])

    assert latencies(log) == [0.05, 0.25]
