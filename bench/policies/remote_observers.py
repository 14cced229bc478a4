"""Observers in third Regions: each observes on its own schedule and writes to the controller's table."""

import math
from collections.abc import Callable, Sequence

from bench.policies.simulated_observer import SimulatedObserver
from bench.world.simulated_world import SimulatedWorld
from cognito_failover.common.region import Instant
from cognito_failover.core.canary_backoff import ALL_CLOSED
from cognito_failover.core.observation import Observation
from cognito_failover.core.verdict import OUTAGE_VERDICTS
from cognito_failover.observer.observer import compute_next_observation_at
from cognito_failover.settings.controller import Settings
from cognito_failover.settings.observer import ObserverSettings
from cognito_failover_testing.memory_ledger import MemoryLedger

CATCH_UP_SECONDS = 60.0
"""Older observations are skipped: they would have expired."""


class SimulatedRemoteObserver:
    """One observer. It computes its observations lazily, as of the time at which each was due.

    Parameters
    ----------
    region
        The observer's Region.
    settings
        The controller's settings, from which the observer's are derived.
    world
        The simulated world.
    standby_load
        Returns the current share of users on the standby.

    """

    def __init__(
        self, region: str, *, settings: Settings, world: SimulatedWorld, standby_load: Callable[[], float]
    ) -> None:
        self._settings = _make_observer_settings(region, settings)
        self._now: Instant = 0.0
        self._next_observation_at: Instant = 0.0
        self._suspicious_count = 0
        self._backoffs = ALL_CLOSED
        self._observations: list[Observation] = []
        self._probe = SimulatedObserver(
            settings=settings,
            region=region,
            world=world,
            clock=lambda: self._now,
            wait=self._wait,
            standby_load=standby_load,
        )

    def get_latest(self, now: Instant) -> Observation | None:
        """Return the last observation completed by `now`. None before the first."""
        if self._next_observation_at < now - CATCH_UP_SECONDS:
            interval_seconds = self._settings.observation_interval_seconds
            self._next_observation_at = math.floor((now - CATCH_UP_SECONDS) / interval_seconds) * float(
                interval_seconds
            )
        while self._next_observation_at <= now:
            self._observe()
        self._observations = [
            *self._list_completed(now)[-1:],
            *(observation for observation in self._observations if observation.observed_at > now),
        ]
        return next(iter(self._list_completed(now)), None)

    def _list_completed(self, now: Instant) -> list[Observation]:
        return [observation for observation in self._observations if observation.observed_at <= now]

    def _observe(self) -> None:
        began_at = self._now = self._next_observation_at
        observation, self._backoffs = self._probe.observe(self._backoffs)
        self._observations.append(observation)
        suspicious = any(reading.verdict in OUTAGE_VERDICTS for _, reading in observation.readings)
        self._suspicious_count = self._suspicious_count + 1 if suspicious else 0
        self._next_observation_at = compute_next_observation_at(
            began_at, self._now, self._suspicious_count, self._settings
        )

    def _wait(self, seconds: float) -> None:
        self._now += seconds


class SharedLedger(MemoryLedger):
    """The controller's table, to which observers write, unless its Region is isolated.

    Parameters
    ----------
    remote_observers
        The observers.
    world
        The simulated world.
    clock
        Reads the simulated time.

    """

    def __init__(
        self,
        remote_observers: Sequence[SimulatedRemoteObserver],
        *,
        world: SimulatedWorld,
        clock: Callable[[], Instant],
    ) -> None:
        super().__init__()
        self._remote_observers = remote_observers
        self._world = world
        self._clock = clock

    def load_observations(self, observers: Sequence[str]) -> tuple[Observation, ...]:
        """Return the latest observation of each of these observers, if it has one."""
        now = self._clock()
        for observer in self._remote_observers:
            latest = observer.get_latest(now)
            if latest and self._world.observer_online.value_at(latest.observed_at):
                self.save_observation(latest)
        return super().load_observations(observers)


def _make_observer_settings(region: str, settings: Settings) -> ObserverSettings:
    return ObserverSettings(
        observer_region=region,
        primary_region=settings.primary_region,
        standby_region=settings.standby_region,
        user_pool_id=settings.user_pool_id,
        client_id=settings.client_id,
        canary_secret_arn=settings.canary_secret_arn.replace(settings.standby_region, region),
        domain_name=settings.domain_name,
        primary_target=settings.primary_target,
        standby_target=settings.standby_target,
        witness_regions=settings.witness_regions,
        round_interval_seconds=settings.round_interval_seconds,
        suspect_interval_seconds=settings.suspect_interval_seconds,
        connect_timeout_seconds=settings.connect_timeout_seconds,
        read_timeout_seconds=settings.read_timeout_seconds,
        probe_deadline_seconds=settings.probe_deadline_seconds,
        suspect_rounds=settings.suspect_rounds,
        table_name=settings.table_name,
    )
