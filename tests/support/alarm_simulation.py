"""Simulates CloudWatch over hours of simulated time: the controller's metrics, and the alarms of its template.

The controller runs in memory, with the production code for its metrics. The sandbox's CloudWatch turns the log lines
into metrics, and evaluates the alarms of the template.
"""

import json
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from ministack.services import cloudwatch

from cognito_failover.core.preflight_result import PreflightResult
from cognito_failover.preflight.function import build_metrics
from cognito_failover.telemetry.metrics import Metric, MetricSet, build_round_metrics, to_emf
from sandbox.alarms import EXTRA_LOOKBACK_PERIODS, AlarmState, evaluate
from sandbox.embedded_metrics import MetricDatum, parse_embedded_metrics
from sandbox.metric_alarm import build_rule, build_series
from sandbox.metric_series import MetricSample
from tests.support.controller_harness import ControllerHarness
from tests.unit.template.rendering import Rendering

MINUTE_SECONDS = 60

type _MetricKey = tuple[str, str, frozenset[tuple[str, str]]]


class PublishedMetrics:
    """The published samples by metric."""

    def __init__(self) -> None:
        self._samples: dict[_MetricKey, list[MetricSample]] = defaultdict(list)

    def put(self, namespace: str, name: str, dimensions: Mapping[str, str], sample: MetricSample) -> None:
        """Publish a sample. It must be later than all previous samples."""
        self._samples[namespace, name, frozenset(dimensions.items())].append(sample)

    def make_reader(self, at_seconds: float) -> Callable[[Mapping[str, Any]], list[MetricSample]]:
        """Return a function that returns an alarm metric's samples since a moment."""

        def read_samples(metric: Mapping[str, Any]) -> list[MetricSample]:
            dimensions = frozenset((item["Name"], item["Value"]) for item in metric.get("Dimensions") or ())
            samples = self._samples[metric["Namespace"], metric["MetricName"], dimensions]
            return samples[bisect_left(samples, at_seconds, key=lambda sample: sample.at_seconds) :]

        return read_samples


class TemplateAlarms:
    """The alarms of a template, by their names without the stack's name.

    Attributes
    ----------
    triggered
        The alarms that notified people, in the order of their first notification.

    """

    def __init__(self, rendering: Rendering) -> None:
        resources = rendering.deployed_resource_types
        self._metric = self._find_by_type(rendering, resources, "AWS::CloudWatch::Alarm")
        self._composite = self._find_by_type(rendering, resources, "AWS::CloudWatch::CompositeAlarm")
        self._states: dict[str, AlarmState] = {}
        self.triggered: list[str] = []

    @staticmethod
    def _find_by_type(rendering: Rendering, resources: Mapping[str, str], kind: str) -> dict[str, dict[str, Any]]:
        """Return the named alarms of a type by logical ID. The latch's alarms have no name and notify no one."""
        alarms = {name: rendering.get_resource(name) for name, its_kind in resources.items() if its_kind == kind}
        return {name: alarm for name, alarm in alarms.items() if "AlarmName" in alarm}

    @property
    def active(self) -> set[str]:
        """The alarms that are now in alarm and notify people."""
        alarms = {**self._metric, **self._composite}
        return {_get_short_name(alarms[name]) for name, state in self._states.items() if _notifies(alarms[name], state)}

    def evaluate(self, metrics: PublishedMetrics, now: float) -> None:
        """Update the state of every alarm, metric alarms first."""
        for name, alarm in self._metric.items():
            rule, current = build_rule(alarm), self._states.get(name, AlarmState.INSUFFICIENT_DATA)
            if name in self._states and now // MINUTE_SECONDS * MINUTE_SECONDS % rule.period_seconds:
                continue  # the current period is not over
            lookback_seconds = (rule.evaluation_periods + EXTRA_LOOKBACK_PERIODS + 1) * rule.period_seconds
            series = build_series(alarm, metrics.make_reader(now - lookback_seconds), now_seconds=now)
            self._set_state(name, alarm, evaluate(rule, series, now_seconds=now, current=current))
        for name, alarm in self._composite.items():
            holds = self._evaluate_rule(cloudwatch._parse_alarm_rule(alarm["AlarmRule"]))  # noqa: SLF001 - the engine's own
            self._set_state(name, alarm, AlarmState.ALARM if holds else AlarmState.OK)

    def _set_state(self, name: str, alarm: Mapping[str, Any], state: AlarmState) -> None:
        self._states[name] = state
        if _notifies(alarm, state) and _get_short_name(alarm) not in self.triggered:
            self.triggered.append(_get_short_name(alarm))

    def _evaluate_rule(self, rule: tuple[Any, ...]) -> bool:
        match rule:
            case "state", state, name:
                return self._states[name] is AlarmState(state)
            case "not", operand:
                return not self._evaluate_rule(operand)
            case "and", *operands:
                return all(map(self._evaluate_rule, operands))
            case _:
                raise AssertionError(f"unsupported alarm rule: {rule}")


def _get_short_name(alarm: Mapping[str, Any]) -> str:
    return re.sub(r"^cognito-failover-", "", alarm["AlarmName"])


def _notifies(alarm: Mapping[str, Any], state: AlarmState) -> bool:
    return state is AlarmState.ALARM and bool(alarm.get("AlarmActions"))


class AlarmSimulation:
    """A controller in memory whose metrics and alarms are evaluated every minute.

    Parameters
    ----------
    world
        The controller.
    rendering
        The template with its parameters, which must match the controller's settings.

    """

    def __init__(self, world: ControllerHarness, rendering: Rendering) -> None:
        self.world = world
        self.metrics = PublishedMetrics()
        self.alarms = TemplateAlarms(rendering)

    def run(self, minutes: int, *, rounds: Callable[[ControllerHarness], None] | None = None) -> "AlarmSimulation":
        """Run minutes. In each, the controller starts and makes its rounds."""
        for _ in range(minutes):
            begins = self.world.clock.now
            (rounds or _run_minute_of_rounds)(self.world)
            results = self.world.notifier.round_results
            self._put_metric("Invocations", 1, begins)
            self._put_metric("Errors", any(result.failure for result in results), begins)
            for result in results:
                at = result.observation.observed_at
                for metric_set in build_round_metrics(result, self.world.settings, took_seconds=1.0):
                    for datum in _parse_emf(metric_set.metrics, frozenset(metric_set.dimensions.items())):
                        sample = MetricSample(at_seconds=at, value=datum.value)
                        self.metrics.put(datum.namespace, datum.name, datum.dimensions, sample)
            results.clear()
            self._end_minute(begins)
        return self

    def record_preflight(self, preflight: PreflightResult) -> "AlarmSimulation":
        """Publish the metrics of a preflight at the current time."""
        for datum in _parse_emf(build_metrics(preflight).metrics, frozenset(), service="cognito-failover-preflight"):
            sample = MetricSample(at_seconds=self.world.clock.now, value=datum.value)
            self.metrics.put(datum.namespace, datum.name, datum.dimensions, sample)
        return self

    def record_reporter_run(self, *, is_failing: bool) -> "AlarmSimulation":
        """Publish the metrics of a reporter's invocation at the current time."""
        self._put_metric("Errors", is_failing, self.world.clock.now, function="Reporter")
        return self

    def run_without_invocations(self, minutes: int, *, is_throttled: bool = False) -> "AlarmSimulation":
        """Run minutes in which the controller does not start."""
        for _ in range(minutes):
            begins = self.world.clock.now
            if is_throttled:
                self._put_metric("Throttles", 1, begins)
            self._end_minute(begins)
        return self

    def _put_metric(self, metric: str, value: float, at: float, *, function: str = "Controller") -> None:
        sample = MetricSample(at_seconds=at, value=value)
        self.metrics.put("AWS/Lambda", metric, {"FunctionName": function}, sample)

    def _end_minute(self, begins: float) -> None:
        self.world.clock.now = begins + MINUTE_SECONDS
        self.alarms.evaluate(self.metrics, self.world.clock.now + 1)


@cache
def _parse_emf(
    metrics: tuple[Metric, ...], dimensions: frozenset[tuple[str, str]], *, service: str = "cognito-failover-controller"
) -> tuple[MetricDatum, ...]:
    """Return CloudWatch's data of a round's log line. Cached: most rounds write the same."""
    line = json.dumps(to_emf(MetricSet(metrics=metrics, dimensions=dict(dimensions)), service=service))
    return tuple(parse_embedded_metrics(line))


def _run_minute_of_rounds(world: ControllerHarness) -> None:
    world.run(MINUTE_SECONDS // world.settings.round_interval_seconds)


def start_alarm_simulation(world: ControllerHarness | None = None, **parameters: str) -> AlarmSimulation:
    """Return a simulation with a healthy system, after the controller's first minutes."""
    simulation = AlarmSimulation(world or ControllerHarness(), Rendering(**parameters))
    simulation.run(6)
    simulation.alarms.triggered.clear()
    return simulation
