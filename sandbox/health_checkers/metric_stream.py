"""Health checks on a CloudWatch alarm: their status follows the data stream of the metric, not the alarm's state.

Route 53 copies the alarm's settings when the check is created or updated, and then follows the metric (AWS
documentation). Setting the alarm's state, or changing the alarm, has no effect.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from sandbox.alarms import COMPARISONS, AlarmRule, AlarmState, MissingDataTreatment, evaluate
from sandbox.metric_series import STATISTICS, MetricSample, aggregate_samples
from sandbox.route53.health_checks import HealthCheck

_STANDARD_RESOLUTION_SECONDS = 60


class CloudWatchMetrics(Protocol):
    """Interface to CloudWatch's alarms and metrics."""

    def find_alarm(self, account: str, region: str, name: str) -> Mapping[str, Any] | None:
        """Return the configuration of a metric alarm, or None."""

    def list_samples(self, account: str, region: str, alarm: Mapping[str, Any]) -> Sequence[MetricSample]:
        """Return the published samples of an alarm's metric."""


class MetricStream:
    """Follows the metrics of health checks.

    Parameters
    ----------
    is_reachable
        Returns whether the CloudWatch of a Region is reachable now.
    clock
        Seconds since the epoch.

    """

    def __init__(
        self, metrics: CloudWatchMetrics, *, is_reachable: Callable[[str], bool], clock: Callable[[], float]
    ) -> None:
        self._metrics = metrics
        self._is_reachable = is_reachable
        self._clock = clock

    def read_alarm_settings(self, account: str, region: str, name: str) -> dict[str, Any] | str:
        """Return an alarm's ``CloudWatchAlarmConfiguration``, or the reason it cannot be used."""
        alarm = self._metrics.find_alarm(account, region, name)
        if alarm is None:
            return f"there is no metric alarm {name} in {region}"
        statistic = alarm.get("Statistic") or "Average"
        period_seconds = int(alarm.get("Period") or 0)
        if alarm.get("ExtendedStatistic") or statistic not in STATISTICS:
            return f"alarm {name} uses a statistic other than {', '.join(sorted(STATISTICS))}"
        if period_seconds < _STANDARD_RESOLUTION_SECONDS:
            return f"alarm {name} has a period of {period_seconds} s: high-resolution metrics are not supported"
        if not alarm.get("MetricName") or alarm.get("ComparisonOperator") not in COMPARISONS:
            return f"alarm {name} is not one of a single metric and a fixed threshold"
        return {
            "EvaluationPeriods": int(alarm["EvaluationPeriods"]),
            "Threshold": float(alarm["Threshold"]),
            "ComparisonOperator": alarm["ComparisonOperator"],
            "Period": period_seconds,
            "MetricName": alarm["MetricName"],
            "Namespace": alarm["Namespace"],
            "Statistic": statistic,
            "Dimensions": _parse_dimensions(alarm.get("Dimensions") or []),
        }

    def evaluate_health(self, check: HealthCheck) -> bool | None:
        """Return whether the data stream is healthy; None for too little data."""
        settings, region = check.alarm, check.config["AlarmIdentifier"]["Region"]
        if settings is None or not self._is_reachable(region):
            return None
        rule = AlarmRule(
            comparison=settings["ComparisonOperator"],
            threshold=settings["Threshold"],
            period_seconds=settings["Period"],
            evaluation_periods=settings["EvaluationPeriods"],
            datapoints_to_alarm=settings["EvaluationPeriods"],
            missing_data=MissingDataTreatment.MISSING,
        )
        samples = self._metrics.list_samples(check.account, region, settings)
        series = aggregate_samples(samples, statistic=settings["Statistic"], period_seconds=settings["Period"])
        # AWS does not document how many periods the stream reads. Here: only the evaluation periods.
        state = evaluate(rule, series, now_seconds=self._clock(), current=AlarmState.INSUFFICIENT_DATA, extra_periods=0)
        return None if state is AlarmState.INSUFFICIENT_DATA else state is AlarmState.OK


def _parse_dimensions(given: Any) -> list[dict[str, str]]:
    if isinstance(given, Mapping):
        return [{"Name": name, "Value": value} for name, value in given.items()]
    return [{"Name": dimension["Name"], "Value": dimension["Value"]} for dimension in given]
