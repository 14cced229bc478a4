"""One invocation of an observer in a further Region: looks inside the minute, sent to the controller's table."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from failover.bounded import Deadline
from failover.errors import FailoverError
from failover.probe.backoff import NONE
from failover.probe.deference import permitted, remembered
from failover.probe.observation import Observation
from failover.probe.verdict import Verdict
from failover.region import Instant
from failover.rounds.attempts import Attempts
from failover.rounds.invocation import WARM_UP_SECONDS, Refresher
from failover.rounds.punctual import LEDGER_CALL_SECONDS, Timekeeper
from failover.rounds.round import Observer
from failover.settings_observer import ObserverSettings
from failover.timing import INVOCATION_SECONDS


class Board(Protocol):
    """The part of the ledger that an observer may touch. Every call may raise LedgerUnavailableError."""

    def put_observation(self, observation: Observation) -> None:
        """Replace the observer's latest observation."""
        ...

    def observations(self, observers: Sequence[str]) -> tuple[Observation, ...]:
        """Return the latest observation of each of these observers that has one."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
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


class LookTeller(Protocol):
    """Whoever logs and measures looks."""

    def look(self, look: Look, *, took_seconds: float) -> None:
        """Tell of a look; never raises."""
        ...


class FurtherObserver:
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
        self, *, settings: ObserverSettings, board: Board, probe: Observer, clock: Callable[[], Instant]
    ) -> None:
        self._settings = settings
        self._board = board
        self._probe = probe
        self._clock = clock
        self._backoffs = NONE

    def look(self) -> Look:
        """Make one look; a table out of reach keeps it from being sent, not from being made."""
        heartbeat, failure = self._heartbeat()
        now = self._clock()
        age_seconds = None if heartbeat is None else now - heartbeat.observed_at
        lately = heartbeat if age_seconds is not None and age_seconds <= self._settings.fresh_seconds else None
        before = permitted(self._backoffs, lately, now=now)
        observation, after = self._probe.observe(before)
        self._backoffs = remembered(self._backoffs, before, after, now=self._clock())
        try:
            self._board.put_observation(observation)
        except FailoverError as error:
            failure = str(error)
        return Look(observation=observation, heartbeat_age_seconds=age_seconds, failure=failure)

    def _heartbeat(self) -> tuple[Observation | None, str]:
        try:
            return next(iter(self._board.observations((self._settings.standby_region,))), None), ""
        except FailoverError as error:
            return None, str(error)


def next_look_at(began_at: Instant, now: Instant, suspicious_looks: int, settings: ObserverSettings) -> Instant:
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
    beat_at = (math.floor(now / settings.look_interval_seconds) + 1) * settings.look_interval_seconds
    if 0 < suspicious_looks < settings.suspect_rounds:
        return min(float(beat_at), max(began_at + settings.suspect_interval_seconds, now))
    return float(beat_at)


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
        observer: FurtherObserver,
        signals: LookTeller,
        refresher: Refresher,
        timekeeper: Timekeeper,
        clock: Callable[[], Instant],
        sleep: Callable[[float], None],
    ) -> None:
        self._settings = settings
        self._observer = observer
        self._signals = signals
        self._refresher = refresher
        self._timekeeper = timekeeper
        self._clock = clock
        self._sleep = sleep

    def run(self, remaining_seconds: Callable[[], float]) -> tuple[str, ...]:
        """Make this minute's looks, and return what failed in them.

        Parameters
        ----------
        remaining_seconds
            How long the process is still allowed to run.

        """
        attempts = Attempts()
        began_at = self._clock()
        warm_up = partial(self._refresher.warm_up, Deadline(WARM_UP_SECONDS))
        attempts.make(warm_up, what="Making ready for the first look")
        refresh = partial(self._refresher.refresh, Deadline(WARM_UP_SECONDS))
        attempts.make(refresh, what="Refreshing what later looks may need")
        looks: list[Look] = []
        suspicious_looks = 0
        next_at = next_look_at(began_at, began_at, 0, self._settings)
        while next_at <= began_at + INVOCATION_SECONDS and self._has_time(next_at, remaining_seconds):
            self._sleep(max(0.0, next_at - self._clock()))
            look_began_at = self._clock()
            if look := attempts.make(self._look, what="A look"):
                looks.append(look)
                suspicious_looks = suspicious_looks + 1 if look.is_suspicious else 0
            next_at = next_look_at(look_began_at, self._clock(), suspicious_looks, self._settings)
        return (*attempts.faults, *(look.failure for look in looks if look.failure))

    def _look(self) -> Look:
        began_at = self._clock()
        self._timekeeper.begin_round(self._look_seconds)
        look = self._observer.look()
        self._signals.look(look, took_seconds=self._clock() - began_at)
        return look

    @property
    def _look_seconds(self) -> float:
        """The longest a look may take: the heartbeat, the probes, the sending."""
        return self._settings.probe_deadline_seconds + 2 * LEDGER_CALL_SECONDS

    def _has_time(self, next_at: Instant, remaining_seconds: Callable[[], float]) -> bool:
        return remaining_seconds() >= max(0.0, next_at - self._clock()) + self._look_seconds + 1.0
