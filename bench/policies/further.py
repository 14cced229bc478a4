"""Further observers in third Regions: each looks at its own pace, and sends what it sees to the controller's table."""

import math
from collections.abc import Callable, Sequence

from bench.policies.observer import SimulatedObserver
from bench.world.world import World
from failover.ledger.memory import MemoryLedger
from failover.probe.backoff import NONE
from failover.probe.observation import Observation
from failover.probe.verdict import Verdict
from failover.region import Instant
from failover.rounds.observing import next_look_at
from failover.settings import Settings
from failover.settings_observer import ObserverSettings

MISSED_SECONDS = 60.0
"""Looks longer ago than this are not caught up with: nobody will ask what they saw."""


class Lookout:
    """One observer. Its looks are made when somebody asks for the latest, each as of its own moment.

    Parameters
    ----------
    region
        Where it is.
    settings
        The controller's, from which its own follow.
    world
        What is true.
    standby_load
        The share of users on the standby now.

    """

    def __init__(self, region: str, *, settings: Settings, world: World, standby_load: Callable[[], float]) -> None:
        self._settings = _settings_of(region, settings)
        self._now: Instant = 0.0
        self._next_at: Instant = 0.0
        self._suspicious_looks = 0
        self._backoffs = NONE
        self._looks: list[Observation] = []
        self._probe = SimulatedObserver(
            settings=settings,
            region=region,
            world=world,
            clock=lambda: self._now,
            wait=self._wait,
            standby_load=standby_load,
        )

    def latest(self, now: Instant) -> Observation | None:
        """Return what it saw last, of the looks that are over by a moment; None before the first."""
        if self._next_at < now - MISSED_SECONDS:
            interval_seconds = self._settings.look_interval_seconds
            self._next_at = math.floor((now - MISSED_SECONDS) / interval_seconds) * float(interval_seconds)
        while self._next_at <= now:
            self._look()
        self._looks = [*self._over(now)[-1:], *(each for each in self._looks if each.observed_at > now)]
        return next(iter(self._over(now)), None)

    def _over(self, now: Instant) -> list[Observation]:
        return [each for each in self._looks if each.observed_at <= now]

    def _look(self) -> None:
        began_at = self._now = self._next_at
        observation, self._backoffs = self._probe.observe(self._backoffs)
        self._looks.append(observation)
        suspicious = any(reading.verdict is Verdict.SICK for _, reading in observation.readings)
        self._suspicious_looks = self._suspicious_looks + 1 if suspicious else 0
        self._next_at = next_look_at(began_at, self._now, self._suspicious_looks, self._settings)

    def _wait(self, seconds: float) -> None:
        self._now += seconds


class SharedLedger(MemoryLedger):
    """The controller's table, to which observers send what they see, unless its Region is cut off.

    Parameters
    ----------
    lookouts
        Who sends.
    world
        What is true.
    clock
        The time.

    """

    def __init__(self, lookouts: Sequence[Lookout], *, world: World, clock: Callable[[], Instant]) -> None:
        super().__init__()
        self._lookouts = lookouts
        self._world = world
        self._clock = clock

    def observations(self, observers: Sequence[str]) -> tuple[Observation, ...]:
        """Return the latest observation of each of these observers that has one."""
        now = self._clock()
        for lookout in self._lookouts:
            latest = lookout.latest(now)
            if latest and self._world.observer_online.at(latest.observed_at):
                self.put_observation(latest)
        return super().observations(observers)


def _settings_of(region: str, settings: Settings) -> ObserverSettings:
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
        named_witness_regions=settings.witness_regions,
        round_interval_seconds=settings.round_interval_seconds,
        suspect_interval_seconds=settings.suspect_interval_seconds,
        connect_timeout_seconds=settings.connect_timeout_seconds,
        read_timeout_seconds=settings.read_timeout_seconds,
        probe_deadline_seconds=settings.probe_deadline_seconds,
        suspect_rounds=settings.suspect_rounds,
        table_name=settings.table_name,
    )
