"""One invocation of an observer in a further Region: looks inside the minute, sent to the controller's table."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from cognito_failover.common.deadlines import Deadline
from cognito_failover.common.errors import FailoverError
from cognito_failover.common.region import Instant
from cognito_failover.common.time_budget import INVOCATION_INTERVAL_SECONDS
from cognito_failover.controller.bounded_calls import LEDGER_TIMEOUT_SECONDS, RoundBudget
from cognito_failover.controller.fault_isolation import FaultIsolator
from cognito_failover.controller.invocation import WARM_UP_SECONDS, Refresher
from cognito_failover.controller.round import Prober
from cognito_failover.core.canary_backoff import ALL_CLOSED
from cognito_failover.core.observation import Observation
from cognito_failover.core.ports.stores import ObservationStore
from cognito_failover.core.verdict import Verdict
from cognito_failover.probe.canary_backoff_sharing import compute_effective_backoffs, merge_backoffs
from cognito_failover.settings.observer import ObserverSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservationResult:
    """What came of one look.

    Attributes
    ----------
    observation
        What was seen.
    heartbeat_age_seconds
        How long ago the controller's last observation was made; None where it has none or it can't be read.
    failure
        What kept the look from being sent or the heartbeat from being read; empty if nothing did.

    """

    observation: Observation
    heartbeat_age_seconds: float | None
    failure: str = ""

    @property
    def is_suspicious(self) -> bool:
        """Whether either Region was seen sick."""
        return any(reading.verdict is Verdict.SICK for _, reading in self.observation.readings)


class ObserverTelemetry(Protocol):
    """Whoever logs and measures looks."""

    def record_observation(self, result: ObservationResult, *, took_seconds: float) -> None:
        """Tell of a look; never raises."""
        ...


class RemoteObserver:
    """Looks at both Regions and sends what it sees.

    Its observations are all that it tells the controller, and the controller's own, which is made and written in every
    round, is the heartbeat by which it knows that the controller lives.

    Parameters
    ----------
    settings
        Whose heartbeat it is, and how long that is worth something.
    board
        The controller's table.
    probe
        The eyes.
    clock
        Seconds since the epoch.

    """

    def __init__(
        self, *, settings: ObserverSettings, store: ObservationStore, prober: Prober, clock: Callable[[], Instant]
    ) -> None:
        self._settings = settings
        self._store = store
        self._prober = prober
        self._clock = clock
        self._backoffs = ALL_CLOSED

    def observe(self) -> ObservationResult:
        """Make one look; a table out of reach keeps it from being sent, not from being made."""
        heartbeat, failure = self._read_heartbeat()
        now = self._clock()
        age_seconds = None if heartbeat is None else now - heartbeat.observed_at
        recent_heartbeat = (
            heartbeat if age_seconds is not None and age_seconds <= self._settings.observation_ttl_seconds else None
        )
        backoffs_before = compute_effective_backoffs(self._backoffs, recent_heartbeat, now=now)
        observation, backoffs_after = self._prober.observe(backoffs_before)
        self._backoffs = merge_backoffs(self._backoffs, backoffs_before, backoffs_after, now=self._clock())
        try:
            self._store.save_observation(observation)
        except FailoverError as error:
            failure = str(error)
        return ObservationResult(observation=observation, heartbeat_age_seconds=age_seconds, failure=failure)

    def _read_heartbeat(self) -> tuple[Observation | None, str]:
        try:
            return next(iter(self._store.load_observations((self._settings.standby_region,))), None), ""
        except FailoverError as error:
            return None, str(error)


def compute_next_observation_at(
    started_at: Instant, now: Instant, suspicious_observations: int, settings: ObserverSettings
) -> Instant:
    """Return when to look again: at the next beat of the clock, or sooner while a Region is suspect.

    Beats are the same for every invocation, so that the looks of one follow those of another with neither a gap nor a
    lease between them.

    Parameters
    ----------
    began_at, now
        When the last look began, and the moment after it.
    suspicious_looks
        How many in a row saw a Region sick; once the controller could have decided, the usual pace suffices.
    settings
        The pace.

    """
    interval_at = (math.floor(now / settings.observation_interval_seconds) + 1) * settings.observation_interval_seconds
    if 0 < suspicious_observations < settings.suspect_rounds:
        return min(float(interval_at), max(started_at + settings.suspect_interval_seconds, now))
    return float(interval_at)


class ObserverInvocation:
    """Makes looks at a steady pace for a minute.

    Parameters
    ----------
    settings
        The pace.
    observer
        Makes them.
    signals
        Told of every look.
    refresher
        Made ready before the first.
    timekeeper
        Bounds the calls of each.
    clock, sleep
        The time, and a way to let it pass.

    """

    def __init__(
        self,
        *,
        settings: ObserverSettings,
        observer: RemoteObserver,
        telemetry: ObserverTelemetry,
        refresher: Refresher,
        round_budget: RoundBudget,
        clock: Callable[[], Instant],
        sleep: Callable[[float], None],
    ) -> None:
        self._settings = settings
        self._observer = observer
        self._telemetry = telemetry
        self._refresher = refresher
        self._round_budget = round_budget
        self._clock = clock
        self._sleep = sleep

    def run(self, remaining_seconds: Callable[[], float]) -> tuple[str, ...]:
        """Make this minute's looks, and return what failed in them.

        Parameters
        ----------
        remaining_seconds
            How long the process is still allowed to run.

        """
        fault_isolator = FaultIsolator()
        started_at = self._clock()
        warm_up = partial(self._refresher.warm_up, Deadline(WARM_UP_SECONDS))
        fault_isolator.run(warm_up, description="Making ready for the first look")
        refresh = partial(self._refresher.refresh, Deadline(WARM_UP_SECONDS))
        fault_isolator.run(refresh, description="Refreshing what later looks may need")
        results: list[ObservationResult] = []
        suspicious_observations = 0
        next_at = compute_next_observation_at(started_at, started_at, 0, self._settings)
        while next_at <= started_at + INVOCATION_INTERVAL_SECONDS and self._has_time(next_at, remaining_seconds):
            self._sleep(max(0.0, next_at - self._clock()))
            observation_started_at = self._clock()
            if look := fault_isolator.run(self._observe, description="A look"):
                results.append(look)
                suspicious_observations = suspicious_observations + 1 if look.is_suspicious else 0
            next_at = compute_next_observation_at(
                observation_started_at, self._clock(), suspicious_observations, self._settings
            )
        return (*fault_isolator.faults, *(look.failure for look in results if look.failure))

    def _observe(self) -> ObservationResult:
        started_at = self._clock()
        self._round_budget.start_round(self._max_observation_seconds)
        result = self._observer.observe()
        self._telemetry.record_observation(result, took_seconds=self._clock() - started_at)
        return result

    @property
    def _max_observation_seconds(self) -> float:
        """The longest a look may take: the heartbeat, the probes, the sending."""
        return self._settings.probe_deadline_seconds + 2 * LEDGER_TIMEOUT_SECONDS

    def _has_time(self, next_at: Instant, remaining_seconds: Callable[[], float]) -> bool:
        return remaining_seconds() >= max(0.0, next_at - self._clock()) + self._max_observation_seconds + 1.0
