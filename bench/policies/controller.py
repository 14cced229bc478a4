"""The controller of this repository: its production decision, rounds, invocation and lever in a simulated world."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from bench.policies.human_operator import HumanOperator
from bench.policies.remote_observers import SharedLedger, SimulatedRemoteObserver
from bench.policies.simulated_observer import SimulatedObserver
from bench.simulation_result import SimulatedMove, SimulationResult
from bench.world.latch import SimulatedLatch
from bench.world.name_servers import SimulatedNameServers
from bench.world.schedule import MINUTE_SECONDS, InvocationSchedule
from bench.world.simulated_world import SimulatedWorld
from bench.world.simulated_zone import SimulatedAuthoritativeDns, SimulatedZone
from cognito_failover.common.deadlines import Deadline
from cognito_failover.common.region import Instant, PerRole, RegionRole
from cognito_failover.controller.bounded_calls import RoundBudget
from cognito_failover.controller.invocation import Invocation
from cognito_failover.controller.reconciler import Levers
from cognito_failover.controller.round import INTERNAL_ERROR, RoundRunner
from cognito_failover.core.model.event import Event, EventKind
from cognito_failover.core.model.state import ControllerState, VerdictStreak
from cognito_failover.core.round_result import RoundResult
from cognito_failover.core.verdict import SERVING_VERDICTS
from cognito_failover.operator.operator import OperatorService
from cognito_failover.routing.dns.user_locator import DnsUserLocator
from cognito_failover.routing.records.record_group import RecordGroup
from cognito_failover.routing.records.weighted_records import WeightedRecords
from cognito_failover.settings.controller import Settings
from cognito_failover_testing.memory_ledger import MemoryLedger

DEFAULT_SETTINGS: Mapping[str, Any] = {}
"""The default settings."""

MULTI_OBSERVER_SETTINGS: Mapping[str, Any] = {"remote_observers": ("eu-west-1", "us-west-2")}
"""Two observers in third Regions in addition to the controller: a majority of the three decides."""

FASTEST_SETTINGS: Mapping[str, Any] = {
    "suspect_rounds": 2,
    "suspect_interval_seconds": 2,
    "connect_timeout_seconds": 1.0,
    "read_timeout_seconds": 1.5,
    "probe_deadline_seconds": 2.5,
    "cool_down_seconds": 300,
    "max_automatic_moves_per_day": 4,
}
"""The lowest settings at which a single sick round does not move users."""

FUNCTION_TIMEOUT_SECONDS = 118.0
"""The function's timeout in the template."""

SKIP_MARGIN_SECONDS = 60.0
"""Margin between the end of a skipped period and the next change, so that missing and late starts do not matter."""


class SimulatedClock:
    """A clock that advances only by waiting."""

    def __init__(self) -> None:
        self.now: Instant = 0.0

    def __call__(self) -> Instant:
        """Return the time."""
        return self.now

    def wait(self, seconds: float) -> None:
        """Advance the time."""
        self.now += seconds


class SimulationNotifier:
    """Collects published events and internal errors, and counts the rounds."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.rounds = 0
        self.internal_errors: list[str] = []

    def record_round(self, result: RoundResult, *, took_seconds: float) -> None:  # noqa: ARG002 - not needed here
        """Count the round. Collect its internal error: the controller survives it, but the figures would be wrong."""
        self.rounds += 1
        if result.reason == INTERNAL_ERROR:
            self.internal_errors.append(result.failure)

    def publish(self, events: tuple[Event, ...]) -> tuple[Event, ...]:
        """Collect the events and return all of them as delivered."""
        self.events.extend(events)
        return events


class NullRefresher:
    """A refresher that does nothing: the simulation has no keys and no credentials."""

    def warm_up(self, deadline: Deadline) -> None:
        """Do nothing."""

    def refresh(self, deadline: Deadline) -> None:
        """Do nothing."""


class SimulatedController:
    """One deployment of the controller in one simulated world.

    Parameters
    ----------
    world
        The simulated world.
    overrides
        Settings that differ from the defaults.
    has_latch
        Whether a latch is attached to the records.
    skip_idle
        Whether to skip periods in which nothing can happen.

    """

    def __init__(
        self,
        world: SimulatedWorld,
        overrides: Mapping[str, Any] = DEFAULT_SETTINGS,
        *,
        has_latch: bool = False,
        skip_idle: bool = True,
    ) -> None:
        self._world = world
        self._settings = make_settings(overrides)
        self._skip_idle = skip_idle
        self._schedule = InvocationSchedule(world.rng)
        self._clock = SimulatedClock()
        self._name_servers = SimulatedNameServers(world.rng)
        zone = SimulatedZone(
            "example.com", world=world, name_servers=self._name_servers, clock=self._clock, wait=self._clock.wait
        )
        authority = SimulatedAuthoritativeDns(
            zone, self._name_servers, standby_region=self._settings.standby_region, clock=self._clock
        )
        lever = WeightedRecords(group=RecordGroup.from_settings(self._settings), zone=zone)
        prober = SimulatedObserver(
            settings=self._settings,
            region=self._settings.standby_region,
            world=world,
            clock=self._clock,
            wait=self._clock.wait,
            standby_load=lambda: self._name_servers.compute_mean_share(self._clock.now),
        )
        remote_observers = [
            SimulatedRemoteObserver(
                region,
                settings=self._settings,
                world=world,
                standby_load=lambda: self._name_servers.compute_mean_share(self._clock.now),
            )
            for region in self._settings.remote_observers
        ]
        self._ledger = (
            SharedLedger(remote_observers, world=world, clock=self._clock) if remote_observers else MemoryLedger()
        )
        self._notifier = SimulationNotifier()
        latch = SimulatedLatch(
            zone=zone, name_servers=self._name_servers, rng=world.rng, clock=self._clock, wait=self._clock.wait
        )
        levers = Levers(
            records=lever,
            latches=(latch,) if has_latch else (),
            locator=DnsUserLocator(self._settings, authority=authority, clock=self._clock),
        )
        round_runner = RoundRunner(
            settings=self._settings,
            ledger=self._ledger,
            prober=prober,
            levers=levers,
            clock=self._clock,
            sleep=self._clock.wait,
        )
        round_budget = RoundBudget()
        self._invocation = Invocation(
            settings=self._settings,
            round_runner=round_runner,
            lease_store=self._ledger,
            notifier=self._notifier,
            refresher=NullRefresher(),
            round_budget=round_budget,
            clock=self._clock,
            monotonic=self._clock,
            sleep=self._clock.wait,
        )
        operator = OperatorService(
            settings=self._settings,
            ledger=self._ledger,
            prober=prober,
            round_runner=round_runner,
            notifier=self._notifier,
            round_budget=round_budget,
            clock=self._clock,
            sleep=self._clock.wait,
        )
        self._human_operator = HumanOperator(operator, world)

    @property
    def state(self) -> ControllerState:
        """The saved state."""
        saved = self._ledger.load()
        if saved is None:
            raise ValueError("no round has been made yet")
        return saved.state

    @property
    def round_count(self) -> int:
        """The number of rounds."""
        return self._notifier.rounds

    def simulate(self) -> SimulationResult:
        """Run until the world's end.

        Raises
        ------
        RuntimeError
            If a round had an internal error: the result would be worthless.

        """
        minute = 0
        while minute * MINUTE_SECONDS < self._world.end:
            at = self._schedule.get_start_time(minute)
            minute += 1
            if at is None:
                continue
            # A late invocation waits for the lease of the previous one.
            self._clock.now = max(self._clock.now, at)
            self._invocation.run(f"minute-{minute}", self._make_remaining_seconds(self._clock.now))
            self._human_operator.act(self.state, self._clock.now)
            if (busy_minute := self._find_end_of_idle()) > minute:
                minute = busy_minute
                self._add_skipped_rounds(self._schedule.get_due_time(minute))
        if errors := self._notifier.internal_errors:
            raise RuntimeError(f"{len(errors)} rounds failed, the first with: {errors[0]}")
        return self._build_result()

    def _make_remaining_seconds(self, started_at: Instant) -> Callable[[], float]:
        return lambda: started_at + FUNCTION_TIMEOUT_SECONDS - self._clock.now

    def _find_end_of_idle(self) -> int:
        """Return the next minute in which something may happen. 0 if nothing can be skipped."""
        if not (self._skip_idle and self._is_idle()):
            return 0
        now = self._clock.now
        # The last round has not seen a change since it began to probe. A remote observer's view of a change may arrive
        # only after its previous observation has expired.
        stale_seconds = self._settings.observation_ttl_seconds if self._settings.remote_observers else 0.0
        seen_until = self._get_last_round_time() - self._settings.probe_deadline_seconds - stale_seconds
        next_event = min(
            self._world.find_next_change(seen_until),
            self._human_operator.next_action_at(self.state, now),
            self._world.end,
        )
        return self._schedule.find_last_minute_before(next_event - SKIP_MARGIN_SECONDS)

    def _is_idle(self) -> bool:
        """Return whether rounds can only increase their counters until the world changes.

        That is the case if every attempt has the same outcome, no move is in progress or wanted, no event would be
        published again, and no rule waits for a number of rounds.
        """
        state = self.state
        return (
            self._world.is_deterministic(self._clock.now)
            and state.move is None
            and state.pending_weight_sync is None
            and not any(latch.problem for latch in state.latches.values())
            and not state.blocked_by
            and not state.active_suspicion.is_active
            and not state.undelivered_events
            and state.streaks[state.active_role].verdict in SERVING_VERDICTS
            and all(self._is_streak_saturated(role, state) for role in RegionRole)
            and all(backoff.consecutive_rejections == 0 for _, backoff in state.backoffs)
        )

    def _is_streak_saturated(self, role: RegionRole, state: ControllerState) -> bool:
        """Return whether further rounds with the same verdict about a Region make no difference to any rule."""
        streak = state.streaks[role]
        is_serving = streak.verdict in SERVING_VERDICTS
        is_clearing_degradation = is_serving and state.degraded_verdicts[role] is not None
        may_fail_back = is_serving and role is RegionRole.PRIMARY and state.active_role is RegionRole.STANDBY
        is_recovering = may_fail_back or is_clearing_degradation
        rounds = streak.serving_rounds if is_recovering else streak.rounds
        return rounds >= (self._settings.recovery_rounds if is_recovering else self._settings.suspect_rounds)

    def _add_skipped_rounds(self, until: Instant) -> None:
        """Add the skipped rounds to the streaks, as if the last of them had just ended."""
        saved = self._ledger.load()
        interval_seconds = self._settings.round_interval_seconds
        skipped = int((until - self._get_last_round_time()) // interval_seconds)
        if saved is None or skipped <= 0:
            return
        streaks = PerRole(
            primary=_add_rounds(saved.state.streaks.primary, skipped),
            standby=_add_rounds(saved.state.streaks.standby, skipped),
        )
        state = replace(saved.state, last_round_at=until - interval_seconds, streaks=streaks)
        self._ledger.save(state, expected=saved.version)

    def _get_last_round_time(self) -> Instant:
        last_round_at = self.state.last_round_at
        return self.state.created_at if last_round_at is None else last_round_at

    def _build_result(self) -> SimulationResult:
        submitted: dict[tuple[str, bool], SimulatedMove] = {}
        for event in self._notifier.events:
            if event.kind in {EventKind.MOVE_SUBMITTED, EventKind.LATCH_SET} and event.move is not None:
                move = event.move
                simulated_move = SimulatedMove(
                    decided_at=move.decided_at, destination=move.destination, is_automatic=move.is_automatic
                )
                submitted.setdefault((move.id, move.is_rolling_back), simulated_move)
        return SimulationResult(
            suspected_at=tuple(event.at for event in self._notifier.events if event.kind is EventKind.SUSPECTED),
            moves=tuple(submitted.values()),
            answers=self._name_servers.list_share_changes(),
        )


def _add_rounds(streak: VerdictStreak, rounds: int) -> VerdictStreak:
    return replace(streak, rounds=streak.rounds + rounds)


def simulate(
    world: SimulatedWorld, overrides: Mapping[str, Any] = DEFAULT_SETTINGS, *, has_latch: bool = False
) -> SimulationResult:
    """Run the controller in a world."""
    return SimulatedController(world, overrides, has_latch=has_latch).simulate()


def make_settings(overrides: Mapping[str, Any]) -> Settings:
    """Return the settings of an example deployment in the article's Regions, with these overrides."""
    primary, standby = "ap-northeast-1", "us-east-1"
    return Settings(
        primary_region=primary,
        standby_region=standby,
        user_pool_id=f"{primary}_Example00",
        client_id="1example23456789",
        canary_secret_arn=f"arn:aws:secretsmanager:{standby}:111122223333:secret:canary-AbCdEf",
        hosted_zone_id="Z0EXAMPLE",
        domain_name="auth.example.com",
        primary_target="primary.target.example.com",
        standby_target="standby.target.example.com",
        table_name="ledger",
        topic_arn=f"arn:aws:sns:{standby}:111122223333:failover",
        **overrides,
    )
