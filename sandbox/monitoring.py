"""CloudWatch features that the engine lacks: metrics of all invocations, metrics in log lines, full alarm evaluation.

The engine counts only invocations through the API, not those of a schedule. It evaluates an alarm only when a metric
is published, so an alarm on a silent function would never fire.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.alarm_resources import (
    COMPOSITE_ALARM,
    CompositeAlarmResource,
    wrap_alarm_record,
    wrap_put_dashboard,
    wrap_put_metric_alarm,
)
from sandbox.alarms import AlarmState, evaluate
from sandbox.embedded_metrics import MetricDatum, parse_embedded_metrics
from sandbox.metric_alarm import build_rule, build_series, can_evaluate
from sandbox.metric_series import MetricSample


class Monitoring:
    """Extends the engine's metrics and alarms.

    Parameters
    ----------
    is_region_alive
        Returns whether a Region runs now.
    clock
        Seconds since the epoch.

    Attributes
    ----------
    ahead_seconds
        Offset that is added to the clock for alarms. With it, minutes without data pass at once.

    """

    def __init__(self, *, is_region_alive: Callable[[str], bool], clock: Callable[[], float] = time.time) -> None:
        # Late import: the engine reads the environment that emulator.configure_process() prepares.
        from ministack.core import responses  # noqa: PLC0415
        from ministack.services import cloudwatch, lambda_svc  # noqa: PLC0415
        from ministack.services.cloudformation import provisioners  # noqa: PLC0415

        self._cloudwatch: Any = cloudwatch
        self._scope: Any = responses.request_scope
        self._is_region_alive = is_region_alive
        self._clock = clock
        self.ahead_seconds = 0.0
        emit_logs = lambda_svc._emit_lambda_logs  # noqa: SLF001

        def emit(func: dict[str, Any], request_id: str, log: str, error: bool, *rest: Any, **named: Any) -> None:
            emit_logs(func, request_id, log, error, *rest, **named)
            config = func.get("config") or func
            self._publish_counts(config["FunctionName"], Invocations=1, Errors=int(error), Throttles=0)
            for datum in parse_embedded_metrics(log):
                self._publish_datum(datum)

        def emit_throttle(function_name: str, *, throttle: bool, **_unused: object) -> None:
            if throttle:
                self._publish_counts(function_name, Throttles=1)

        lambda_svc._emit_lambda_logs = emit  # noqa: SLF001
        lambda_svc._emit_lambda_metrics = emit_throttle  # noqa: SLF001
        cloudwatch._evaluate_alarm = self._evaluate_alarm  # noqa: SLF001
        cloudwatch._put_metric_alarm = wrap_put_metric_alarm(cloudwatch)  # noqa: SLF001
        provisioners._cw_metric_alarm_record = wrap_alarm_record(  # noqa: SLF001
            provisioners._cw_metric_alarm_record  # noqa: SLF001
        )
        cloudwatch.cloudformation_put_dashboard = wrap_put_dashboard(cloudwatch.cloudformation_put_dashboard)
        composites = CompositeAlarmResource(cloudwatch, provisioners._physical_name)  # noqa: SLF001
        provisioners._RESOURCE_HANDLERS[COMPOSITE_ALARM] = {  # noqa: SLF001
            "create": composites.create,
            "update": composites.update,
            "delete": composites.delete,
        }

    def _publish_datum(self, datum: MetricDatum) -> None:
        """Publish a value with the timestamp of its log line."""
        cloudwatch, dimensions = self._cloudwatch, dict(datum.dimensions)
        key = (datum.namespace, datum.name, cloudwatch._dims_key(dimensions))  # noqa: SLF001
        cloudwatch._metric_bucket(key).append(  # noqa: SLF001
            {
                "Timestamp": self._clock() if datum.at_seconds is None else datum.at_seconds,
                "Value": datum.value,
                "Unit": datum.unit,
                "Dimensions": dimensions,
            }
        )

    def _publish_counts(self, function_name: str, **counts: int) -> None:
        for metric, count in counts.items():
            self._cloudwatch.record_metric("AWS/Lambda", metric, count, "Count", {"FunctionName": function_name})

    def evaluate_all(self) -> None:
        """Update the state of every alarm in every Region that is alive, and run the actions of changed alarms."""
        for (account, region, _), alarm in list(self._cloudwatch._alarms._data.items()):  # noqa: SLF001
            if self._is_region_alive(region):
                with self._scope(account, region):
                    self._evaluate_alarm(alarm)

    def _evaluate_alarm(self, alarm: dict[str, Any]) -> None:
        if not can_evaluate(alarm):
            return
        rule, now = build_rule(alarm), self._clock() + self.ahead_seconds
        old = AlarmState(alarm["StateValue"])
        new = evaluate(rule, build_series(alarm, self._list_samples, now_seconds=now), now_seconds=now, current=old)
        if new is old:
            return
        reason = f"{rule.comparison} {rule.threshold:g} over {rule.evaluation_periods} periods"
        alarm |= {"StateValue": str(new), "StateReason": reason, "StateUpdatedTimestamp": int(now)}
        cloudwatch = self._cloudwatch
        cloudwatch._record_history(alarm["AlarmName"], str(old), str(new), reason)  # noqa: SLF001
        cloudwatch._dispatch_alarm_actions(alarm, str(old), str(new), reason)  # noqa: SLF001
        cloudwatch._evaluate_parent_alarms(alarm)  # noqa: SLF001

    def find_alarm(self, account: str, region: str, name: str) -> Mapping[str, Any] | None:
        """Return the configuration of a metric alarm, or None."""
        with self._scope(account, region):
            alarm: Mapping[str, Any] | None = self._cloudwatch._alarms.get(name)  # noqa: SLF001
            return alarm

    def list_samples(self, account: str, region: str, alarm: Mapping[str, Any]) -> list[MetricSample]:
        """Return the published samples of an alarm's metric."""
        with self._scope(account, region):
            return self._list_samples(alarm)

    def _list_samples(self, alarm: Mapping[str, Any]) -> list[MetricSample]:
        dimensions = alarm.get("Dimensions") or []
        value_by_name = (
            {dimension["Name"]: dimension["Value"] for dimension in dimensions}
            if isinstance(dimensions, list)
            else dimensions
        )
        cloudwatch = self._cloudwatch
        key = (alarm["Namespace"], alarm["MetricName"], cloudwatch._dims_key(value_by_name))  # noqa: SLF001
        points = cloudwatch._metrics.get(key, [])  # noqa: SLF001
        return [MetricSample(at_seconds=point["Timestamp"], value=point["Value"]) for point in points]
