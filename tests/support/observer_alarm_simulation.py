"""Simulates CloudWatch for an observer in a third Region: its metrics, and the alarms of its template.

The production code observes, paces itself and writes the metrics, in simulated time.
"""

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from cognito_failover.common.errors import LedgerUnavailableError
from cognito_failover.controller.bounded_calls import RoundBudget
from cognito_failover.core.canary_backoff import Backoffs
from cognito_failover.core.observation import Observation
from cognito_failover.observer.observer import ObserverInvocation, RemoteObserver
from cognito_failover.observer.telemetry import EmfObserverTelemetry
from cognito_failover_testing.memory_ledger import MemoryLedger
from sandbox.embedded_metrics import parse_embedded_metrics
from sandbox.metric_series import MetricSample
from tests.support.alarm_simulation import MINUTE_SECONDS, PublishedMetrics, TemplateAlarms
from tests.support.controller_harness import VirtualClock
from tests.support.multi_observer import ALL_HEALTHY, IRELAND, make_observation, make_observer_settings
from tests.support.settings import VIRGINIA
from tests.unit.template.rendering import Rendering

if TYPE_CHECKING:
    from cognito_failover.common.deadlines import Deadline

SETTINGS = make_observer_settings(IRELAND)
_STARTS_AT = 1_800_000_000.0


class _UnreliableTable(MemoryLedger):
    """A table that may be unavailable. Each read contains a new heartbeat of the controller while it runs."""

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__()
        self._now = clock
        self.is_available = self.is_controller_running = True

    def save_observation(self, observation: Observation) -> None:
        self._ensure_available()
        super().save_observation(observation)

    def load_observations(self, observers: Sequence[str]) -> tuple[Observation, ...]:
        self._ensure_available()
        if self.is_controller_running:
            super().save_observation(make_observation(VIRGINIA, ALL_HEALTHY, self._now() - 5))
        return super().load_observations(observers)

    def _ensure_available(self) -> None:
        if not self.is_available:
            raise LedgerUnavailableError("The table ledger is out of reach")


class ObserverAlarmSimulation:
    """An observer whose metrics and alarms are evaluated every minute.

    Parameters
    ----------
    rendering
        The observer's template with its parameters.

    Attributes
    ----------
    table
        The controller's table.

    """

    def __init__(self, rendering: Rendering) -> None:
        self._clock = VirtualClock(_STARTS_AT)
        self.table = _UnreliableTable(self._clock)
        self.metrics = PublishedMetrics()
        self.alarms = TemplateAlarms(rendering)
        self._lines = io.StringIO()
        self._invocation = ObserverInvocation(
            settings=SETTINGS,
            observer=RemoteObserver(settings=SETTINGS, store=self.table, prober=self, clock=self._clock),
            telemetry=EmfObserverTelemetry(SETTINGS, service="cognito-failover-observer", stream=self._lines),
            refresher=self,
            round_budget=RoundBudget(),
            clock=self._clock,
            sleep=self._clock.sleep,
        )

    def observe(self, backoffs: Backoffs) -> tuple[Observation, Backoffs]:
        """Return an observation of two healthy Regions."""
        return make_observation(IRELAND, ALL_HEALTHY, self._clock()), backoffs

    def warm_up(self, deadline: "Deadline") -> None:
        """Do nothing."""

    def refresh(self, deadline: "Deadline") -> None:
        """Do nothing."""

    def run(self, minutes: int) -> "ObserverAlarmSimulation":
        """Run minutes. In each, the observer starts and observes."""
        for _ in range(minutes):
            begins = self._clock()
            failures = self._invocation.run(lambda: 2.0 * MINUTE_SECONDS)
            self._put_metric("Invocations", 1, begins)
            self._put_metric("Errors", bool(failures), begins)
            self._publish_logged_metrics(begins)
            self._end_minute(begins)
        return self

    def run_without_invocations(self, minutes: int) -> "ObserverAlarmSimulation":
        """Run minutes in which the observer does not start."""
        for _ in range(minutes):
            self._end_minute(self._clock())
        return self

    def _put_metric(self, metric: str, value: float, at: float) -> None:
        self.metrics.put("AWS/Lambda", metric, {"FunctionName": "Observer"}, MetricSample(at_seconds=at, value=value))

    def _publish_logged_metrics(self, at: float) -> None:
        for line in self._lines.getvalue().splitlines():
            for datum in parse_embedded_metrics(line):
                sample = MetricSample(at_seconds=at, value=datum.value)
                self.metrics.put(datum.namespace, datum.name, datum.dimensions, sample)
        self._lines.seek(0)
        self._lines.truncate()

    def _end_minute(self, begins: float) -> None:
        self._clock.now = begins + MINUTE_SECONDS
        self.alarms.evaluate(self.metrics, self._clock.now + 1)


def start_observer_alarm_simulation(rendering: Rendering) -> ObserverAlarmSimulation:
    """Return a simulation with a healthy system, after the observer's first minutes."""
    simulation = ObserverAlarmSimulation(rendering).run(6)
    simulation.alarms.triggered.clear()
    return simulation
