from collections.abc import Mapping
from typing import Any

import pytest

from sandbox.metric_alarm import is_evaluated, refusal_of, rule_of, series_of
from sandbox.metric_series import Sample, summed_up

MINUTE = 60
NOW = 1_000 * MINUTE + 30.0
LAST = 999 * MINUTE


def metric(name: str) -> dict[str, Any]:
    return {"Namespace": "Shop", "MetricName": name, "Dimensions": []}


def measured(query_id: str, name: str, **more: Any) -> dict[str, Any]:
    stat = {"Metric": metric(name), "Period": MINUTE, "Stat": "Sum"}
    return {"Id": query_id, "MetricStat": stat, "ReturnData": False, **more}


RATIO = [
    {"Id": "ratio", "Expression": "errors / FILL(calls, 1)"},
    measured("errors", "Errors"),
    measured("calls", "Calls"),
]
ALARM: dict[str, Any] = {
    "Metrics": RATIO,
    "ComparisonOperator": "GreaterThanThreshold",
    "Threshold": "0.5",
    "EvaluationPeriods": "3",
}


def published(of: Mapping[str, Any]) -> list[Sample]:
    values = {"Errors": [2.0, 4.0], "Calls": [8.0, 4.0]}[of["MetricName"]]
    return [Sample(at_seconds=LAST + 10, value=value) for value in values]


@pytest.mark.parametrize(
    ("statistic", "value"), [("Sum", 5.0), ("Average", 2.5), ("Maximum", 4.0), ("Minimum", 1.0), ("SampleCount", 2.0)]
)
def test_a_period_is_summed_up_by_the_statistic(statistic: str, value: float) -> None:
    samples = [Sample(at_seconds=LAST, value=1), Sample(at_seconds=LAST + 59, value=4)]
    assert summed_up(samples, statistic=statistic, period_seconds=MINUTE) == {LAST: value}


def test_an_alarm_of_metric_math_goes_by_its_expression_whatever_the_order() -> None:
    assert series_of(ALARM, published, now_seconds=NOW) == {LAST: 0.5}


def test_an_alarm_of_one_metric_goes_by_its_statistic() -> None:
    alarm = {**metric("Errors"), "Statistic": "Maximum", "Period": MINUTE}
    assert series_of(alarm, published, now_seconds=NOW) == {LAST: 4.0}


def test_what_a_template_writes_as_text_is_read_as_numbers() -> None:
    rule = rule_of(ALARM)
    assert (rule.threshold, rule.evaluation_periods, rule.datapoints_to_alarm, rule.period_seconds) == (0.5, 3, 3, 60)


@pytest.mark.parametrize(
    ("queries", "words"),
    [
        ([measured("a", "Calls"), measured("a", "Errors", ReturnData=True)], "must be unique"),
        ([measured("a", "Calls")], "Exactly one element"),
        ([measured("a", "Calls", ReturnData=True), {"Id": "b", "Expression": "a"}], "Exactly one element"),
        ([{"Id": "b", "Expression": "a + nobody"}, measured("a", "Calls")], "Undefined variable nobody"),
        ([{"Id": "b", "Expression": "a +"}, measured("a", "Calls")], "Error in expression"),
        ([{"Id": "a", "Expression": "b"}, {"Id": "b", "Expression": "a", "ReturnData": False}], "in a circle"),
        ([{**measured("a", "Calls"), "MetricStat": {"Stat": "p99"}, "ReturnData": True}], "statistic p99"),
    ],
)
def test_metrics_that_cloudwatch_would_refuse_are_refused(queries: list[Mapping[str, Any]], words: str) -> None:
    assert words in refusal_of(queries)
    assert not is_evaluated({**ALARM, "Metrics": queries})


@pytest.mark.parametrize(
    "changes",
    [{"ComparisonOperator": "GreaterThanUpperThreshold"}, {"ExtendedStatistic": "p99"}, {"Metrics": None}],
)
def test_alarms_of_other_kinds_are_not_evaluated(changes: dict[str, Any]) -> None:
    assert is_evaluated(ALARM)
    assert not is_evaluated({**ALARM, **changes})
