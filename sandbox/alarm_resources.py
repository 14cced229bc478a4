"""Alarms of metric math and composite alarms, which the engine doesn't know, and dashboards, which it doesn't check."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.dashboards import problems_of
from sandbox.metric_alarm import refusal_of

COMPOSITE_ALARM = "AWS::CloudWatch::CompositeAlarm"

_FIRST_ERROR_STATUS = 400
_OF_ONE_METRIC = ("Namespace", "MetricName", "Dimensions", "Statistic", "ExtendedStatistic", "Period", "Unit")

type Properties = Mapping[str, Any]
type Record = dict[str, Any]
type _Put = Callable[..., tuple[int, Mapping[str, str], bytes]]


class ResourceError(Exception):
    """CloudWatch refused; the message is the stack event's."""


def with_metric_math(cloudwatch: Any) -> _Put:
    """Return ``PutMetricAlarm`` as the engine has it, with ``Metrics``."""
    engine: _Put = cloudwatch._put_metric_alarm  # noqa: SLF001

    def put(
        params: Mapping[str, Any],
        data: Mapping[str, Any],
        is_cbor: bool,
        is_json: bool = False,
    ) -> tuple[int, Mapping[str, str], bytes]:
        queries = data.get("Metrics") or ()
        by_form = any(name.startswith("Metrics.member") for name in params)
        refused = "Metrics are not understood here in the query protocol." if by_form else ""
        if refused := refused or (refusal_of(queries) if queries else ""):
            answer: tuple[int, Mapping[str, str], bytes] = cloudwatch._error(  # noqa: SLF001
                "ValidationError", refused, _FIRST_ERROR_STATUS, use_json=is_json, use_cbor=is_cbor
            )
            return answer
        answer = engine(params, data, is_cbor, is_json)
        if queries and answer[0] < _FIRST_ERROR_STATUS:
            alarm = cloudwatch._alarms[data["AlarmName"]]  # noqa: SLF001
            _take_metrics(alarm, queries)
            cloudwatch._evaluate_alarm(alarm)  # noqa: SLF001
        return answer

    return put


def with_metric_math_in_stacks(engine: Callable[[str, Properties], Record]) -> Callable[[str, Properties], Record]:
    """Return what makes an alarm's record of a template's properties, with ``Metrics``."""

    def record(name: str, properties: Properties) -> Record:
        queries = properties.get("Metrics")
        if not queries:
            return engine(name, properties)
        if refused := refusal_of(queries):
            raise ResourceError(f"{refused} (Service: CloudWatch, Error Code: ValidationError)")
        stand_in = {"Namespace": "math", "MetricName": "math"}
        alarm = engine(name, {**properties, **stand_in, "Metrics": None})
        _take_metrics(alarm, queries)
        return alarm

    return record


def with_checked_dashboards(engine: Callable[[str, str], str]) -> Callable[[str, str], str]:
    """Return what keeps a dashboard, as the engine has it, once its body is one.

    CloudWatch takes a body with slips and warns of them; here they are refused, so that somebody reads of them.
    """

    def put(name: str, body: str) -> str:
        if problems := problems_of(body):
            raise ResourceError(f"{'; '.join(problems)} (Service: CloudWatch, Error Code: InvalidParameterInput)")
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

    def create(self, logical_id: str, properties: Properties, stack_name: str) -> tuple[str, Record]:
        """Create an alarm.

        Raises
        ------
        ResourceError
            When CloudWatch refuses, such as a rule that names an alarm that isn't there.

        """
        name = properties.get("AlarmName") or self._physical_name(stack_name, logical_id, max_len=255)
        return self._put(str(name), properties)

    def update(self, physical_id: str, _old: Properties, new: Properties, _stack_name: str) -> tuple[str, Record]:
        """Change an alarm, or make another one if its name changes: the stack then deletes the old one.

        Raises
        ------
        ResourceError
            As for create.

        """
        return self._put(str(new.get("AlarmName") or physical_id), new)

    def delete(self, physical_id: str, _properties: Properties) -> None:
        """Delete an alarm; one that is gone already is no error.

        Raises
        ------
        ResourceError
            When another alarm's rule names it.

        """
        alarms = self._cloudwatch._composite_alarms  # noqa: SLF001
        if any(physical_id in self._cloudwatch._composite_children(each) for each in alarms.values()):  # noqa: SLF001
            raise ResourceError(f"Cannot delete {physical_id} as there are composite alarm(s) depending on it.")
        alarms.pop(physical_id, None)

    def _put(self, name: str, properties: Properties) -> tuple[str, Record]:
        wanted = {**properties, "AlarmName": name}
        wanted["ActionsEnabled"] = str(properties.get("ActionsEnabled", True)).lower() == "true"
        status, _, body = self._cloudwatch._put_composite_alarm({}, wanted, False, True)  # noqa: SLF001
        if status >= _FIRST_ERROR_STATUS:
            raise ResourceError(f"{json.loads(body).get('message', '')} (Service: CloudWatch, Status Code: {status})")
        return name, {"Arn": self._cloudwatch._composite_alarms[name]["AlarmArn"]}  # noqa: SLF001


def _take_metrics(alarm: Record, queries: Any) -> None:
    for name in _OF_ONE_METRIC:
        alarm.pop(name, None)
    alarm["Metrics"] = queries
