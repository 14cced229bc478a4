"""Alarms on metric math and composite alarms, which the engine lacks, and checks of dashboard bodies."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.dashboards import validate_dashboard
from sandbox.metric_alarm import find_query_problem

COMPOSITE_ALARM = "AWS::CloudWatch::CompositeAlarm"

_FIRST_ERROR_STATUS = 400
_SINGLE_METRIC_PROPERTIES = (
    "Namespace",
    "MetricName",
    "Dimensions",
    "Statistic",
    "ExtendedStatistic",
    "Period",
    "Unit",
)

type AlarmProperties = Mapping[str, Any]
type AlarmRecord = dict[str, Any]
type _PutMetricAlarm = Callable[..., tuple[int, Mapping[str, str], bytes]]


class AlarmResourceError(Exception):
    """CloudWatch rejected a stack's resource. The message appears in the stack event."""


def wrap_put_metric_alarm(cloudwatch: Any) -> _PutMetricAlarm:
    """Return the engine's ``PutMetricAlarm`` with support for ``Metrics``."""
    engine: _PutMetricAlarm = cloudwatch._put_metric_alarm  # noqa: SLF001

    def put(
        params: Mapping[str, Any],
        data: Mapping[str, Any],
        is_cbor: bool,
        is_json: bool = False,
    ) -> tuple[int, Mapping[str, str], bytes]:
        queries = data.get("Metrics") or ()
        is_query_protocol = any(name.startswith("Metrics.member") for name in params)
        problem = "The sandbox does not support Metrics in the query protocol." if is_query_protocol else ""
        if problem := problem or (find_query_problem(queries) if queries else ""):
            answer: tuple[int, Mapping[str, str], bytes] = cloudwatch._error(  # noqa: SLF001
                "ValidationError", problem, _FIRST_ERROR_STATUS, use_json=is_json, use_cbor=is_cbor
            )
            return answer
        answer = engine(params, data, is_cbor, is_json)
        if queries and answer[0] < _FIRST_ERROR_STATUS:
            alarm = cloudwatch._alarms[data["AlarmName"]]  # noqa: SLF001
            _replace_with_metrics(alarm, queries)
            cloudwatch._evaluate_alarm(alarm)  # noqa: SLF001
        return answer

    return put


def wrap_alarm_record(
    engine: Callable[[str, AlarmProperties], AlarmRecord],
) -> Callable[[str, AlarmProperties], AlarmRecord]:
    """Return the engine's builder of alarm records from template properties, with support for ``Metrics``."""

    def build_record(name: str, properties: AlarmProperties) -> AlarmRecord:
        queries = properties.get("Metrics")
        if not queries:
            return engine(name, properties)
        if problem := find_query_problem(queries):
            raise AlarmResourceError(f"{problem} (Service: CloudWatch, Error Code: ValidationError)")
        placeholder = {"Namespace": "math", "MetricName": "math"}
        alarm = engine(name, {**properties, **placeholder, "Metrics": None})
        _replace_with_metrics(alarm, queries)
        return alarm

    return build_record


def wrap_put_dashboard(engine: Callable[[str, str], str]) -> Callable[[str, str], str]:
    """Return the engine's ``PutDashboard`` with a check of the body.

    CloudWatch accepts a body with mistakes and returns warnings. The sandbox rejects it, so the mistakes are noticed.
    """

    def put(name: str, body: str) -> str:
        if problems := validate_dashboard(body):
            raise AlarmResourceError(f"{'; '.join(problems)} (Service: CloudWatch, Error Code: InvalidParameterInput)")
        return engine(name, body)

    return put


class CompositeAlarmResource:
    """Create, update and delete handlers of composite alarms; see `sandbox.emulator.Emulator.register_resource_type`.

    Parameters
    ----------
    cloudwatch
        The engine's CloudWatch module. Its current scope gives account and Region.
    physical_name
        Builds a physical name from a stack name and a logical id.

    """

    def __init__(self, cloudwatch: Any, physical_name: Callable[..., str]) -> None:
        self._cloudwatch = cloudwatch
        self._physical_name = physical_name

    def create(self, logical_id: str, properties: AlarmProperties, stack_name: str) -> tuple[str, AlarmRecord]:
        """Create an alarm.

        Raises
        ------
        AlarmResourceError
            If CloudWatch rejects the alarm, for example because its rule names an unknown alarm.

        """
        name = properties.get("AlarmName") or self._physical_name(stack_name, logical_id, max_len=255)
        return self._put(str(name), properties)

    def update(
        self, physical_id: str, _old: AlarmProperties, new: AlarmProperties, _stack_name: str
    ) -> tuple[str, AlarmRecord]:
        """Update an alarm. If its name changes, create another one; the stack then deletes the old one.

        Raises
        ------
        AlarmResourceError
            As for `create`.

        """
        return self._put(str(new.get("AlarmName") or physical_id), new)

    def delete(self, physical_id: str, _properties: AlarmProperties) -> None:
        """Delete an alarm. A missing alarm is no error.

        Raises
        ------
        AlarmResourceError
            If another alarm's rule names it.

        """
        alarms = self._cloudwatch._composite_alarms  # noqa: SLF001
        if any(physical_id in self._cloudwatch._composite_children(alarm) for alarm in alarms.values()):  # noqa: SLF001
            raise AlarmResourceError(f"Cannot delete {physical_id} as there are composite alarm(s) depending on it.")
        alarms.pop(physical_id, None)

    def _put(self, name: str, properties: AlarmProperties) -> tuple[str, AlarmRecord]:
        request = {**properties, "AlarmName": name}
        request["ActionsEnabled"] = str(properties.get("ActionsEnabled", True)).lower() == "true"
        status, _, body = self._cloudwatch._put_composite_alarm({}, request, False, True)  # noqa: SLF001
        if status >= _FIRST_ERROR_STATUS:
            raise AlarmResourceError(
                f"{json.loads(body).get('message', '')} (Service: CloudWatch, Status Code: {status})"
            )
        return name, {"Arn": self._cloudwatch._composite_alarms[name]["AlarmArn"]}  # noqa: SLF001


def _replace_with_metrics(alarm: AlarmRecord, queries: Any) -> None:
    for name in _SINGLE_METRIC_PROPERTIES:
        alarm.pop(name, None)
    alarm["Metrics"] = queries
