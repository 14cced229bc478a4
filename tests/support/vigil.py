"""A night of an observer in a third Region, in simulated time: its own metrics, and the alarms of its template.

Looks are made by the real observer at its real pace, told by the real code, and its log lines become metrics.
"""

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from failover.errors import LedgerUnavailableError
from failover.ledger.memory import MemoryLedger
from failover.probe.backoff import Backoffs
from failover.probe.observation import Observation
from failover.rounds.observing import FurtherObserver, ObserverInvocation
from failover.rounds.punctual import Timekeeper
from failover.signals.looks import LookSignals
from sandbox.embedded_metrics import metrics_in
from sandbox.metric_series import Sample
from tests.support.night import MINUTE, Alarms, Metrics
from tests.support.observers import ALL_WELL, IRELAND, observer_settings, seen
from tests.support.settings import VIRGINIA
from tests.support.world import Clock
from tests.unit.template.rendering import Rendering

if TYPE_CHECKING:
    from failover.bounded import Deadline

SETTINGS = observer_settings(IRELAND)
_BEGINS_AT = 1_800_000_000.0


class _Table(MemoryLedger):
    """A table that can be out of reach, into which the controller writes its heartbeat whenever it is read."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._now = clock
        self.works = self.controller_runs = True

    def put_observation(self, observation: Observation) -> None:
        self._reach()
        super().put_observation(observation)

    def observations(self, observers: Sequence[str]) -> tuple[Observation, ...]:
        self._reach()
        if self.controller_runs:
            super().put_observation(seen(VIRGINIA, ALL_WELL, self._now() - 5))
        return super().observations(observers)

    def _reach(self) -> None:
        if not self.works:
            raise LedgerUnavailableError("The table ledger is out of reach")


class Vigil:
    """An observer whose every minute is measured and watched.

    Parameters
    ----------
    rendering
        The observer's template with its parameters.

    Attributes
    ----------
    table
        The controller's, as the observer meets it.

    """

    def __init__(self, rendering: Rendering) -> None:
        self._clock = Clock(_BEGINS_AT)
        self.table = _Table(self._clock)
        self.metrics = Metrics()
        self.alarms = Alarms(rendering)
        self._lines = io.StringIO()
        self._invocation = ObserverInvocation(
            settings=SETTINGS,
            observer=FurtherObserver(settings=SETTINGS, board=self.table, probe=self, clock=self._clock),
            signals=LookSignals(SETTINGS, service="cognito-failover-observer", stream=self._lines),
            refresher=self,
            timekeeper=Timekeeper(),
            clock=self._clock,
            sleep=self._clock.sleep,
        )

    def observe(self, backoffs: Backoffs) -> tuple[Observation, Backoffs]:
        """See that all is well."""
        return seen(IRELAND, ALL_WELL, self._clock()), backoffs

    def warm_up(self, deadline: "Deadline") -> None:
        """Need nothing to be made ready."""

    def refresh(self, deadline: "Deadline") -> None:
        """Need nothing to be fetched."""

    def run(self, minutes: int) -> "Vigil":
        """Let minutes pass, in each of which the observer starts and looks."""
        for _ in range(minutes):
            begins = self._clock()
            failures = self._invocation.run(lambda: 2.0 * MINUTE)
            self._count("Invocations", 1, begins)
            self._count("Errors", bool(failures), begins)
            self._publish_what_was_logged(begins)
            self._end_minute(begins)
        return self

    def without_starts(self, minutes: int) -> "Vigil":
        """Let minutes pass in which the observer does not start."""
        for _ in range(minutes):
            self._end_minute(self._clock())
        return self

    def _count(self, metric: str, value: float, at: float) -> None:
        self.metrics.put("AWS/Lambda", metric, {"FunctionName": "Observer"}, Sample(at_seconds=at, value=value))

    def _publish_what_was_logged(self, at: float) -> None:
        for line in self._lines.getvalue().splitlines():
            for datum in metrics_in(line):
                sample = Sample(at_seconds=at, value=datum.value)
                self.metrics.put(datum.namespace, datum.name, datum.dimensions, sample)
        self._lines.seek(0)
        self._lines.truncate()

    def _end_minute(self, begins: float) -> None:
        self._clock.now = begins + MINUTE
        self.alarms.evaluate(self.metrics, self._clock.now + 1)


def vigil(rendering: Rendering) -> Vigil:
    """Begin a vigil with all well, past its first minutes."""
    begun = Vigil(rendering).run(6)
    begun.alarms.rang.clear()
    return begun
