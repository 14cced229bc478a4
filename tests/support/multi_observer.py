"""A controller and remote observers in simulated time, each with a scripted view."""

import heapq
from collections.abc import Callable, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any

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
"""An observer's view: verdicts of the primary and the standby, and whether a third Region answers."""

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
    """Return valid settings of an observer, with these changes."""
    defaults: dict[str, object] = {
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
    return ObserverSettings(**{**defaults, **changes})  # type: ignore[arg-type] # each test changes values of its type


class ScriptedView:
    """A prober with scripted results: an observation contains the state at its start.

    Attributes
    ----------
    state_at
        Returns the state at a moment.
    duration_of
        Returns the duration of an observation of a state, in seconds.
    started_at
        Start of the current observation.
    clock_error_seconds
        Error of the observer's clock. Positive if it is ahead.

    """

    def __init__(self, observer: str) -> None:
        self._observer = observer
        self.state_at: Callable[[float], ScriptedState] = lambda _: ALL_HEALTHY
        self.duration_of: Callable[[ScriptedState], float] = lambda _: 0.1
        self.started_at = 0.0
        self.clock_error_seconds = 0.0

    def get_duration_seconds(self) -> float:
        """Return the duration of the current observation."""
        return self.duration_of(self.state_at(self.started_at))

    def observe(self, backoffs: Backoffs) -> tuple[Observation, Backoffs]:
        ended_at = self.started_at + self.get_duration_seconds()
        return make_observation(
            self._observer, self.state_at(self.started_at), ended_at + self.clock_error_seconds
        ), backoffs


class MultiObserver:
    """A controller and its observers, driven by simulated time.

    Parameters
    ----------
    remote_regions
        The Regions of the remote observers in the controller's settings.
    start_delay_seconds
        Delay of the controller's first round after an observer's scheduled start.
    changes
        Settings of the controller that differ from the defaults of the tests.

    Attributes
    ----------
    world
        The controller.
    views
        The view of each observer, by Region.
    disconnected
        The observers whose observations do not arrive.

    """

    def __init__(
        self, remote_regions: Sequence[str] = REMOTE_REGIONS, *, start_delay_seconds: float = 0.0, **changes: Any
    ) -> None:
        self.world = ControllerHarness(remote_observers=tuple(remote_regions), **changes)
        self.views = {region: ScriptedView(region) for region in (VIRGINIA, *remote_regions)}
        self.disconnected: set[str] = set()
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()
        self._suspicious_counts = dict.fromkeys(remote_regions, 0)
        self._first_round_at = self.world.clock.now + start_delay_seconds
        self.world.prober.observe = self.views[VIRGINIA].observe  # type: ignore[method-assign] # the scripted view
        self._schedule(self._first_round_at, self._start_round)
        for region in remote_regions:
            self._schedule(
                compute_next_observation_at(0, self.world.clock.now - 1, 0, make_observer_settings(region)),
                self._make_observer(region),
            )

    def set_view(self, scripted_state: ScriptedState, *regions: str) -> None:
        """Set the view of these observers, or of all, from now on."""
        for region in regions or self.views:
            self.views[region].state_at = lambda _: scripted_state

    def run(self, seconds: float) -> "MultiObserver":
        """Run for some time."""
        until = self.world.clock.now + seconds
        while self._events[0][0] <= until:
            self.world.clock.now, _, event = heapq.heappop(self._events)
            event()
        self.world.clock.now = until
        return self

    def run_until_decided(self, *, timeout_seconds: float) -> float | None:
        """Run until traffic moves. Return the time of the decision, or None if nothing moves in time."""
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
        result = world.round_runner.run()
        world.notifier.record_round(result, took_seconds=0.0)
        world.zone.propagate()
        self._schedule(self._compute_next_round_time(result), self._start_round)

    def _compute_next_round_time(self, result: "RoundResult") -> float:
        settings, now, began_at = self.world.settings, self.world.clock.now, self.views[VIRGINIA].started_at
        interval = settings.round_interval_seconds
        scheduled_at = self._first_round_at + ((now - self._first_round_at) // interval + 1) * interval
        active = self.world.state.active_role
        delay = compute_next_round_seconds(result.state, settings, result.observation.readings[active])
        return min(scheduled_at, max(began_at + delay, now)) if delay < interval else scheduled_at

    def _make_observer(self, region: str) -> Callable[[], None]:
        settings, view, system = make_observer_settings(region), self.views[region], self

        class DelayedTable:
            """The controller's table. A write arrives after a delay."""

            def save_observation(self, observation: Observation) -> None:
                def arrive() -> None:
                    if region not in system.disconnected:
                        system.world.memory.save_observation(observation)

                system._schedule(view.started_at + view.get_duration_seconds() + WRITE_SECONDS, arrive)

            def load_observations(self, observers: Sequence[str]) -> tuple[Observation, ...]:
                return system.world.memory.load_observations(observers)

        observer = RemoteObserver(settings=settings, store=DelayedTable(), prober=view, clock=self.world.clock)

        def observe_once() -> None:
            view.started_at = self.world.clock.now
            result = observer.observe()
            self._suspicious_counts[region] = self._suspicious_counts[region] + 1 if result.is_suspicious else 0
            ended_at = view.started_at + view.get_duration_seconds()
            self._schedule(
                compute_next_observation_at(view.started_at, ended_at, self._suspicious_counts[region], settings),
                observe_once,
            )

        return observe_once


def fail_primary_at(
    moment: float, before: ScriptedState = ALL_HEALTHY, after: ScriptedState = PRIMARY_SICK
) -> Callable[[float], ScriptedState]:
    """Return the state over time of a primary that fails at a moment."""
    return lambda at: after if at >= moment else before
