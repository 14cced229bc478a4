"""Judges a week by where DNS sends clients: who was moved, by which decision, and how long users sat on a sick side."""

from collections.abc import Callable
from dataclasses import dataclass, field

from bench.world.region_health import RegionHealth, ReplicaState
from cognito_failover.common.region import Instant, PerRole, RegionRole
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.common.time_budget import CONFIRMATION_TIMEOUT_SECONDS, INVOCATION_INTERVAL_SECONDS
from cognito_failover.core.failure_detector import MAX_GAP_INTERVALS
from cognito_failover.core.model.move import Move
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.observation import Observation
from cognito_failover.core.rules import DAY_SECONDS, MAX_HOLD_SECONDS, Rule
from cognito_failover.core.verdict import SERVING_VERDICTS, Verdict
from cognito_failover.settings.controller import Settings
from tests.support.random_weeks.dns import CHECK_SECONDS, SPREAD_SECONDS
from tests.support.random_weeks.schedule import NOISE_RATE

DEAD_RATE = 0.95
"""Share of failing requests at which a Region counts as dead."""

SEEN_WITHIN_SECONDS = 240.0
"""Time within which the controller knows where users are: two looks at rest, and a process that dies between them."""

SAME_SHARE = 0.02
"""Shares that differ by less are the same."""

SURE_DEATH_SECONDS = 60.0
"""A Region that has been dead for so long has been seen dead."""


def compute_bound_seconds(settings: Settings) -> float:
    """Return the promised maximum time that users stay on a sick side.

    It counts from the moment at which nothing forbids the move: the other side is seen well, a lever works, and the
    cool-down, the daily limit and every person allow it.
    """
    reasons = {
        "two looks at rest, after others have moved users": 2 * INVOCATION_INTERVAL_SECONDS,
        "detection of the outage": settings.max_detection_seconds,
        "a process that dies on the way: its lease, and the next minute": settings.lease_seconds
        + INVOCATION_INTERVAL_SECONDS,
        "a name server that is silent while an earlier move is confirmed": CONFIRMATION_TIMEOUT_SECONDS,
        "a round in which a call hangs": settings.lease_seconds,
        "the lever's effect in DNS": max(*SPREAD_SECONDS.values(), CHECK_SECONDS),
    }
    return sum(reasons.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A promise that was broken."""

    at: Instant
    promise: str
    cause: str


@dataclass(slots=True, kw_only=True)
class Report:
    """The result of one week.

    Attributes
    ----------
    exposed_seconds
        How long users sat on a dead side while the other was well.
    movable_seconds
        How long of it nothing forbade a move, and a lever was in reach.
    late_seconds
        How long of that was beyond the bound, by what the controller waited for.
    unseen_seconds
        How long the controller believed users in a Region where DNS did not send them, beyond `SEEN_WITHIN_SECONDS`.
    findings
        The broken promises.
    round_count
        The number of rounds.

    """

    exposed_seconds: float = 0.0
    movable_seconds: float = 0.0
    late_seconds: dict[str, float] = field(default_factory=dict)
    unseen_seconds: float = 0.0
    findings: list[Finding] = field(default_factory=list)
    round_count: int = 0


@dataclass(slots=True, kw_only=True)
class ServingStreak:
    """The rounds in a row in which the observer saw a Region serve."""

    rounds: int = 0
    since: Instant = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldView:
    """What the judge knows of the world.

    Attributes
    ----------
    names
        The steered names.
    client_shares, settled_shares
        Return where DNS sends the clients of a name now, and once all is spread.
    can_reach
        Returns whether levers that work would send all clients of a name to a Region.
    health
        Returns the true health of a Region now.
    has_witness
        Returns whether DNS shows where the users of a name are: every name server answers with current records.
    can_run
        Returns whether rounds run: the function is invoked, the table answers, the network works.
    state
        Returns the saved state; None if there is none.
    has_person_aborted
        Returns whether a person aborted an automatic move and has not acknowledged since.
    now, controller_now
        Return the true time, and the controller's.

    """

    names: tuple[SteeredName, ...]
    client_shares: Callable[[SteeredName], PerRole[float]]
    settled_shares: Callable[[SteeredName], PerRole[float]]
    can_reach: Callable[[SteeredName, RegionRole], bool]
    health: Callable[[RegionRole], RegionHealth]
    has_witness: Callable[[SteeredName], bool]
    can_run: Callable[[], bool]
    state: Callable[[], ControllerState | None]
    has_person_aborted: Callable[[], bool]
    now: Callable[[], Instant]
    controller_now: Callable[[], Instant]


class Judge:
    """Compares what the controller does with its promises.

    Parameters
    ----------
    world
        What the judge knows of the world.
    settings
        The policy.
    note
        Called with each finding.

    """

    def __init__(self, world: WorldView, settings: Settings, *, note: Callable[[str], None]) -> None:
        self._note = note
        self._world = world
        self._settings = settings
        self._bound_seconds = compute_bound_seconds(settings)
        self._judged_until = world.now()
        self._movable_since: dict[tuple[SteeredName, RegionRole], Instant] = {}
        self._dead_since: dict[RegionRole, Instant] = {}
        self._streaks = {role: ServingStreak() for role in RegionRole}
        self._last_observed_at: Instant | None = None
        self._shares_before: dict[SteeredName, PerRole[float]] = {}
        self._unseen_since: dict[SteeredName, Instant] = {}
        self._verdicts: dict[RegionRole, Verdict] = {}
        self.report = Report()

    def on_observation(self, observation: Observation) -> None:
        """Note what the controller's observer saw."""
        self.report.round_count += 1
        at, last = observation.observed_at, self._last_observed_at
        gap_seconds = MAX_GAP_INTERVALS * self._settings.round_interval_seconds
        is_in_row = last is not None and 0 <= at - last <= gap_seconds
        self._last_observed_at = at
        for role, reading in observation.readings:
            self._verdicts[role] = reading.verdict
            streak = self._streaks[role]
            if reading.verdict not in SERVING_VERDICTS:
                streak.rounds = 0
            elif streak.rounds and is_in_row:
                streak.rounds += 1
            else:
                streak.rounds, streak.since = 1, at

    @property
    def judged_until(self) -> Instant:
        """The end of the time that is judged."""
        return self._judged_until

    def add_internal_error(self, error: str) -> None:
        """Note an internal error of the controller or the operator function."""
        self._add(self._world.now(), "no internal error", error[:200])

    def on_clock_jump(self) -> None:
        """Start all waits again: after a jump of the controller's clock no rounds are in a row."""
        self._movable_since.clear()
        self._unseen_since.clear()
        for streak in self._streaks.values():
            streak.rounds = 0

    def on_skip(self) -> None:
        """Note that the rounds of a quiet time were skipped, as if they had been made."""
        self._last_observed_at = self._world.controller_now()

    def before_change(self) -> None:
        """Note where users are to be before the controller changes records or a switch."""
        self._shares_before = {name: self._world.settled_shares(name) for name in self._world.names}

    def after_change(self, lever: str) -> None:
        """Judge a change by the controller."""
        state, now = self._world.state(), self._world.now()
        for name, before in self._shares_before.items():
            after = self._world.settled_shares(name)
            for role in RegionRole:
                if after[role] > before[role] + 1e-9:
                    self._judge_move(name, role, lever, state, now)

    def judge(self) -> None:
        """Judge the time since the last call."""
        now = self._world.now()
        seconds, self._judged_until = now - self._judged_until, now
        if seconds > 0:
            for name in self._world.names:
                self._judge_belief(name, seconds, now)
        dead = {role for role in RegionRole if _is_dead(self._world.health(role))}
        self._dead_since = {role: self._dead_since.get(role, now) for role in dead}
        if len(dead) != 1 or seconds <= 0:
            self._movable_since.clear() if seconds > 0 else None
            return
        sick = next(iter(dead))
        well = sick.opposite
        if not _is_well(self._world.health(well)):
            self._movable_since.clear()
            return
        for name in self._world.names:
            self._judge_exposure(name, sick, seconds, now)

    def _judge_belief(self, name: SteeredName, seconds: float, now: Instant) -> None:
        """Compare where DNS sends users with where the controller believes them."""
        shares, state = self._world.client_shares(name), self._world.state()
        roles = [role for role in RegionRole if shares[role] >= 1.0 - SAME_SHARE]
        can_see = state is not None and state.move is None and self._world.can_run() and self._world.has_witness(name)
        if state is None or not can_see or not roles or find_believed_role(state, name) is roles[0]:
            self._unseen_since.pop(name, None)
            return
        unseen_seconds = now - self._unseen_since.setdefault(name, now - seconds) - SEEN_WITHIN_SECONDS
        if unseen_seconds <= 0:
            return
        self.report.unseen_seconds += min(seconds, unseen_seconds)
        if unseen_seconds <= seconds:
            self._add(now, "the controller knows where users are", f"{name} is on the {roles[0]}")

    def _judge_exposure(self, name: SteeredName, sick: RegionRole, seconds: float, now: Instant) -> None:
        key = (name, sick)
        if self._world.client_shares(name)[sick] <= 0:
            self._movable_since.pop(key, None)
            return
        self.report.exposed_seconds += seconds
        if not self._is_movable(name, sick.opposite):
            self._movable_since.pop(key, None)
            return
        self.report.movable_seconds += seconds
        since = self._movable_since.setdefault(key, now - seconds)
        late_seconds = now - since - self._bound_seconds
        if late_seconds <= 0:
            return
        cause = self._describe_wait(name, sick)
        if late_seconds <= seconds:
            self._add(now, "users stay on a sick side", cause)
        self.report.late_seconds[cause] = self.report.late_seconds.get(cause, 0.0) + min(seconds, late_seconds)

    def _is_movable(self, name: SteeredName, target: RegionRole) -> bool:
        state = self._world.state()
        if state is None or not self._world.can_run():
            return False
        return (
            self._is_seen_well(target)
            and not self._is_forbidden(state)
            and not self._is_new_hold(state, target.opposite)
            and self._world.can_reach(name, target)
        )

    def _is_seen_well(self, role: RegionRole) -> bool:
        """Return whether the observer has seen the Region serve for as long as a move to it needs."""
        streak, settings = self._streaks[role], self._settings
        if role is RegionRole.STANDBY or not streak.rounds:
            return bool(streak.rounds)
        seconds = (self._last_observed_at or 0.0) - streak.since
        required_seconds = (settings.recovery_rounds - 1) * settings.round_interval_seconds
        return streak.rounds >= settings.recovery_rounds and seconds >= required_seconds

    def _is_forbidden(self, state: ControllerState) -> bool:
        """Return whether a person or a limit that a person has set forbids an automatic move now."""
        now, settings = self._world.controller_now(), self._settings
        is_paused = state.pause is not None and state.pause.until > now
        is_overridden = (state.hold is not None and state.hold.bars_rescue) or (
            state.move is not None and Rule.TARGET_HEALTHY in state.move.overridden_rules
        )
        is_cooling = 0 < state.cool_down_until - now <= settings.cool_down_seconds
        day_count = sum(0 <= now - at < DAY_SECONDS for at in state.automatic_move_times)
        return (
            is_paused
            or state.is_observe_only
            or is_overridden
            or self._world.has_person_aborted()
            or is_cooling
            or day_count >= settings.max_automatic_moves_per_day
        )

    def _is_new_hold(self, state: ControllerState, sick: RegionRole) -> bool:
        """Return whether a person has moved users by hand to a Region that was dead already, a short time ago.

        The person has that time to go on, or to pause automation.
        """
        if state.hold is None:
            return False
        skew_seconds = self._world.controller_now() - self._world.now()
        was_dead = self._dead_since[sick] + skew_seconds <= state.hold.since + SURE_DEATH_SECONDS
        return was_dead and 0 <= self._world.controller_now() - state.hold.since <= MAX_HOLD_SECONDS

    def _describe_wait(self, name: SteeredName, sick: RegionRole) -> str:
        """Return what the controller waits for, as a class of causes."""
        state = self._world.state()
        if state is None:
            return "no state"
        where = "believed elsewhere, " if state.active_role is not sick else ""
        if state.drill:
            return f"{where}drill {state.drill.kind} {state.drill.stage}"
        if state.move:
            kind = "automatic" if state.move.is_automatic else "manual"
            return f"{where}{kind} move {state.move.mode} not ended"
        if state.hold:
            return f"{where}hold by an external change"
        sync = ", weights to follow" if state.pending_weight_sync else ""
        return f"{where}blocked by {state.blocked_by or 'nothing'}{sync} ({name})"

    def _judge_move(
        self, name: SteeredName, role: RegionRole, lever: str, state: ControllerState | None, now: Instant
    ) -> None:
        move = state.move if state else None
        if state is None or move is None:
            pending = state is not None and state.pending_weight_sync is not None
            kind = "weights that follow a latch" if pending else f"a change of the {lever}"
            mood = ""
            if state and (state.pause or state.is_observe_only):
                mood = ", while automation is off"
            if _is_dead(self._world.health(role)):
                mood += ", to a dead side"
            self._add(now, "users are moved without a decision", f"{kind}{mood}")
            return
        if role is not move.destination and not self._is_at_step(name, move):
            self._add(now, "users are moved against the decision", f"{move.mode} by the {lever}")
        is_surely_dead = now - self._dead_since.get(role, now) >= SURE_DEATH_SECONDS
        is_overridden = Rule.TARGET_HEALTHY in move.overridden_rules
        if is_surely_dead and not is_overridden and self._verdicts.get(role) not in SERVING_VERDICTS:
            self._add(
                now,
                "users are moved to a dead side",
                f"{'automatic' if move.is_automatic else 'manual'} {move.mode} by the {lever}",
            )

    def _is_at_step(self, name: SteeredName, move: Move) -> bool:
        """Return whether users are shared as the current step wants it. A first step may be behind a split by hand."""
        total = move.weights.primary + move.weights.standby
        share = self._world.settled_shares(name)[move.target]
        return move.is_stepped and abs(share - move.weights[move.target] / total) < SAME_SHARE

    def _add(self, at: Instant, promise: str, cause: str) -> None:
        self.report.findings.append(Finding(at=at, promise=promise, cause=cause))
        self._note(f"{promise}: {cause}")


def find_believed_role(state: ControllerState, name: SteeredName) -> RegionRole | None:
    """Return where the controller believes the users of a name."""
    return state.locations[name].role if name in state.locations else None


def _is_dead(health: RegionHealth) -> bool:
    return health.failure_rate >= DEAD_RATE


def _is_well(health: RegionHealth) -> bool:
    return (
        health.failure_rate <= NOISE_RATE
        and health.throttle_rate <= NOISE_RATE
        and health.replica_state is ReplicaState.ACTIVE
    )
