"""A walk through every state that the controller can reach, by every event.

The walk is breadth-first and runs the production code with its in-memory twins; nothing is modelled. Two states are
equal for the walk if their keys are equal, see `compute_state_key`. The walk visits each state once. In each state it
triggers every event once, in a new process.
"""

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from cognito_failover.common.region import RegionRole
from cognito_failover.core.failure_detector import MAX_GAP_INTERVALS
from cognito_failover.core.model.event import Event, EventKind
from cognito_failover.core.model.move import Move
from cognito_failover.core.model.records import RecordSet
from cognito_failover.core.model.state import ControllerState, Hold
from cognito_failover.core.rules import DAY_SECONDS, MAX_HOLD_SECONDS, compute_startup_grace_seconds
from cognito_failover.core.verdict import Verdict
from cognito_failover.settings.controller import Settings
from tests.exhaustive.events import EVENTS, WalkEvent
from tests.support.controller_harness import DOMAIN_RECORD_NAME, ControllerHarness

SMALLEST_SETTINGS: dict[str, Any] = {
    "suspect_rounds": 2,
    "recovery_rounds": 3,
    "cool_down_seconds": 140,
    "max_automatic_moves_per_day": 1,
}
"""The smallest thresholds that the settings allow. Larger ones only need more steps for the same effects."""

BAKE_SECONDS = 60.0
"""The bake time of a step: the records' TTL, which is longer than two rounds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StateTransition:
    """The effect of one event in one state.

    Attributes
    ----------
    event
        The event.
    started_at, ended_at
        The time in Unix seconds.
    before, after
        The saved state; None if no state was saved.
    events
        The reported events, in order.
    traffic_before, traffic_after
        The weights of the records, the primary first; empty without records.
    settings
        The controller's settings.

    """

    event: WalkEvent
    started_at: float
    ended_at: float
    before: ControllerState | None
    after: ControllerState | None
    events: tuple[Event, ...]
    traffic_before: tuple[int, ...]
    traffic_after: tuple[int, ...]
    settings: Settings

    @property
    def started_move(self) -> Move | None:
        """The move that the event started, or None."""
        return next((event.move for event in self.events if event.kind is EventKind.MOVE_DECIDED), None)

    @property
    def has_moved_users(self) -> bool:
        """Whether the controller changed the weights of existing records."""
        return bool(self.traffic_before) and self.traffic_after != self.traffic_before and not self.event.edits_records


class StateSpaceWalk:
    """Visits every state and yields every transition.

    Attributes
    ----------
    state_count
        The number of states.

    """

    def __init__(self) -> None:
        self._world = ControllerHarness(**SMALLEST_SETTINGS).settle()
        self._visited_keys: set[Hashable] = set()
        self._to_visit: deque[Callable[[], None]] = deque()

    @property
    def state_count(self) -> int:
        return len(self._visited_keys)

    def __iter__(self) -> Iterator[StateTransition]:
        self._enqueue_if_new()
        while self._to_visit:
            restore = self._to_visit.popleft()
            restore()
            state = _load_state(self._world)
            may_move = state is not None and (
                state.move or state.active_suspicion.compute_rounds_to_threshold(self._world.settings) <= 1
            )
            for event in EVENTS:
                if event.is_move_specific and not may_move:
                    continue
                restore()
                yield apply_event(self._world, event)
                self._enqueue_if_new()

    def _enqueue_if_new(self) -> None:
        """Queue the current state for a visit, unless an equal one was queued before."""
        key = compute_state_key(self._world)
        if key in self._visited_keys:
            return
        self._visited_keys.add(key)
        self._to_visit.append(_snapshot(self._world))


def apply_event(world: ControllerHarness, event: WalkEvent) -> StateTransition:
    """Trigger an event in a new process, and return its transition."""
    world.restart()
    world.memory.snapshot()()  # clears the history, so that it only holds the events of this transition
    before, traffic_before, began_at = _load_state(world), _read_weights(world), world.clock.now
    event.trigger(world)
    world.restore_all().name_servers.stale_records.clear()
    world.zone.unprotect(DOMAIN_RECORD_NAME, "CNAME")
    world.propagates_changes = world.prober.is_witness_reachable = True
    return StateTransition(
        event=event,
        started_at=began_at,
        ended_at=world.clock.now,
        before=before,
        after=_load_state(world),
        events=tuple(reversed(world.memory.load_history(limit=20).events)),
        traffic_before=traffic_before,
        traffic_after=_read_weights(world),
        settings=world.settings,
    )


def _snapshot(world: ControllerHarness) -> Callable[[], None]:
    now, verdicts = world.clock.now, dict(world.prober.verdicts)
    memory, zone = world.memory.snapshot(), world.zone.snapshot()

    def restore() -> None:
        world.clock.now, world.prober.verdicts = now, dict(verdicts)
        memory()
        zone()

    return restore


def compute_state_key(world: ControllerHarness) -> Hashable:
    """Return the key of a state. Two states with the same key are equal for the walk.

    The key has the side of its limit for each time, the count up to its threshold for each streak, and the Region that
    the records send users to. Without a move, it has only the suspicion of the active Region. It has only the strongest
    restraint on automation, and none during a move, because restraints do not affect a started move.
    """
    state, settings, now = _load_state(world), world.settings, world.clock.now
    if state is None:
        return _describe_routing(_read_weights(world))
    if state.move:
        return (
            state.active_role,
            _compute_move_key(state.move, state, _read_weights(world), now),
            _compute_streaks_key(state, settings, now),
        )
    known = tuple(weight for _, weight in state.weights)
    read = state.records is not None and not state.records.problem
    return (
        state.active_role,
        _describe_routing(known),
        read,
        _describe_routing(_read_weights(world))
        if read and not state.hold
        else any(_read_weights(world)) and _read_weights(world) == known,
        _compute_streaks_key(state, settings, now),
        now < state.created_at + compute_startup_grace_seconds(settings),
        _describe_hold(state.hold, state.user_roles, now)
        if state.hold
        else "abstaining"
        if state.is_observe_only or _is_paused(state, now)
        else "",
        state.user_roles,
        now < state.cool_down_until,
        any(now - at < DAY_SECONDS for at in state.automatic_move_times),
    )


def _describe_hold(hold: Hold, user_roles: frozenset[RegionRole], now: float) -> Hashable:
    """Return the Regions that a hold does not keep users in."""
    if hold.bars_rescue:
        return "held"
    return "held", user_roles if now - hold.since >= MAX_HOLD_SECONDS else user_roles & hold.served_roles


def _is_paused(state: ControllerState, now: float) -> bool:
    return state.pause is not None and state.pause.until > now


def _compute_streaks_key(state: ControllerState, settings: Settings, now: float) -> Hashable:
    """Return the score, and the verdict and rounds of each Region that a rule reads; None if no rule reads them."""
    move = state.move
    if move and (move.is_rolling_back or (move.is_started and move.is_on_last_step)):
        return None
    if state.last_round_at is None or now - state.last_round_at > MAX_GAP_INTERVALS * settings.round_interval_seconds:
        return None
    relevant_roles = RegionRole if move or len(state.user_roles) > 1 else (state.users_role.opposite,)
    suspicion = state.active_suspicion
    doubtful_rounds = round((now - suspicion.counted_at) / settings.round_interval_seconds)
    evidence_age = min(doubtful_rounds, MAX_GAP_INTERVALS) if suspicion.is_active else 0
    return (
        suspicion.score,
        evidence_age,
        *(
            (streak.verdict, min(streak.rounds, _get_counted_rounds(state, side, settings).get(streak.verdict, 1)))
            for side, streak in state.streaks
            if side in relevant_roles
        ),
    )


def _get_counted_rounds(state: ControllerState, role: RegionRole, settings: Settings) -> dict[Verdict, int]:
    """Return the highest number of consecutive rounds that matters, by verdict. For other verdicts, it is one."""
    move = state.move
    if move and role is move.target:
        return {Verdict.SICK: settings.suspect_rounds, Verdict.CANARY_BROKEN: settings.suspect_rounds}
    if move:
        return {Verdict.HEALTHY: settings.suspect_rounds} if move.is_automatic else {}
    return {Verdict.HEALTHY: settings.recovery_rounds} if role is RegionRole.PRIMARY else {}


def _describe_routing(weights: tuple[int, ...]) -> str:
    if not any(weights):
        return "nowhere"
    primary, standby = weights
    return "both" if primary and standby else "primary" if primary else "standby"


def _compute_move_key(move: Move, state: ControllerState, traffic: tuple[int, ...], now: float) -> Hashable:
    current = move.current_progress
    confirmed_at = move.step_confirmed_at
    confirmed_weights = tuple(weight for _, weight in state.weights)
    intended_weights = tuple(weight for _, weight in move.weights)
    return (
        "as aimed"
        if traffic == intended_weights
        else "as found"
        if traffic == confirmed_weights
        else _describe_routing(traffic),
        move.target,
        move.is_automatic,
        move.steps,
        bool(move.overridden_rules) and not move.is_rolling_back,
        state.hold is not None and state.hold.bars_rescue,
        move.is_started,
        move.progress is not None,
        current and (current.change_id is not None, current.in_sync_at is not None),
        confirmed_at is not None and now - confirmed_at >= BAKE_SECONDS,
    )


def _load_state(world: ControllerHarness) -> ControllerState | None:
    saved = world.memory.load()
    return saved.state if saved else None


def _read_weights(world: ControllerHarness) -> tuple[int, ...]:
    return extract_weights(world.zone.list_record_sets((DOMAIN_RECORD_NAME,)), world.settings)


def extract_weights(record_sets: Iterable[RecordSet], settings: Settings) -> tuple[int, ...]:
    """Return the weights of the domain's records, the primary first; empty without records."""
    weights = {
        record_set["SetIdentifier"]: record_set["Weight"]
        for record_set in record_sets
        if record_set["Name"] == DOMAIN_RECORD_NAME
    }
    return tuple(weights[region] for _, region in settings.regions if region in weights)
