"""A metric alarm as it is set: which series it goes by, and its rule."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sandbox.alarms import COMPARISONS, SPARE_PERIODS, Missing, Rule
from sandbox.metric_math import ExpressionError, ids_in, work_out
from sandbox.metric_series import STATISTICS, Sample, Series, summed_up

type Published = Callable[[Mapping[str, Any]], Iterable[Sample]]
"""Gives what was published of a metric, by ``Namespace``, ``MetricName`` and ``Dimensions``."""

type Alarm = Mapping[str, Any]
"""As ``DescribeAlarms`` shows it."""


def is_evaluated(alarm: Alarm) -> bool:
    """Whether the alarm is of a kind that is evaluated here: no anomaly detection, no percentiles."""
    if alarm.get("ComparisonOperator") not in COMPARISONS or alarm.get("ExtendedStatistic"):
        return False
    if not alarm.get("Metrics"):
        return bool(alarm.get("MetricName"))
    return not refusal_of(alarm["Metrics"])


def rule_of(alarm: Alarm) -> Rule:
    """Return what the alarm compares."""
    return Rule(
        comparison=alarm["ComparisonOperator"],
        threshold=float(alarm["Threshold"]),
        period_seconds=_period_seconds(alarm),
        evaluation_periods=int(alarm["EvaluationPeriods"]),
        datapoints_to_alarm=int(alarm.get("DatapointsToAlarm") or alarm["EvaluationPeriods"]),
        missing=Missing(alarm.get("TreatMissingData") or Missing.MISSING),
    )


def series_of(alarm: Alarm, published: Published, *, now_seconds: float) -> Series:
    """Return the series that the alarm compares with its threshold."""
    period_seconds = _period_seconds(alarm)
    if not alarm.get("Metrics"):
        return summed_up(published(alarm), statistic=alarm.get("Statistic") or "Average", period_seconds=period_seconds)
    end = int(now_seconds // period_seconds) * period_seconds
    reach = int(alarm["EvaluationPeriods"]) + SPARE_PERIODS
    periods = range(end - reach * period_seconds, end, period_seconds)
    known: dict[str, Series] = {}
    for query in _in_order(alarm["Metrics"]):
        known[query["Id"]] = (
            work_out(query["Expression"], known, periods)
            if query.get("Expression")
            else _measured(query["MetricStat"], published, set(periods))
        )
    return known[_returned(alarm["Metrics"])["Id"]]


def refusal_of(queries: Sequence[Mapping[str, Any]]) -> str:
    """Return why CloudWatch would refuse these ``Metrics`` of an alarm, or why they aren't understood; else nothing."""
    ids = [str(query.get("Id", "")) for query in queries]
    if len(set(ids)) < len(ids):
        return "The values for parameter id in Metrics must be unique."
    if sum(_is_returned(query) for query in queries) != 1:
        return "Exactly one element of the metrics list should return data."
    try:
        for query in queries:
            if query.get("Expression"):
                if unknown := ids_in(query["Expression"]) - set(ids):
                    return f"Error in expression '{query['Id']}': Undefined variable {min(unknown)}"
            elif query["MetricStat"]["Stat"] not in STATISTICS:
                return f"The statistic {query['MetricStat']['Stat']} is not understood here."
        _in_order(queries)
    except ExpressionError as error:
        return str(error)
    return ""


def _measured(stat: Mapping[str, Any], published: Published, periods: set[int]) -> Series:
    series = summed_up(published(stat["Metric"]), statistic=stat["Stat"], period_seconds=int(stat["Period"]))
    return {begin: value for begin, value in series.items() if begin in periods}


def _period_seconds(alarm: Alarm) -> int:
    if not alarm.get("Metrics"):
        return int(alarm.get("Period") or 60)
    return max(int(query["MetricStat"]["Period"]) for query in alarm["Metrics"] if query.get("MetricStat"))


def _is_returned(query: Mapping[str, Any]) -> bool:
    return str(query.get("ReturnData", True)).lower() == "true"


def _returned(queries: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    return next(query for query in queries if _is_returned(query))


def _in_order(queries: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the queries, each after those it names."""
    waiting, ordered, there = list(queries), list[Mapping[str, Any]](), set[str]()
    while waiting:
        ready = [query for query in waiting if ids_in(query.get("Expression") or "0") <= there]
        if not ready:
            raise ExpressionError("The expressions of the alarm name each other in a circle.")
        ordered += ready
        there |= {query["Id"] for query in ready}
        waiting = [query for query in waiting if query["Id"] not in there]
    return ordered
