"""The series and the rule of a metric alarm, from its configuration."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sandbox.alarms import COMPARISONS, EXTRA_LOOKBACK_PERIODS, AlarmRule, MissingDataTreatment
from sandbox.metric_math import MetricExpressionError, evaluate_expression, find_ids
from sandbox.metric_series import STATISTICS, MetricSample, Series, aggregate_samples

type PublishedSamples = Callable[[Mapping[str, Any]], Iterable[MetricSample]]
"""Returns the published samples of a metric, by ``Namespace``, ``MetricName`` and ``Dimensions``."""

type AlarmConfiguration = Mapping[str, Any]
"""An alarm as ``DescribeAlarms`` returns it."""


def can_evaluate(alarm: AlarmConfiguration) -> bool:
    """Return whether the sandbox evaluates this kind of alarm: no anomaly detection, no percentiles."""
    if alarm.get("ComparisonOperator") not in COMPARISONS or alarm.get("ExtendedStatistic"):
        return False
    if not alarm.get("Metrics"):
        return bool(alarm.get("MetricName"))
    return not find_query_problem(alarm["Metrics"])


def build_rule(alarm: AlarmConfiguration) -> AlarmRule:
    """Return the alarm's rule."""
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
    period_count = int(alarm["EvaluationPeriods"]) + EXTRA_LOOKBACK_PERIODS
    periods = range(end - period_count * period_seconds, end, period_seconds)
    series_by_id: dict[str, Series] = {}
    for query in _sort_by_dependency(alarm["Metrics"]):
        series_by_id[query["Id"]] = (
            evaluate_expression(query["Expression"], series_by_id, periods)
            if query.get("Expression")
            else _build_metric_series(query["MetricStat"], list_published, set(periods))
        )
    return series_by_id[_find_returned(alarm["Metrics"])["Id"]]


def find_query_problem(queries: Sequence[Mapping[str, Any]]) -> str:
    """Return the problem with an alarm's ``Metrics``: CloudWatch rejects them, or the sandbox does not support them.

    Return an empty string if there is none.
    """
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
                return f"The sandbox does not support the statistic {query['MetricStat']['Stat']}."
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
    """Return the queries in an order in which each follows the queries that it names."""
    pending, ordered, ordered_ids = list(queries), list[Mapping[str, Any]](), set[str]()
    while pending:
        ready = [query for query in pending if find_ids(query.get("Expression") or "0") <= ordered_ids]
        if not ready:
            raise MetricExpressionError("The alarm's expressions depend on each other in a cycle.")
        ordered += ready
        ordered_ids |= {query["Id"] for query in ready}
        pending = [query for query in pending if query["Id"] not in ordered_ids]
    return ordered
