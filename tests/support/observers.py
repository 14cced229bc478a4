"""A controller and observers in further Regions, side by side in simulated time, each with eyes of its own."""

import heapq
from collections.abc import Callable, Sequence
from itertools import count
from typing import TYPE_CHECKING

from failover.decision.pace import next_round_seconds
from failover.probe.backoff import Backoffs
from failover.probe.observation import Observation, Reading
from failover.probe.verdict import Verdict
from failover.region import PerSide
from failover.rounds.observing import FurtherObserver, next_look_at
from failover.settings_observer import ObserverSettings
from tests.support.settings import TOKYO, VIRGINIA
from tests.support.world import World

if TYPE_CHECKING:
    from failover.rounds.round import Report

IRELAND, OREGON = FURTHER = ("eu-west-1", "us-west-2")
HEALTHY, SICK, UNKNOWN = Verdict.HEALTHY, Verdict.SICK, Verdict.UNKNOWN
WRITING_SECONDS = 0.3

type Sight = tuple[Verdict, Verdict, bool]
"""What an observer sees: the primary, the standby, and whether a third Region answers."""

ALL_WELL: Sight = (HEALTHY, HEALTHY, True)
PRIMARY_SICK: Sight = (SICK, HEALTHY, True)
BLIND: Sight = (UNKNOWN, UNKNOWN, False)


def seen(observer: str, sight: Sight, at: float) -> Observation:
    def reading(verdict: Verdict) -> Reading:
        return Reading(verdict=verdict, detail=f"It is {verdict} from {observer}.", login_verdict=verdict)

    primary, standby, witness_answered = sight
    readings = PerSide(primary=reading(primary), standby=reading(standby))
    return Observation(observer=observer, observed_at=at, readings=readings, witness_answered=witness_answered)


def observer_settings(region: str, **changes: object) -> ObserverSettings:
    """Return valid settings of an observer, with some changed."""
    usual: dict[str, object] = {
        "observer_region": region,
        "primary_region": TOKYO,
        "standby_region": VIRGINIA,
        "user_pool_id": f"{TOKYO}_Example00",
        "client_id": "1example23456789",
        "canary_secret_arn": f"arn:aws:secretsmanager:{region}:111122223333:secret:canary-AbCdEf",
        "domain_name": "auth.example.com",
        "primary_target": "tokyo.target.example.com",
        "standby_target": "virginia.target.example.com",
        "named_witness_regions": ("eu-west-1", "us-west-2", "ap-southeast-1"),
        "table_name": "ledger",
    }
    return ObserverSettings(**{**usual, **changes})  # type: ignore[arg-type] # each test changes values of its type


class Eyes:
    """Sees at the end of a look what was there at its beginning.

    Attributes
    ----------
    sees
        What is there at a moment.
    takes
        How long a look at that takes, in seconds.
    began_at
        When the present look began.
    clock_error_seconds
        How far the observer's clock is ahead.

    """

    def __init__(self, observer: str) -> None:
        self._observer = observer
        self.sees: Callable[[float], Sight] = lambda _: ALL_WELL
        self.takes: Callable[[Sight], float] = lambda _: 0.1
        self.began_at = 0.0
        self.clock_error_seconds = 0.0

    def seconds(self) -> float:
        """Return how long the present look takes."""
        return self.takes(self.sees(self.began_at))

    def observe(self, backoffs: Backoffs) -> tuple[Observation, Backoffs]:
        ended_at = self.began_at + self.seconds()
        return seen(self._observer, self.sees(self.began_at), ended_at + self.clock_error_seconds), backoffs


class Together:
    """Controller and observers, run by the clock.

    Parameters
    ----------
    further
        The observers in further Regions that the controller is told of.
    began_after
        How much later than a beat of the observers the controller's first round begins, in seconds.

    Attributes
    ----------
    world
        The controller's.
    eyes
        Of each observer, by Region.
    mute
        Those whose observations don't arrive.

    """

    def __init__(self, further: Sequence[str] = FURTHER, *, began_after: float = 0.0) -> None:
        self.world = World(further_observers=tuple(further))
        self.eyes = {region: Eyes(region) for region in (VIRGINIA, *further)}
        self.mute: set[str] = set()
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()
        self._suspicious = dict.fromkeys(further, 0)
        self._first_at = self.world.clock.now + began_after
        self.world.probe.observe = self.eyes[VIRGINIA].observe  # type: ignore[method-assign] # the eyes of this test
        self._at(self._first_at, self._begin_round)
        for region in further:
            self._at(next_look_at(0, self.world.clock.now - 1, 0, observer_settings(region)), self._looker(region))

    def see(self, sight: Sight, *regions: str) -> None:
        """Let these observers, or all, see this from now on."""
        for region in regions or self.eyes:
            self.eyes[region].sees = lambda _: sight

    def run(self, seconds: float) -> "Together":
        """Let time pass."""
        until = self.world.clock.now + seconds
        while self._events[0][0] <= until:
            self.world.clock.now, _, event = heapq.heappop(self._events)
            event()
        self.world.clock.now = until
        return self

    def decided_at(self, *, at_most_seconds: float) -> float | None:
        """Run until traffic moves, and return when that was decided; None if it doesn't."""
        until = self.world.clock.now + at_most_seconds
        while self.world.clock.now < until and self.world.weights == (255, 0):
            self.run(0.5)
        move = self.world.state.move or self.world.state.last_move
        return move.decided_at if move else None

    def _at(self, at: float, event: Callable[[], None]) -> None:
        heapq.heappush(self._events, (at, next(self._order), event))

    def _begin_round(self) -> None:
        own = self.eyes[VIRGINIA]
        own.began_at = self.world.clock.now
        self._at(own.began_at + own.seconds(), self._end_round)

    def _end_round(self) -> None:
        world = self.world
        report = world.rounds.run()
        world.told.round(report, took_seconds=0.0)
        world.zone.spread()
        self._at(self._next_round_at(report), self._begin_round)

    def _next_round_at(self, report: "Report") -> float:
        settings, now, began_at = self.world.settings, self.world.clock.now, self.eyes[VIRGINIA].began_at
        interval = settings.round_interval_seconds
        beat_at = self._first_at + ((now - self._first_at) // interval + 1) * interval
        active = self.world.state.active
        pace = next_round_seconds(report.state, settings, report.observation.readings[active])
        return min(beat_at, max(began_at + pace, now)) if pace < interval else beat_at

    def _looker(self, region: str) -> Callable[[], None]:
        settings, eyes, together = observer_settings(region), self.eyes[region], self

        class Line:
            """The way to the table, which takes its time."""

            def put_observation(self, observation: Observation) -> None:
                def arrive() -> None:
                    if region not in together.mute:
                        together.world.memory.put_observation(observation)

                together._at(eyes.began_at + eyes.seconds() + WRITING_SECONDS, arrive)

            def observations(self, observers: Sequence[str]) -> tuple[Observation, ...]:
                return together.world.memory.observations(observers)

        observer = FurtherObserver(settings=settings, board=Line(), probe=eyes, clock=self.world.clock)

        def look() -> None:
            eyes.began_at = self.world.clock.now
            came_of_it = observer.look()
            self._suspicious[region] = self._suspicious[region] + 1 if came_of_it.is_suspicious else 0
            ended_at = eyes.began_at + eyes.seconds()
            self._at(next_look_at(eyes.began_at, ended_at, self._suspicious[region], settings), look)

        return look


def dies_at(moment: float, before: Sight = ALL_WELL, after: Sight = PRIMARY_SICK) -> Callable[[float], Sight]:
    """Return what is seen of a primary that dies."""
    return lambda at: after if at >= moment else before
