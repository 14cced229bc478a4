"""One invocation of an observer: the observations of one minute, saved to the controller's ledger."""

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
from cognito_failover.core.verdict import OUTAGE_VERDICTS
from cognito_failover.probe.canary_backoff_sharing import compute_effective_backoffs, merge_backoffs
from cognito_failover.settings.observer import ObserverSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservationResult:
    """The result of one observation.

    Attributes
    ----------
    observation
        The verdicts.
    heartbeat_age_seconds
        Age of the controller's last observation; None if there is none or it can't be read.
    failure
        Why the observation was not saved or the heartbeat not read. Empty on success.

    """

    observation: Observation
    heartbeat_age_seconds: float | None
    failure: str = ""

    @property
    def is_suspicious(self) -> bool:
        """Whether a Region was sick."""
        return any(reading.verdict in OUTAGE_VERDICTS for _, reading in self.observation.readings)


class ObserverTelemetry(Protocol):
    """Logs and measures observations."""

    def record_observation(self, result: ObservationResult, *, took_seconds: float) -> None:
        """Log and measure an observation. Never raises."""
        ...


class RemoteObserver:
    """Observes both Regions and saves the observation to the controller's ledger.

    It sends the controller nothing else. The controller's own observation, which every round saves, is the heartbeat
    that shows the observer that the controller is running.

    Parameters
    ----------
    settings
        The controller's Region, and the maximum age of its heartbeat.
    store
        The observations in the controller's ledger.
    prober
        Makes the observations.
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
        """Make one observation. If the ledger is unavailable, it is made but not saved."""
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
    """Return when the next observation is due: at the next interval of the clock, or sooner while a Region is suspect.

    All invocations count the same intervals, so their observations follow each other without a gap and without a lease.

    Parameters
    ----------
    started_at, now
        When the last observation started, and the present.
    suspicious_observations
        How many observations in a row saw a sick Region. Once the controller can have decided, the usual interval is
        enough. Its first round after the failure may be an interval late, and each of its rounds needs new ones.
    settings
        The intervals.

    """
    interval_at = (math.floor(now / settings.observation_interval_seconds) + 1) * settings.observation_interval_seconds
    if 0 < suspicious_observations < 2 * settings.suspect_rounds:
        return min(float(interval_at), max(started_at + settings.suspect_interval_seconds, now))
    return float(interval_at)


class ObserverInvocation:
    """Makes observations at a steady interval for one minute.

    Parameters
    ----------
    settings
        The intervals.
    observer
        Makes the observations.
    telemetry
        Logs and measures every observation.
    refresher
        Refreshes the caches before the first observation.
    round_budget
        Limits the calls of each observation.
    clock, sleep
        Seconds since the epoch, and a function that waits.

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
        """Make this minute's observations, and return a message for each failure.

        Parameters
        ----------
        remaining_seconds
            Returns how long the process may still run.

        """
        fault_isolator = FaultIsolator()
        started_at = self._clock()
        warm_up = partial(self._refresher.warm_up, Deadline(WARM_UP_SECONDS))
        fault_isolator.run(warm_up, description="Preparing the first observation")
        refresh = partial(self._refresher.refresh, Deadline(WARM_UP_SECONDS))
        fault_isolator.run(refresh, description="Refreshing the caches")
        results: list[ObservationResult] = []
        suspicious_observations = 0
        next_at = compute_next_observation_at(started_at, started_at, 0, self._settings)
        while next_at <= started_at + INVOCATION_INTERVAL_SECONDS and self._has_time(next_at, remaining_seconds):
            self._sleep(max(0.0, next_at - self._clock()))
            observation_started_at = self._clock()
            if result := fault_isolator.run(self._observe, description="An observation"):
                results.append(result)
                suspicious_observations = suspicious_observations + 1 if result.is_suspicious else 0
            next_at = compute_next_observation_at(
                observation_started_at, self._clock(), suspicious_observations, self._settings
            )
        return (*fault_isolator.faults, *(result.failure for result in results if result.failure))

    def _observe(self) -> ObservationResult:
        started_at = self._clock()
        self._round_budget.start_round(self._max_observation_seconds)
        result = self._observer.observe()
        self._telemetry.record_observation(result, took_seconds=self._clock() - started_at)
        return result

    @property
    def _max_observation_seconds(self) -> float:
        """Maximum time of an observation: read the heartbeat, probe, save."""
        return self._settings.probe_deadline_seconds + 2 * LEDGER_TIMEOUT_SECONDS

    def _has_time(self, next_at: Instant, remaining_seconds: Callable[[], float]) -> bool:
        return remaining_seconds() >= max(0.0, next_at - self._clock()) + self._max_observation_seconds + 1.0
