from collections.abc import Mapping
from typing import Any

import pytest

from sandbox.metric_alarm import build_rule, build_series, can_evaluate, find_query_problem
from sandbox.metric_series import MetricSample, aggregate_samples

MINUTE = 60
NOW = 1_000 * MINUTE + 30.0
LAST = 999 * MINUTE


def build_metric(name: str) -> dict[str, Any]:
    return {"Namespace": "Shop", "MetricName": name, "Dimensions": []}


def build_query(query_id: str, name: str, **more: Any) -> dict[str, Any]:
    stat = {"Metric": build_metric(name), "Period": MINUTE, "Stat": "Sum"}
    return {"Id": query_id, "MetricStat": stat, "ReturnData": False, **more}


RATIO = [
    {"Id": "ratio", "Expression": "errors / FILL(calls, 1)"},
    build_query("errors", "Errors"),
    build_query("calls", "Calls"),
]
ALARM: dict[str, Any] = {
    "Metrics": RATIO,
    "ComparisonOperator": "GreaterThanThreshold",
    "Threshold": "0.5",
    "EvaluationPeriods": "3",
}


def list_published(of: Mapping[str, Any]) -> list[MetricSample]:
    values = {"Errors": [2.0, 4.0], "Calls": [8.0, 4.0]}[of["MetricName"]]
    return [MetricSample(at_seconds=LAST + 10, value=value) for value in values]


@pytest.mark.parametrize(
    ("statistic", "value"), [("Sum", 5.0), ("Average", 2.5), ("Maximum", 4.0), ("Minimum", 1.0), ("SampleCount", 2.0)]
)
def test_period_is_aggregated_by_statistic(statistic: str, value: float) -> None:
    samples = [MetricSample(at_seconds=LAST, value=1), MetricSample(at_seconds=LAST + 59, value=4)]
    assert aggregate_samples(samples, statistic=statistic, period_seconds=MINUTE) == {LAST: value}


def test_metric_math_alarm_uses_expression_in_any_query_order() -> None:
    assert build_series(ALARM, list_published, now_seconds=NOW) == {LAST: 0.5}


def test_single_metric_alarm_uses_its_statistic() -> None:
    alarm = {**build_metric("Errors"), "Statistic": "Maximum", "Period": MINUTE}
    assert build_series(alarm, list_published, now_seconds=NOW) == {LAST: 4.0}


def test_template_texts_are_read_as_numbers() -> None:
    rule = build_rule(ALARM)
    assert (rule.threshold, rule.evaluation_periods, rule.datapoints_to_alarm, rule.period_seconds) == (0.5, 3, 3, 60)


@pytest.mark.parametrize(
    ("queries", "words"),
    [
        ([build_query("a", "Calls"), build_query("a", "Errors", ReturnData=True)], "must be unique"),
        ([build_query("a", "Calls")], "Exactly one element"),
        ([build_query("a", "Calls", ReturnData=True), {"Id": "b", "Expression": "a"}], "Exactly one element"),
        ([{"Id": "b", "Expression": "a + unknown"}, build_query("a", "Calls")], "Undefined variable unknown"),
        ([{"Id": "b", "Expression": "a +"}, build_query("a", "Calls")], "Error in expression"),
        ([{"Id": "a", "Expression": "b"}, {"Id": "b", "Expression": "a", "ReturnData": False}], "in a cycle"),
        ([{**build_query("a", "Calls"), "MetricStat": {"Stat": "p99"}, "ReturnData": True}], "statistic p99"),
    ],
)
def test_invalid_metrics_are_rejected_with_reason(queries: list[Mapping[str, Any]], words: str) -> None:
    assert words in find_query_problem(queries)
    assert not can_evaluate({**ALARM, "Metrics": queries})


@pytest.mark.parametrize(
    "changes",
    [{"ComparisonOperator": "GreaterThanUpperThreshold"}, {"ExtendedStatistic": "p99"}, {"Metrics": None}],
)
def test_alarms_of_other_kinds_are_not_evaluated(changes: dict[str, Any]) -> None:
    assert can_evaluate(ALARM)
    assert not can_evaluate({**ALARM, **changes})
