"""A controller and observers in further Regions, side by side in simulated time, each with eyes of its own."""

import heapq
from collections.abc import Callable, Sequence
from itertools import count
from typing import TYPE_CHECKING

from cognito_failover.common.region import PerRole
from cognito_failover.core.canary_backoff import Backoffs
from cognito_failover.core.observation import Observation, Reading
from cognito_failover.core.round_pacing import compute_next_round_seconds
from cognito_failover.core.verdict import Verdict
from cognito_failover.observer.observer import RemoteObserver, compute_next_observation_at
from cognito_failover.settings.observer import ObserverSettings
from tests.support.controller_harness import ControllerHarness
from tests.support.settings import TOKYO, VIRGINIA

if TYPE_CHECKING:
    from cognito_failover.core.round_result import RoundResult

IRELAND, OREGON = REMOTE_REGIONS = ("eu-west-1", "us-west-2")
HEALTHY, SICK, UNKNOWN = Verdict.HEALTHY, Verdict.SICK, Verdict.UNKNOWN
WRITE_SECONDS = 0.3

type ScriptedState = tuple[Verdict, Verdict, bool]
"""What an observer sees: the primary, the standby, and whether a third Region answers."""

ALL_HEALTHY: ScriptedState = (HEALTHY, HEALTHY, True)
PRIMARY_SICK: ScriptedState = (SICK, HEALTHY, True)
ISOLATED: ScriptedState = (UNKNOWN, UNKNOWN, False)


def make_observation(observer: str, scripted_state: ScriptedState, at: float) -> Observation:
    def make_reading(verdict: Verdict) -> Reading:
        return Reading(verdict=verdict, detail=f"It is {verdict} from {observer}.", login_verdict=verdict)

    primary, standby, witness_answered = scripted_state
    readings = PerRole(primary=make_reading(primary), standby=make_reading(standby))
    return Observation(observer=observer, observed_at=at, readings=readings, witness_answered=witness_answered)


def make_observer_settings(region: str, **changes: object) -> ObserverSettings:
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
        "witness_regions": ("eu-west-1", "us-west-2", "ap-southeast-1"),
        "table_name": "ledger",
    }
    return ObserverSettings(**{**usual, **changes})  # type: ignore[arg-type] # each test changes values of its type


class ScriptedView:
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
        self.state_at: Callable[[float], ScriptedState] = lambda _: ALL_HEALTHY
        self.duration_of: Callable[[ScriptedState], float] = lambda _: 0.1
        self.started_at = 0.0
        self.clock_error_seconds = 0.0

    def get_duration_seconds(self) -> float:
        """Return how long the present look takes."""
        return self.duration_of(self.state_at(self.started_at))

    def observe(self, backoffs: Backoffs) -> tuple[Observation, Backoffs]:
        ended_at = self.started_at + self.get_duration_seconds()
        return make_observation(
            self._observer, self.state_at(self.started_at), ended_at + self.clock_error_seconds
        ), backoffs


class MultiObserver:
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

    def __init__(self, remote_regions: Sequence[str] = REMOTE_REGIONS, *, start_delay_seconds: float = 0.0) -> None:
        self.world = ControllerHarness(remote_observers=tuple(remote_regions))
        self.views = {region: ScriptedView(region) for region in (VIRGINIA, *remote_regions)}
        self.disconnected: set[str] = set()
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()
        self._suspicious_counts = dict.fromkeys(remote_regions, 0)
        self._first_round_at = self.world.clock.now + start_delay_seconds
        self.world.prober.observe = self.views[VIRGINIA].observe  # type: ignore[method-assign] # the eyes of this test
        self._schedule(self._first_round_at, self._start_round)
        for region in remote_regions:
            self._schedule(
                compute_next_observation_at(0, self.world.clock.now - 1, 0, make_observer_settings(region)),
                self._make_observer(region),
            )

    def set_view(self, scripted_state: ScriptedState, *regions: str) -> None:
        """Let these observers, or all, see this from now on."""
        for region in regions or self.views:
            self.views[region].state_at = lambda _: scripted_state

    def run(self, seconds: float) -> "MultiObserver":
        """Let time pass."""
        until = self.world.clock.now + seconds
        while self._events[0][0] <= until:
            self.world.clock.now, _, event = heapq.heappop(self._events)
            event()
        self.world.clock.now = until
        return self

    def run_until_decided(self, *, timeout_seconds: float) -> float | None:
        """Run until traffic moves, and return when that was decided; None if it doesn't."""
        until = self.world.clock.now + timeout_seconds
        while self.world.clock.now < until and self.world.weights == (255, 0):
            self.run(0.5)
        move = self.world.state.move or self.world.state.last_move
        return move.decided_at if move else None

    def _schedule(self, at: float, event: Callable[[], None]) -> None:
        heapq.heappush(self._events, (at, next(self._order), event))

    def _start_round(self) -> None:
        own = self.views[VIRGINIA]
        own.started_at = self.world.clock.now
        self._schedule(own.started_at + own.get_duration_seconds(), self._end_round)

    def _end_round(self) -> None:
        world = self.world
        report = world.round_runner.run()
        world.notifier.record_round(report, took_seconds=0.0)
        world.zone.propagate()
        self._schedule(self._compute_next_round_time(report), self._start_round)

    def _compute_next_round_time(self, report: "RoundResult") -> float:
        settings, now, began_at = self.world.settings, self.world.clock.now, self.views[VIRGINIA].started_at
        interval = settings.round_interval_seconds
        beat_at = self._first_round_at + ((now - self._first_round_at) // interval + 1) * interval
        active = self.world.state.active_role
        pace = compute_next_round_seconds(report.state, settings, report.observation.readings[active])
        return min(beat_at, max(began_at + pace, now)) if pace < interval else beat_at

    def _make_observer(self, region: str) -> Callable[[], None]:
        settings, eyes, together = make_observer_settings(region), self.views[region], self

        class DelayedTable:
            """The way to the table, which takes its time."""

            def save_observation(self, observation: Observation) -> None:
                def arrive() -> None:
                    if region not in together.disconnected:
                        together.world.memory.save_observation(observation)

                together._schedule(eyes.started_at + eyes.get_duration_seconds() + WRITE_SECONDS, arrive)

            def load_observations(self, observers: Sequence[str]) -> tuple[Observation, ...]:
                return together.world.memory.load_observations(observers)

        observer = RemoteObserver(settings=settings, store=DelayedTable(), prober=eyes, clock=self.world.clock)

        def observe_once() -> None:
            eyes.started_at = self.world.clock.now
            came_of_it = observer.observe()
            self._suspicious_counts[region] = self._suspicious_counts[region] + 1 if came_of_it.is_suspicious else 0
            ended_at = eyes.started_at + eyes.get_duration_seconds()
            self._schedule(
                compute_next_observation_at(eyes.started_at, ended_at, self._suspicious_counts[region], settings),
                observe_once,
            )

        return observe_once


def fail_primary_at(
    moment: float, before: ScriptedState = ALL_HEALTHY, after: ScriptedState = PRIMARY_SICK
) -> Callable[[float], ScriptedState]:
    """Return what is seen of a primary that dies."""
    return lambda at: after if at >= moment else before
