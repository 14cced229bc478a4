"""A metric alarm as it is set: which series it goes by, and its rule."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sandbox.alarms import COMPARISONS, EXTRA_LOOKBACK_PERIODS, AlarmRule, MissingDataTreatment
from sandbox.metric_math import MetricExpressionError, evaluate_expression, find_ids
from sandbox.metric_series import STATISTICS, MetricSample, Series, aggregate_samples

type PublishedSamples = Callable[[Mapping[str, Any]], Iterable[MetricSample]]
"""Gives what was published of a metric, by ``Namespace``, ``MetricName`` and ``Dimensions``."""

type AlarmConfiguration = Mapping[str, Any]
"""As ``DescribeAlarms`` shows it."""


def can_evaluate(alarm: AlarmConfiguration) -> bool:
    """Whether the alarm is of a kind that is evaluated here: no anomaly detection, no percentiles."""
    if alarm.get("ComparisonOperator") not in COMPARISONS or alarm.get("ExtendedStatistic"):
        return False
    if not alarm.get("Metrics"):
        return bool(alarm.get("MetricName"))
    return not find_query_problem(alarm["Metrics"])


def build_rule(alarm: AlarmConfiguration) -> AlarmRule:
    """Return what the alarm compares."""
    return AlarmRule(
        comparison=alarm["ComparisonOperator"],
        threshold=float(alarm["Threshold"]),
        period_seconds=_find_period_seconds(alarm),
        evaluation_periods=int(alarm["EvaluationPeriods"]),
        datapoints_to_alarm=int(alarm.get("DatapointsToAlarm") or alarm["EvaluationPeriods"]),
        missing_data=MissingDataTreatment(alarm.get("TreatMissingData") or MissingDataTreatment.MISSING),
    )


def build_series(alarm: AlarmConfiguration, list_published: PublishedSamples, *, now_seconds: float) -> Series:
    """Return the series that the alarm compares with its threshold."""
    period_seconds = _find_period_seconds(alarm)
    if not alarm.get("Metrics"):
        return aggregate_samples(
            list_published(alarm), statistic=alarm.get("Statistic") or "Average", period_seconds=period_seconds
        )
    end = int(now_seconds // period_seconds) * period_seconds
    reach = int(alarm["EvaluationPeriods"]) + EXTRA_LOOKBACK_PERIODS
    periods = range(end - reach * period_seconds, end, period_seconds)
    known: dict[str, Series] = {}
    for query in _sort_by_dependency(alarm["Metrics"]):
        known[query["Id"]] = (
            evaluate_expression(query["Expression"], known, periods)
            if query.get("Expression")
            else _build_metric_series(query["MetricStat"], list_published, set(periods))
        )
    return known[_find_returned(alarm["Metrics"])["Id"]]


def find_query_problem(queries: Sequence[Mapping[str, Any]]) -> str:
    """Return why CloudWatch would refuse these ``Metrics`` of an alarm, or why they aren't understood; else nothing."""
    ids = [str(query.get("Id", "")) for query in queries]
    if len(set(ids)) < len(ids):
        return "The values for parameter id in Metrics must be unique."
    if sum(_is_returned(query) for query in queries) != 1:
        return "Exactly one element of the metrics list should return data."
    try:
        for query in queries:
            if query.get("Expression"):
                if unknown := find_ids(query["Expression"]) - set(ids):
                    return f"Error in expression '{query['Id']}': Undefined variable {min(unknown)}"
            elif query["MetricStat"]["Stat"] not in STATISTICS:
                return f"The statistic {query['MetricStat']['Stat']} is not understood here."
        _sort_by_dependency(queries)
    except MetricExpressionError as error:
        return str(error)
    return ""


def _build_metric_series(stat: Mapping[str, Any], list_published: PublishedSamples, periods: set[int]) -> Series:
    series = aggregate_samples(
        list_published(stat["Metric"]), statistic=stat["Stat"], period_seconds=int(stat["Period"])
    )
    return {begin: value for begin, value in series.items() if begin in periods}


def _find_period_seconds(alarm: AlarmConfiguration) -> int:
    if not alarm.get("Metrics"):
        return int(alarm.get("Period") or 60)
    return max(int(query["MetricStat"]["Period"]) for query in alarm["Metrics"] if query.get("MetricStat"))


def _is_returned(query: Mapping[str, Any]) -> bool:
    return str(query.get("ReturnData", True)).lower() == "true"


def _find_returned(queries: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    return next(query for query in queries if _is_returned(query))


def _sort_by_dependency(queries: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the queries, each after those it names."""
    waiting, ordered, there = list(queries), list[Mapping[str, Any]](), set[str]()
    while waiting:
        ready = [query for query in waiting if find_ids(query.get("Expression") or "0") <= there]
        if not ready:
            raise MetricExpressionError("The expressions of the alarm name each other in a circle.")
        ordered += ready
        there |= {query["Id"] for query in ready}
        waiting = [query for query in waiting if query["Id"] not in there]
    return ordered
