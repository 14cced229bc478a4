"""Alarms of metric math and composite alarms, which the engine doesn't know, and dashboards, which it doesn't check."""

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
    """CloudWatch refused; the message is the stack event's."""


def wrap_put_metric_alarm(cloudwatch: Any) -> _PutMetricAlarm:
    """Return ``PutMetricAlarm`` as the engine has it, with ``Metrics``."""
    engine: _PutMetricAlarm = cloudwatch._put_metric_alarm  # noqa: SLF001

    def put(
        params: Mapping[str, Any],
        data: Mapping[str, Any],
        is_cbor: bool,
        is_json: bool = False,
    ) -> tuple[int, Mapping[str, str], bytes]:
        queries = data.get("Metrics") or ()
        by_form = any(name.startswith("Metrics.member") for name in params)
        refused = "Metrics are not understood here in the query protocol." if by_form else ""
        if refused := refused or (find_query_problem(queries) if queries else ""):
            answer: tuple[int, Mapping[str, str], bytes] = cloudwatch._error(  # noqa: SLF001
                "ValidationError", refused, _FIRST_ERROR_STATUS, use_json=is_json, use_cbor=is_cbor
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
    """Return what makes an alarm's record of a template's properties, with ``Metrics``."""

    def record(name: str, properties: AlarmProperties) -> AlarmRecord:
        queries = properties.get("Metrics")
        if not queries:
            return engine(name, properties)
        if refused := find_query_problem(queries):
            raise AlarmResourceError(f"{refused} (Service: CloudWatch, Error Code: ValidationError)")
        stand_in = {"Namespace": "math", "MetricName": "math"}
        alarm = engine(name, {**properties, **stand_in, "Metrics": None})
        _replace_with_metrics(alarm, queries)
        return alarm

    return record


def wrap_put_dashboard(engine: Callable[[str, str], str]) -> Callable[[str, str], str]:
    """Return what keeps a dashboard, as the engine has it, once its body is one.

    CloudWatch takes a body with slips and warns of them; here they are refused, so that somebody reads of them.
    """

    def put(name: str, body: str) -> str:
        if problems := validate_dashboard(body):
            raise AlarmResourceError(f"{'; '.join(problems)} (Service: CloudWatch, Error Code: InvalidParameterInput)")
        return engine(name, body)

    return put


class CompositeAlarmResource:
    """A stack's composite alarms; see `sandbox.emulator.Emulator.provide`.

    Parameters
    ----------
    cloudwatch
        The engine's, in whose scope of account and Region each call is made.
    physical_name
        Makes a name of a stack's and a logical one.

    """

    def __init__(self, cloudwatch: Any, physical_name: Callable[..., str]) -> None:
        self._cloudwatch = cloudwatch
        self._physical_name = physical_name

    def create(self, logical_id: str, properties: AlarmProperties, stack_name: str) -> tuple[str, AlarmRecord]:
        """Create an alarm.

        Raises
        ------
        ResourceError
            When CloudWatch refuses, such as a rule that names an alarm that isn't there.

        """
        name = properties.get("AlarmName") or self._physical_name(stack_name, logical_id, max_len=255)
        return self._put(str(name), properties)

    def update(
        self, physical_id: str, _old: AlarmProperties, new: AlarmProperties, _stack_name: str
    ) -> tuple[str, AlarmRecord]:
        """Change an alarm, or make another one if its name changes: the stack then deletes the old one.

        Raises
        ------
        ResourceError
            As for create.

        """
        return self._put(str(new.get("AlarmName") or physical_id), new)

    def delete(self, physical_id: str, _properties: AlarmProperties) -> None:
        """Delete an alarm; one that is gone already is no error.

        Raises
        ------
        ResourceError
            When another alarm's rule names it.

        """
        alarms = self._cloudwatch._composite_alarms  # noqa: SLF001
        if any(physical_id in self._cloudwatch._composite_children(each) for each in alarms.values()):  # noqa: SLF001
            raise AlarmResourceError(f"Cannot delete {physical_id} as there are composite alarm(s) depending on it.")
        alarms.pop(physical_id, None)

    def _put(self, name: str, properties: AlarmProperties) -> tuple[str, AlarmRecord]:
        wanted = {**properties, "AlarmName": name}
        wanted["ActionsEnabled"] = str(properties.get("ActionsEnabled", True)).lower() == "true"
        status, _, body = self._cloudwatch._put_composite_alarm({}, wanted, False, True)  # noqa: SLF001
        if status >= _FIRST_ERROR_STATUS:
            raise AlarmResourceError(
                f"{json.loads(body).get('message', '')} (Service: CloudWatch, Status Code: {status})"
            )
        return name, {"Arn": self._cloudwatch._composite_alarms[name]["AlarmArn"]}  # noqa: SLF001


def _replace_with_metrics(alarm: AlarmRecord, queries: Any) -> None:
    for name in _SINGLE_METRIC_PROPERTIES:
        alarm.pop(name, None)
    alarm["Metrics"] = queries
