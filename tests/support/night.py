"""A night in simulated time, as CloudWatch sees it: the controller's own metrics, and the alarms of its template.

Rounds are made by a world in memory and measured by the real code; the log lines become metrics and the alarms are
evaluated by the sandbox's CloudWatch, with the definitions that the template has.
"""

import json
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from ministack.services import cloudwatch

from failover.decision.preflight import Preflight
from failover.preflight.function import measured
from failover.signals.metrics import Metric, MetricSet, emf, measure
from sandbox.alarms import SPARE_PERIODS, State, evaluate
from sandbox.embedded_metrics import Datum, metrics_in
from sandbox.metric_alarm import rule_of, series_of
from sandbox.metric_series import Sample
from tests.support.world import World
from tests.unit.template.rendering import Rendering

MINUTE = 60

type _Key = tuple[str, str, frozenset[tuple[str, str]]]


class Metrics:
    """What has been published."""

    def __init__(self) -> None:
        self._samples: dict[_Key, list[Sample]] = defaultdict(list)

    def put(self, namespace: str, name: str, dimensions: Mapping[str, str], sample: Sample) -> None:
        """Publish a value, later than all before."""
        self._samples[namespace, name, frozenset(dimensions.items())].append(sample)

    def since(self, at_seconds: float) -> Callable[[Mapping[str, Any]], list[Sample]]:
        """Return what gives what was published from a moment on, of a metric that an alarm names."""

        def published(metric: Mapping[str, Any]) -> list[Sample]:
            dimensions = frozenset((each["Name"], each["Value"]) for each in metric.get("Dimensions") or ())
            samples = self._samples[metric["Namespace"], metric["MetricName"], dimensions]
            return samples[bisect_left(samples, at_seconds, key=lambda sample: sample.at_seconds) :]

        return published


class Alarms:
    """The alarms of a template, by their names without the stack's.

    Attributes
    ----------
    rang
        Those that told people, in the order in which they first did.

    """

    def __init__(self, rendering: Rendering) -> None:
        resources = {name: rendering.template["Resources"][name]["Type"] for name in rendering.deployed}
        self._metric = self._of_type(rendering, resources, "AWS::CloudWatch::Alarm")
        self._composite = self._of_type(rendering, resources, "AWS::CloudWatch::CompositeAlarm")
        self._states: dict[str, State] = {}
        self.rang: list[str] = []

    @staticmethod
    def _of_type(rendering: Rendering, resources: Mapping[str, str], kind: str) -> dict[str, dict[str, Any]]:
        """Return the alarms of a type by logical name; the latch's, which no person goes by, have no name given."""
        found = {name: rendering.resource(name) for name, its_kind in resources.items() if its_kind == kind}
        return {name: alarm for name, alarm in found.items() if "AlarmName" in alarm}

    @property
    def ringing(self) -> set[str]:
        """Those that are in alarm now, and tell people."""
        every = {**self._metric, **self._composite}
        return {_short(every[name]) for name, state in self._states.items() if _rings(every[name], state)}

    def evaluate(self, metrics: Metrics, now: float) -> None:
        """Bring every alarm to its state, metric alarms first."""
        for name, alarm in self._metric.items():
            rule, current = rule_of(alarm), self._states.get(name, State.INSUFFICIENT_DATA)
            if name in self._states and now // MINUTE * MINUTE % rule.period_seconds:
                continue  # no further period is over
            reach_seconds = (rule.evaluation_periods + SPARE_PERIODS + 1) * rule.period_seconds
            series = series_of(alarm, metrics.since(now - reach_seconds), now_seconds=now)
            self._enter(name, alarm, evaluate(rule, series, now_seconds=now, current=current))
        for name, alarm in self._composite.items():
            holds = self._holds(cloudwatch._parse_alarm_rule(alarm["AlarmRule"]))  # noqa: SLF001 - the engine's own
            self._enter(name, alarm, State.ALARM if holds else State.OK)

    def _enter(self, name: str, alarm: Mapping[str, Any], state: State) -> None:
        self._states[name] = state
        if _rings(alarm, state) and _short(alarm) not in self.rang:
            self.rang.append(_short(alarm))

    def _holds(self, rule: tuple[Any, ...]) -> bool:
        match rule:
            case "state", state, name:
                return self._states[name] is State(state)
            case "not", operand:
                return not self._holds(operand)
            case "and", *operands:
                return all(map(self._holds, operands))
            case _:
                raise AssertionError(f"no rule of this template: {rule}")


def _short(alarm: Mapping[str, Any]) -> str:
    return re.sub(r"^cognito-failover-", "", alarm["AlarmName"])


def _rings(alarm: Mapping[str, Any], state: State) -> bool:
    return state is State.ALARM and bool(alarm.get("AlarmActions"))


class Night:
    """A world whose every minute is measured and watched.

    Parameters
    ----------
    rendering
        The template with its parameters; the world's settings are to be the same.

    """

    def __init__(self, world: World, rendering: Rendering) -> None:
        self.world = world
        self.metrics = Metrics()
        self.alarms = Alarms(rendering)

    def run(self, minutes: int, *, rounds: Callable[[World], None] | None = None) -> "Night":
        """Let minutes pass, in each of which the controller starts and makes its rounds."""
        for _ in range(minutes):
            begins = self.world.clock.now
            (rounds or _a_minute_of_rounds)(self.world)
            reports = self.world.told.reports
            self._count("Invocations", 1, begins)
            self._count("Errors", any(report.failure for report in reports), begins)
            for report in reports:
                at = report.observation.observed_at
                for metric_set in measure(report, self.world.settings, took_seconds=1.0):
                    for datum in _logged(metric_set.metrics, frozenset(metric_set.dimensions.items())):
                        sample = Sample(at_seconds=at, value=datum.value)
                        self.metrics.put(datum.namespace, datum.name, datum.dimensions, sample)
            reports.clear()
            self._end_minute(begins)
        return self

    def looked(self, preflight: Preflight) -> "Night":
        """Let the preflight function have found this, just now."""
        for datum in _logged(measured(preflight).metrics, frozenset(), service="cognito-failover-preflight"):
            sample = Sample(at_seconds=self.world.clock.now, value=datum.value)
            self.metrics.put(datum.namespace, datum.name, datum.dimensions, sample)
        return self

    def reported(self, *, failing: bool) -> "Night":
        """Let the reporter have been started, just now."""
        self._count("Errors", failing, self.world.clock.now, function="Reporter")
        return self

    def without_starts(self, minutes: int, *, throttled: bool = False) -> "Night":
        """Let minutes pass in which the controller does not start."""
        for _ in range(minutes):
            begins = self.world.clock.now
            if throttled:
                self._count("Throttles", 1, begins)
            self._end_minute(begins)
        return self

    def _count(self, metric: str, value: float, at: float, *, function: str = "Controller") -> None:
        sample = Sample(at_seconds=at, value=value)
        self.metrics.put("AWS/Lambda", metric, {"FunctionName": function}, sample)

    def _end_minute(self, begins: float) -> None:
        self.world.clock.now = begins + MINUTE
        self.alarms.evaluate(self.metrics, self.world.clock.now + 1)


@cache
def _logged(
    metrics: tuple[Metric, ...], dimensions: frozenset[tuple[str, str]], *, service: str = "cognito-failover-controller"
) -> tuple[Datum, ...]:
    """Return what CloudWatch makes of a round's line; most rounds of a night write the same."""
    line = json.dumps(emf(MetricSet(metrics=metrics, dimensions=dict(dimensions)), service=service))
    return tuple(metrics_in(line))


def _a_minute_of_rounds(world: World) -> None:
    world.run(MINUTE // world.settings.round_interval_seconds)


def night(world: World | None = None, **parameters: str) -> Night:
    """Begin a night with all well, and the controller past its first minutes."""
    begun = Night(world or World(), Rendering(**parameters))
    begun.run(6)
    begun.alarms.rang.clear()
    return begun
