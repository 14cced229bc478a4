"""A walk through every state that the controller can come to, by everything that can happen to it.

The walk goes breadth-first over the whole controller and its in-memory twins: production code, nothing of it modelled.
Two states are one to it if they differ only in moments and texts, see `likeness`. Each is visited once, and in each
every event happens once, to a process that has just been started.
"""

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from failover.decision.announcement import Announcement, Kind
from failover.decision.move import Move
from failover.decision.rules import DAY_SECONDS, starting_grace_seconds
from failover.decision.state import State
from failover.decision.suspicion import MAX_GAP_INTERVALS
from failover.levers.lever import RecordSet
from failover.probe.verdict import Verdict
from failover.region import Side
from failover.settings import Settings
from tests.exhaustive.events import EVENTS, Event
from tests.support.world import NAME, World

POLICY: dict[str, Any] = {
    "suspect_rounds": 2,
    "recovery_rounds": 3,
    "cool_down_seconds": 140,
    "max_automatic_moves_per_day": 1,
}
"""The smallest thresholds that the settings allow: what happens at larger ones happens here in fewer steps."""

REST_SECONDS = 60.0
"""How long a step rests here: the records' TTL, which is longer than two rounds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """What one event did in one state.

    Attributes
    ----------
    event
        What happened.
    began_at, ended_at
        When.
    before, after
        What was remembered; None where nothing was.
    announcements
        What is to be told of it, in order.
    traffic_before, traffic_after
        The records' weights, the primary's first; empty where there are none.
    settings
        The policy.

    """

    event: Event
    began_at: float
    ended_at: float
    before: State | None
    after: State | None
    announcements: tuple[Announcement, ...]
    traffic_before: tuple[int, ...]
    traffic_after: tuple[int, ...]
    settings: Settings

    @property
    def begun(self) -> Move | None:
        """The move that the event began; None if it began none."""
        return next((each.move for each in self.announcements if each.kind is Kind.MOVE_DECIDED), None)

    @property
    def moved(self) -> bool:
        """Whether the controller sent users elsewhere."""
        return bool(self.traffic_before) and self.traffic_after != self.traffic_before and not self.event.edits


class Walk:
    """Goes through every state, and gives every transition.

    Attributes
    ----------
    visited
        How many states have been found.

    """

    def __init__(self) -> None:
        self._world = World(**POLICY).settle()
        self._likenesses: set[Hashable] = set()
        self._to_visit: deque[Callable[[], None]] = deque()

    @property
    def visited(self) -> int:
        return len(self._likenesses)

    def __iter__(self) -> Iterator[Transition]:
        self._note()
        while self._to_visit:
            bring_back = self._to_visit.popleft()
            bring_back()
            state = _remembered(self._world)
            may_move = state is not None and (state.move or state.suspected.lacking_rounds(self._world.settings) <= 1)
            for event in EVENTS:
                if event.about_a_move and not may_move:
                    continue
                bring_back()
                yield happen(self._world, event)
                self._note()

    def _note(self) -> None:
        """Keep the present state for a visit, unless one like it has been kept before."""
        like = likeness(self._world)
        if like in self._likenesses:
            return
        self._likenesses.add(like)
        self._to_visit.append(_kept(self._world))


def happen(world: World, event: Event) -> Transition:
    """Let an event happen to a process that has just been started, and return what it did."""
    world.new_process()
    world.memory.kept()()  # with an empty history: what is in it afterwards is of this event
    before, traffic_before, began_at = _remembered(world), _traffic(world), world.clock.now
    event.happen(world)
    world.all_works().servers.behind.clear()
    world.zone.unprotect(NAME, "CNAME")
    world.spreads = world.probe.witness_answers = True
    return Transition(
        event=event,
        began_at=began_at,
        ended_at=world.clock.now,
        before=before,
        after=_remembered(world),
        announcements=tuple(reversed(world.memory.history(limit=20))),
        traffic_before=traffic_before,
        traffic_after=_traffic(world),
        settings=world.settings,
    )


def _kept(world: World) -> Callable[[], None]:
    now, verdicts = world.clock.now, dict(world.probe.verdicts)
    memory, zone = world.memory.kept(), world.zone.kept()

    def bring_back() -> None:
        world.clock.now, world.probe.verdicts = now, dict(verdicts)
        memory()
        zone()

    return bring_back


def likeness(world: World) -> Hashable:
    """Return what two states have in common that are one to the walk.

    Of a moment it holds which side of its limit it is on, of a streak how often up to the threshold that counts, of
    the records where they send users; of the serving side, unless a move is under way, only how suspect it is; of
    restraints on automation the strongest, and none while a move is under way, on which they have no bearing.
    """
    state, settings, now = _remembered(world), world.settings, world.clock.now
    if state is None:
        return _sent_to(_traffic(world))
    if state.move:
        return state.active, _move(state.move, state, _traffic(world), now), _streaks(state, settings, now)
    known = tuple(weight for _, weight in state.weights)
    read = state.surveyed is not None and not state.surveyed.problem
    return (
        state.active,
        _sent_to(known),
        read,
        _sent_to(_traffic(world)) if read and not state.hold else any(_traffic(world)) and _traffic(world) == known,
        _streaks(state, settings, now),
        now < state.born_at + starting_grace_seconds(settings),
        "held" if state.hold else "abstaining" if state.observe_only or _paused(state, now) else "",
        now < state.cool_down_until,
        any(now - at < DAY_SECONDS for at in state.automatic_moves),
    )


def _paused(state: State, now: float) -> bool:
    return state.pause is not None and state.pause.until > now


def _streaks(state: State, settings: Settings, now: float) -> Hashable:
    """Return what is suspected, each side's verdict, and how often it was reached in a row, as far as a rule asks."""
    move = state.move
    if move and (move.reverting or (move.begun and move.on_last_step)):
        return None
    if state.last_round_at is None or now - state.last_round_at > MAX_GAP_INTERVALS * settings.round_interval_seconds:
        return None
    asked = Side if move else (state.active.other,)
    return state.suspected.evidence, *(
        (streak.verdict, min(streak.rounds, _counted(state, side, settings).get(streak.verdict, 1)))
        for side, streak in state.streaks
        if side in asked
    )


def _counted(state: State, side: Side, settings: Settings) -> dict[Verdict, int]:
    """Return how many rounds in a row of each verdict make a difference; of any other, one does."""
    move = state.move
    if move and side is move.target:
        return {Verdict.SICK: settings.suspect_rounds, Verdict.CANARY_BROKEN: settings.suspect_rounds}
    if move:
        return {Verdict.HEALTHY: settings.suspect_rounds} if move.automatic else {}
    return {Verdict.HEALTHY: settings.recovery_rounds} if side is Side.PRIMARY else {}


def _sent_to(weights: tuple[int, ...]) -> str:
    if not any(weights):
        return "nowhere"
    primary, standby = weights
    return "both" if primary and standby else "primary" if primary else "standby"


def _move(move: Move, state: State, traffic: tuple[int, ...], now: float) -> Hashable:
    current = move.current
    confirmed_at = move.step_confirmed_at
    found = tuple(weight for _, weight in state.weights)
    aimed_at = tuple(weight for _, weight in move.weights)
    return (
        "as aimed" if traffic == aimed_at else "as found" if traffic == found else _sent_to(traffic),
        move.target,
        move.automatic,
        move.steps,
        bool(move.overridden) and not move.begun and not move.reverting,
        move.begun,
        move.progress is not None,
        current and (current.change_id is not None, current.in_sync_at is not None),
        confirmed_at is not None and now - confirmed_at >= REST_SECONDS,
    )


def _remembered(world: World) -> State | None:
    saved = world.memory.load()
    return saved.state if saved else None


def _traffic(world: World) -> tuple[int, ...]:
    return weights_in(world.zone.record_sets((NAME,)), world.settings)


def weights_in(record_sets: Iterable[RecordSet], settings: Settings) -> tuple[int, ...]:
    """Return the weights of the name's records, the primary's first; empty where there are none."""
    weights = {each["SetIdentifier"]: each["Weight"] for each in record_sets if each["Name"] == NAME}
    return tuple(weights[region] for _, region in settings.regions if region in weights)
