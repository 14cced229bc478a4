"""What follows for a drill from what is remembered and known: once a round, like for a move. Pure.

A drill moves nobody itself. It begins ordinary moves, lets them be carried like any other, and turns the one that is
under way round where it has to. Whatever happens that no drill has planned ends it.
"""

from dataclasses import replace
from typing import assert_never

from failover.decision.advance import Outcome, reverting, withdrawn
from failover.decision.announcement import Announcement, Kind
from failover.decision.drill import PATIENCE_SECONDS, Drill, DrillKind, DrillOutcome, DrillStage
from failover.decision.drill_advance import drill_ended, move_of_drill, way_there, with_its_move
from failover.decision.drill_feeding import feeding
from failover.decision.drill_plan import levers_there
from failover.decision.knowledge import GOOD, Knowledge
from failover.decision.latching import are_touched
from failover.decision.move import IN_ONE, Move
from failover.decision.outside import NO_SIGN_INS, SignIns
from failover.decision.rules import Question, obstacles_to_a_manual_move
from failover.decision.state import State, drill_of
from failover.probe.verdict import Verdict
from failover.region import Instant, Side
from failover.settings import Settings
from failover.timetext import clock_time, span


def go_on(
    state: State, knowledge: Knowledge, settings: Settings, now: Instant, sign_ins: SignIns = NO_SIGN_INS
) -> Outcome:
    """Decide, once a round and before anything else is, how the drill that is on goes on.

    Without one nothing follows, and nothing is said. ``sign_ins`` are those through the domain since the last round.
    """
    if state.drill is None:
        return state, "", ()
    if why := _why_overtaken(state, state.drill, settings):
        return _overtaken(state, why, settings, now)
    counted = replace(state, drill=_counting(state, state.drill, knowledge, sign_ins))
    drill = drill_of(counted)
    if drill.stage is DrillStage.FEEDING:
        return feeding(counted, drill, knowledge, settings, now)
    if counted.move:
        return _while_moving(counted, drill, counted.move, knowledge, settings, now)
    match drill.stage:
        case DrillStage.GOING:
            return _after_the_way_there(counted, drill, knowledge, settings, now)
        case DrillStage.HOLDING:
            return _holding(counted, drill, knowledge, settings, now)
        case DrillStage.RETURNING:
            return _returning(counted, drill, knowledge, settings, now)
        case _:
            assert_never(drill.stage)


def aborted(state: State, why: str, knowledge: Knowledge, settings: Settings, now: Instant) -> Outcome:
    """Let the drill that is on go home early, from wherever it is; it ends once users are back."""
    drill = replace(drill_of(state), aborted=why)
    sentence = f"Drill {drill.id} is aborted: {why}"
    told = Announcement(kind=Kind.DRILL_ABORTED, at=now, sentence=sentence, drill=drill)
    noted = replace(state, drill=drill)
    if noted.move is None and noted.active is Side.PRIMARY:
        after, ending, ended = drill_ended(noted, DrillOutcome.ABORTED, "nobody has to be brought home.", settings, now)
        return after, f"{sentence} {ending}", (told, *ended)
    if noted.move is None:
        after, going_home, further = _returning(
            replace(noted, drill=drill.at(DrillStage.RETURNING, now)), drill, knowledge, settings, now
        )
        return after, f"{sentence} {going_home}", (told, *further)
    after, turning, further = _turned_home(noted, noted.move, knowledge, settings, now)
    return after, f"{sentence} {turning}".strip(), (told, *further)


def _why_overtaken(state: State, drill: Drill, settings: Settings) -> str:
    """Say what no drill plans has happened; empty if nothing has."""
    if state.hold:
        return f"automation waits for an acknowledgement: {state.hold.reason}"
    if state.move and state.move.drill != drill.id:
        return f"the move {state.move.id} has begun, which is none of the drill's."
    if _moved_since(state, drill):
        return "users have been moved, and not by the drill."
    going_home = drill.home or (state.move and state.move.reverting)
    streak = state.streaks.primary
    if not going_home and streak.verdict is Verdict.SICK and streak.rounds >= settings.suspect_rounds:
        return f"{settings.regions.primary} really has been sick for {streak.rounds} rounds."
    return ""


def _moved_since(state: State, drill: Drill) -> bool:
    """Tell whether another move has begun and ended between two rounds of the drill."""
    ended_at, last = state.last_move_ended_at, state.last_move
    if last is not None and ended_at is not None and last.drill != drill.id and ended_at > drill.started_at:
        return True
    away = drill.stage in {DrillStage.HOLDING, DrillStage.RETURNING} and not drill.home
    return away and state.active is not Side.STANDBY


def _overtaken(state: State, why: str, settings: Settings, now: Instant) -> Outcome:
    """End the drill, and leave users where they are or are on their way to."""
    drill, move = drill_of(state), state.move
    if move and move.drill == drill.id and move.comes_back:
        state = replace(state, move=move.staying(now))
    return drill_ended(state, DrillOutcome.OVERTAKEN, why, settings, now)


def _counting(state: State, drill: Drill, knowledge: Knowledge, sign_ins: SignIns) -> Drill:
    """Count this round's sign-in where users are, as far as it is known, and those through the domain."""
    move = state.move
    on_the_way = drill.stage is DrillStage.GOING and move is not None and move.begun and not move.reverting
    if not on_the_way and drill.stage is not DrillStage.HOLDING:
        return drill
    if knowledge.cut_off:
        return drill
    outcomes = [True] * (sign_ins.tried - sign_ins.failed) + [False] * sign_ins.failed
    if knowledge.sides.standby.verdict is not Verdict.UNKNOWN:
        outcomes.append(knowledge.serves(Side.STANDBY))
    for signed_in in outcomes:
        drill = drill.counting(signed_in=signed_in)
    return drill


def _while_moving(
    state: State, drill: Drill, move: Move, knowledge: Knowledge, settings: Settings, now: Instant
) -> Outcome:
    if move.id == drill.home or move.reverting:
        return state, f"Drill {drill.id}: users are on their way home.", ()
    if drill.aborted:
        return _turned_home(state, move, knowledge, settings, now)
    waited = now - drill.stage_since > PATIENCE_SECONDS
    if waited and move.step_confirmed_at is not None and not knowledge.serves(move.source):
        why = f"{settings.regions[move.source]} has not served for {span(PATIENCE_SECONDS)}."
        return _overtaken(state, why, settings, now)
    if why := _why_abort(drill, knowledge, settings):
        return aborted(state, why, knowledge, settings, now)
    if waited:
        return aborted(state, f"its move has not ended within {span(PATIENCE_SECONDS)}.", knowledge, settings, now)
    return state, f"Drill {drill.id}: users are on their way.", ()


def _turned_home(state: State, move: Move, knowledge: Knowledge, settings: Settings, now: Instant) -> Outcome:
    """Turn the move under way round, or give it up; with the primary not known to serve it first ends where it goes."""
    why = f"the drill {move.drill} is aborted: {drill_of(state).aborted}"
    if move.progress is None and not are_touched(state, move):
        return withdrawn(state, why, now)
    if knowledge.serves(move.source):
        return reverting(state, why, settings, now)
    return state, f"Users go home once {settings.regions[move.source]} is known to serve.", ()


def _after_the_way_there(state: State, drill: Drill, knowledge: Knowledge, settings: Settings, now: Instant) -> Outcome:
    last = _ended_move(state, drill.moves[-1])
    if last is None:
        why = drill.aborted or "its move was given up before it moved anybody."
        return drill_ended(state, DrillOutcome.ABORTED, why, settings, now)
    if last.destination is Side.PRIMARY and (drill.aborted or last.turned_back):
        return drill_ended(state, DrillOutcome.ABORTED, drill.aborted or last.turned_back, settings, now)
    if drill.kind is DrillKind.LEVER_TEST:
        return _next_lever(state, drill, knowledge, settings, now)
    holding = drill.at(DrillStage.HOLDING, state.last_move_ended_at or now)
    if drill.aborted:
        home = replace(state, drill=drill.at(DrillStage.RETURNING, now))
        return _returning(home, drill_of(home), knowledge, settings, now)
    sentence = (
        f"Drill {drill.id}: users are on {settings.regions.standby}, and stay there until "
        f"{clock_time(holding.holds_until)}."
    )
    told = Announcement(kind=Kind.DRILL_HOLDS, at=now, sentence=sentence, drill=holding)
    return replace(state, drill=holding), sentence, (told,)


def _next_lever(state: State, drill: Drill, knowledge: Knowledge, settings: Settings, now: Instant) -> Outcome:
    if len(drill.levers) == 1:
        return drill_ended(state, DrillOutcome.CLEAN, "each lever has moved users there and back.", settings, now)
    if drill.levers[1] not in levers_there(state, settings):  # it would move nobody, and its move would never end
        return drill_ended(
            state, DrillOutcome.ABORTED, f"the {drill.levers[1]} is not attached any more.", settings, now
        )
    if knowledge.serves(Side.PRIMARY) and knowledge.serves(Side.STANDBY) and not knowledge.cut_off:
        further = replace(drill, levers=drill.levers[1:]).at(DrillStage.GOING, now)
        return way_there(state, further, settings, now)
    if now - drill.stage_since > 2 * PATIENCE_SECONDS:
        return drill_ended(state, DrillOutcome.ABORTED, "the Regions do not both serve any more.", settings, now)
    return state, f"Drill {drill.id}: the {drill.levers[1]} is tested once both Regions are known to serve.", ()


def _holding(state: State, drill: Drill, knowledge: Knowledge, settings: Settings, now: Instant) -> Outcome:
    if why := _why_abort(drill, knowledge, settings):
        return aborted(state, why, knowledge, settings, now)
    if now >= drill.holds_until:
        home = replace(state, drill=drill.at(DrillStage.RETURNING, now))
        return _returning(home, drill_of(home), knowledge, settings, now)
    return state, f"Drill {drill.id}: users stay on the standby for {span(drill.holds_until - now)} more.", ()


def _returning(state: State, drill: Drill, knowledge: Knowledge, settings: Settings, now: Instant) -> Outcome:
    if drill.home:
        return _after_the_way_home(state, drill, settings, now)
    if why := _why_not_home(state, knowledge, settings, now):
        if now - drill_of(state).stage_since > PATIENCE_SECONDS:
            return _overtaken(state, f"nobody could be brought home for {span(PATIENCE_SECONDS)}: {why}", settings, now)
        return state, f"Drill {drill.id}: users go home once nothing is in the way: {why}", ()
    steps = IN_ONE if drill.aborted else drill.steps
    move = move_of_drill(drill, Side.PRIMARY, settings, now, steps=steps)
    going_home = replace(drill_of(state).with_move(move.id), home=move.id)
    return with_its_move(replace(state, drill=going_home), move, settings, now)


def _why_not_home(state: State, knowledge: Knowledge, settings: Settings, now: Instant) -> str:
    """Say why users can't be brought home yet; empty if they can."""
    question = Question(state=state, knowledge=knowledge, settings=settings, now=now, target=Side.PRIMARY)
    for obstacle in obstacles_to_a_manual_move(question):
        return obstacle.sentence
    streak = state.streaks.primary
    healthy_rounds = streak.rounds if streak.verdict in GOOD else 0
    if healthy_rounds < settings.suspect_rounds:
        return f"{settings.regions.primary} has been healthy for {healthy_rounds} of {settings.suspect_rounds} rounds."
    return "No third Region answers." if knowledge.cut_off else ""


def _after_the_way_home(state: State, drill: Drill, settings: Settings, now: Instant) -> Outcome:
    last = _ended_move(state, drill.home)
    if last is None or last.destination is not Side.PRIMARY:
        why = (last and last.turned_back) or "the way home was given up before it moved anybody."
        return drill_ended(state, DrillOutcome.OVERTAKEN, why, settings, now)
    outcome = DrillOutcome.ABORTED if drill.aborted else DrillOutcome.CLEAN
    return drill_ended(state, outcome, drill.aborted or "everything went as planned.", settings, now)


def _why_abort(drill: Drill, knowledge: Knowledge, settings: Settings) -> str:
    if not drill.fails_too_often:
        return ""
    known = knowledge.sides.standby
    return (
        f"{drill.failed} of {drill.tried} sign-ins on {settings.regions.standby} have failed, the last "
        f"{drill.failed_in_a_row} in a row: {known.detail}"
    )


def _ended_move(state: State, move_id: str) -> Move | None:
    """Return a move of the drill that ended confirmed; None if it was given up before."""
    return state.last_move if state.last_move and state.last_move.id == move_id else None
