"""The controller of this repository: its own decision, rounds, invocation and lever, in a simulated world."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from bench.played import Moved, Played
from bench.policies.colleague import Colleague
from bench.policies.further import Lookout, SharedLedger
from bench.policies.observer import SimulatedObserver
from bench.world.latch import SimulatedLatch
from bench.world.name_servers import NameServers
from bench.world.schedule import MINUTE_SECONDS, Schedule
from bench.world.world import World
from bench.world.zone import SimulatedAuthority, SimulatedZone
from failover.bounded import Deadline
from failover.decision.announcement import Announcement, Kind
from failover.decision.knowledge import GOOD
from failover.decision.state import State, Streak
from failover.ledger.memory import MemoryLedger
from failover.levers.record_group import RecordGroup
from failover.levers.weighted_records import WeightedRecords
from failover.region import Instant, PerSide, Side
from failover.rounds.invocation import Invocation
from failover.rounds.look import Levers
from failover.rounds.operating import Operator
from failover.rounds.punctual import Timekeeper
from failover.rounds.round import OWN_FAULT, Report, Rounds
from failover.settings import Settings

DEFAULT: Mapping[str, Any] = {}
"""The settings as deployed without a thought."""

OBSERVED: Mapping[str, Any] = {"further_observers": ("eu-west-1", "us-west-2")}
"""Two observers in third Regions beside the controller: a majority of three decides what is known."""

FASTEST: Mapping[str, Any] = {
    "suspect_rounds": 2,
    "suspect_interval_seconds": 2,
    "connect_timeout_seconds": 1.0,
    "read_timeout_seconds": 1.5,
    "probe_deadline_seconds": 2.5,
    "cool_down_seconds": 300,
    "max_automatic_moves_per_day": 4,
}
"""The least of each that the settings allow while a single bad round still moves nobody."""

INVOCATION_ALLOWED_SECONDS = 118.0
"""The function's timeout in the template."""

QUIET_MARGIN_SECONDS = 60.0
"""How much earlier than needed a quiet stretch is left, so that skipped and late starts don't matter."""


class Clock:
    """Time that passes when somebody waits."""

    def __init__(self) -> None:
        self.now: Instant = 0.0

    def __call__(self) -> Instant:
        """Return the time."""
        return self.now

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


class Told:
    """Keeps what was announced, and counts the rounds."""

    def __init__(self) -> None:
        self.announcements: list[Announcement] = []
        self.rounds = 0
        self.faults: list[str] = []

    def round(self, report: Report, *, took_seconds: float) -> None:  # noqa: ARG002 - nobody reads it here
        """Count rounds, and keep what failed in them by a fault of their own: they outlast it, figures would not."""
        self.rounds += 1
        if report.reason == OWN_FAULT:
            self.faults.append(report.failure)

    def tell(self, announcements: tuple[Announcement, ...]) -> tuple[Announcement, ...]:
        """Keep transitions; all of them arrive."""
        self.announcements.extend(announcements)
        return announcements


class NothingToRefresh:
    """Stands where keys and credentials are kept fresh: the simulation has none."""

    def warm_up(self, deadline: Deadline) -> None:
        """Do nothing."""

    def refresh(self, deadline: Deadline) -> None:
        """Do nothing."""


class Controller:
    """One deployment in one world.

    Parameters
    ----------
    world
        What is true.
    changes
        Settings other than the defaults.
    latched
        Whether the latch is attached to the records.
    skip_quiet
        Whether stretches are left out in which nothing can happen.

    """

    def __init__(
        self, world: World, changes: Mapping[str, Any] = DEFAULT, *, latched: bool = False, skip_quiet: bool = True
    ) -> None:
        self._world = world
        self._settings = settings_with(changes)
        self._skip_quiet = skip_quiet
        self._schedule = Schedule(world.chance)
        self._clock = Clock()
        self._servers = NameServers(world.chance)
        zone = SimulatedZone(
            "example.com", world=world, servers=self._servers, clock=self._clock, wait=self._clock.wait
        )
        lever = WeightedRecords(
            group=RecordGroup.from_settings(self._settings),
            zone=zone,
            authority=SimulatedAuthority(
                zone, self._servers, standby_region=self._settings.standby_region, clock=self._clock
            ),
        )
        probe = SimulatedObserver(
            settings=self._settings,
            region=self._settings.standby_region,
            world=world,
            clock=self._clock,
            wait=self._clock.wait,
            standby_load=lambda: self._servers.mean_share(self._clock.now),
        )
        lookouts = [
            Lookout(
                region,
                settings=self._settings,
                world=world,
                standby_load=lambda: self._servers.mean_share(self._clock.now),
            )
            for region in self._settings.further_observers
        ]
        self._ledger = SharedLedger(lookouts, world=world, clock=self._clock) if lookouts else MemoryLedger()
        self._told = Told()
        latch = SimulatedLatch(
            zone=zone, servers=self._servers, chance=world.chance, clock=self._clock, wait=self._clock.wait
        )
        levers = Levers(records=lever, latches=(latch,) if latched else ())
        rounds = Rounds(settings=self._settings, ledger=self._ledger, probe=probe, levers=levers, clock=self._clock)
        timekeeper = Timekeeper()
        self._invocation = Invocation(
            settings=self._settings,
            rounds=rounds,
            ledger=self._ledger,
            signals=self._told,
            refresher=NothingToRefresh(),
            timekeeper=timekeeper,
            clock=self._clock,
            monotonic=self._clock,
            sleep=self._clock.wait,
        )
        operator = Operator(
            settings=self._settings,
            ledger=self._ledger,
            probe=probe,
            rounds=rounds,
            signals=self._told,
            timekeeper=timekeeper,
            clock=self._clock,
            sleep=self._clock.wait,
        )
        self._colleague = Colleague(operator, world)

    @property
    def state(self) -> State:
        """What is remembered."""
        saved = self._ledger.load()
        if saved is None:
            raise ValueError("no round has been made yet")
        return saved.state

    @property
    def rounds_made(self) -> int:
        """How many rounds were made."""
        return self._told.rounds

    def play(self) -> Played:
        """Run until the world's end.

        Raises
        ------
        RuntimeError
            If a round failed by a fault of its own: what came of the rest would be worth nothing.

        """
        minute = 0
        while minute * MINUTE_SECONDS < self._world.end:
            at = self._schedule.start(minute)
            minute += 1
            if at is None:
                continue
            # An invocation that is late waits for the lease of the one before.
            self._clock.now = max(self._clock.now, at)
            self._invocation.run(f"minute-{minute}", self._seconds_left(self._clock.now))
            self._colleague.look(self.state, self._clock.now)
            if (busy_again := self._end_of_quiet()) > minute:
                minute = busy_again
                self._count_quiet_rounds(self._schedule.due_at(minute))
        if self._told.faults:
            raise RuntimeError(f"{len(self._told.faults)} rounds failed, the first with: {self._told.faults[0]}")
        return self._played()

    def _seconds_left(self, began_at: Instant) -> Callable[[], float]:
        return lambda: began_at + INVOCATION_ALLOWED_SECONDS - self._clock.now

    def _end_of_quiet(self) -> int:
        """Return the next minute that may be of any interest."""
        if not (self._skip_quiet and self._is_quiet()):
            return 0
        now = self._clock.now
        # What changed since the last round began to look has not been seen yet; what further observers see, perhaps
        # not until what they saw before is too old to count.
        unheard_seconds = self._settings.fresh_seconds if self._settings.further_observers else 0.0
        seen_until = self._last_round_at() - self._settings.probe_deadline_seconds - unheard_seconds
        next_event = min(self._world.next_change(seen_until), self._colleague.acts_at(self.state, now), self._world.end)
        return self._schedule.last_minute_before(next_event - QUIET_MARGIN_SECONDS)

    def _is_quiet(self) -> bool:
        """Tell whether rounds, until the world changes, can do nothing but count themselves.

        So it is if every attempt has the same outcome, no move is under way or wanted, what has been told would not
        be told again, and no rule still waits for rounds to be counted.
        """
        state = self.state
        return (
            self._world.certain(self._clock.now)
            and state.move is None
            and state.trailing is None
            and not any(latch.trouble for latch in state.latches.values())
            and not state.blocked_by
            and not state.suspected.stands
            and not state.untold
            and state.streaks[state.active].verdict in GOOD
            and all(self._has_been_counted(side, state) for side in Side)
            and all(backoff.strikes == 0 for _, backoff in state.backoffs)
        )

    def _has_been_counted(self, side: Side, state: State) -> bool:
        """Tell whether further rounds with the same verdict about a side make no difference to any rule."""
        streak = state.streaks[side]
        is_well = streak.verdict in GOOD
        to_be_cleared = is_well and state.concerns[side] is not None
        may_be_returned_to = is_well and side is Side.PRIMARY and state.active is Side.STANDBY
        believed = may_be_returned_to or to_be_cleared
        return streak.rounds >= (self._settings.recovery_rounds if believed else self._settings.suspect_rounds)

    def _count_quiet_rounds(self, until: Instant) -> None:
        """Count the rounds that were left out, as if the last of them had just been made."""
        saved = self._ledger.load()
        interval_seconds = self._settings.round_interval_seconds
        left_out = int((until - self._last_round_at()) // interval_seconds)
        if saved is None or left_out <= 0:
            return
        counted = PerSide(
            primary=_with_rounds(saved.state.streaks.primary, left_out),
            standby=_with_rounds(saved.state.streaks.standby, left_out),
        )
        state = replace(saved.state, last_round_at=until - interval_seconds, streaks=counted)
        self._ledger.save(state, expected=saved.version)

    def _last_round_at(self) -> Instant:
        last_round_at = self.state.last_round_at
        return self.state.born_at if last_round_at is None else last_round_at

    def _played(self) -> Played:
        submitted: dict[tuple[str, bool], Moved] = {}
        for each in self._told.announcements:
            if each.kind in {Kind.MOVE_SUBMITTED, Kind.LATCH_SET} and each.move is not None:
                move = each.move
                moved = Moved(decided_at=move.decided_at, to=move.destination, automatic=move.automatic)
                submitted.setdefault((move.id, move.reverting), moved)
        return Played(
            suspected=tuple(each.at for each in self._told.announcements if each.kind is Kind.SUSPECTED),
            moves=tuple(submitted.values()),
            answers=self._servers.steps(),
        )


def _with_rounds(streak: Streak, rounds: int) -> Streak:
    return replace(streak, rounds=streak.rounds + rounds)


def play(world: World, changes: Mapping[str, Any] = DEFAULT, *, latched: bool = False) -> Played:
    """Let the controller run in a world."""
    return Controller(world, changes, latched=latched).play()


def settings_with(changes: Mapping[str, Any]) -> Settings:
    """Return the settings of an invented deployment, the article's pair, with some changed."""
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
        **changes,
    )
