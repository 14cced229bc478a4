"""How a drill begins, moves users and ends: each noted in the state, with what to say of it. Pure."""

from dataclasses import replace

from failover.decision.advance import Outcome, step_text
from failover.decision.announcement import Announcement, Kind
from failover.decision.drill import Drill, DrillKind, DrillOutcome, DrillStage
from failover.decision.drill_plan import plan
from failover.decision.move import ALL_LEVERS, IN_ONE, IN_STEPS, THERE_AND_BACK, LeverName, Move
from failover.decision.state import State, drill_of
from failover.decision.suspicion import Suspicion
from failover.region import Instant, Side
from failover.settings import Settings
from failover.timetext import span


def begin(state: State, drill: Drill, settings: Settings, now: Instant) -> Outcome:
    """Start a drill whose preconditions have been seen to hold."""
    sentence = (
        f"Drill {drill.id} ({drill.kind}) begins, asked for by {drill.requested_by}: {drill.reason.rstrip('.')}. "
        f"Planned: {' '.join(plan(drill, settings))}"
    )
    if drill.kind is DrillKind.TABLETOP:
        over = drill.over(DrillOutcome.CLEAN, now)
        started = Announcement(kind=Kind.DRILL_STARTED, at=now, sentence=sentence, drill=drill)
        ending = f"Drill {drill.id} has ended: nothing was moved, and nothing was to be."
        ended = Announcement(kind=Kind.DRILL_ENDED, at=now, sentence=ending, drill=over)
        return replace(state, last_drill=over), sentence, (started, ended)
    if drill.kind is DrillKind.BLIND:
        fed = replace(state, drill=drill.at(DrillStage.FEEDING, now))
        return fed, sentence, (Announcement(kind=Kind.DRILL_STARTED, at=now, sentence=sentence, drill=drill),)
    after, _, told = way_there(state, drill, settings, now)
    return after, sentence, (Announcement(kind=Kind.DRILL_STARTED, at=now, sentence=sentence, drill=drill), *told)


def way_there(state: State, drill: Drill, settings: Settings, now: Instant) -> Outcome:
    """Begin the way to the standby: of all users, or of those whom the lever under test moves."""
    if drill.kind is DrillKind.LEVER_TEST:
        move = move_of_drill(drill, Side.STANDBY, settings, now, steps=THERE_AND_BACK, levers=drill.levers[:1])
    else:
        move = move_of_drill(drill, Side.STANDBY, settings, now)
    return with_its_move(replace(state, drill=drill.with_move(move.id)), move, settings, now)


def move_of_drill(
    drill: Drill,
    target: Side,
    settings: Settings,
    now: Instant,
    *,
    steps: tuple[int, ...] = IN_ONE,
    levers: tuple[LeverName, ...] = ALL_LEVERS,
) -> Move:
    """Return a move of the drill: one by hand, since a person asked for it by asking for the drill."""
    return Move(
        id=f"to-{settings.regions[target]}-{int(now)}",
        source=target.other,
        target=target,
        automatic=False,
        reason=drill.reason,
        requested_by=drill.requested_by,
        suspected_at=now,
        decided_at=now,
        step_began_at=now,
        steps=steps,
        in_steps=steps == IN_STEPS,
        drill=drill.id,
        levers=levers,
    )


def with_its_move(state: State, move: Move, settings: Settings, now: Instant) -> Outcome:
    """Let a move of the drill begin."""
    sentence = f"Drill {move.drill}: {step_text(move, settings)}."
    told = Announcement(kind=Kind.MOVE_DECIDED, at=now, sentence=sentence, move=move)
    return replace(state, move=move, blocked_by=""), sentence, (told,)


def drill_ended(state: State, outcome: DrillOutcome, why: str, settings: Settings, now: Instant) -> Outcome:
    """End the drill: nothing of it is left but the users where they are. ``why`` follows a colon and ends in a stop."""
    drill = drill_of(state)
    over = drill.over(outcome, now)
    where = f"Users are on {settings.regions[state.active]}."
    if state.move:
        where = f"Users are on their way to {settings.regions[state.move.destination]}."
    stay = " Nothing brings them back by itself." if _leaves_them_away(state) else ""
    sentence = f"Drill {drill.id} has ended, {outcome}, after {span(now - drill.started_at)}: {why} {where}{stay}"
    after = replace(state, drill=None, last_drill=over)
    if drill.stage is DrillStage.FEEDING:  # no real suspicion may grow out of what was fed
        after = replace(after, suspicion=Suspicion(side=state.active), blocked_by="")
    return after, sentence, (Announcement(kind=Kind.DRILL_ENDED, at=now, sentence=sentence, drill=over),)


def _leaves_them_away(state: State) -> bool:
    return (state.move.destination if state.move else state.active) is Side.STANDBY
