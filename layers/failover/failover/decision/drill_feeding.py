"""What a blind drill feeds to the decision, and how it is kept apart from what is real. Pure."""

from dataclasses import replace

from failover.decision.advance import Outcome
from failover.decision.announcement import Announcement
from failover.decision.drill import PATIENCE_SECONDS, Drill, DrillOutcome, DrillStage
from failover.decision.drill_advance import drill_ended
from failover.decision.knowledge import Knowledge
from failover.decision.move import Move
from failover.decision.state import State, drill_of
from failover.probe.verdict import Verdict
from failover.region import Instant, Side
from failover.settings import Settings


def is_fed(state: State) -> bool:
    """Tell whether the decision is to take the primary for sick in this round, because a blind drill wants it so."""
    return state.drill is not None and state.drill.stage is DrillStage.FEEDING and state.move is None


def fed(state: State, knowledge: Knowledge) -> Knowledge:
    """Return what is decided by: what is known, except that a blind drill has the primary taken for sick.

    Nothing else is changed, and what is remembered of the Regions, measured and told of them is never this.
    """
    if not is_fed(state):
        return knowledge
    known = knowledge.sides.primary
    told = replace(
        known,
        verdict=Verdict.SICK,
        detail=f"The drill {drill_of(state).id} has it taken for sick; in truth it is {known.verdict}.",
    )
    return replace(knowledge, sides=knowledge.sides.replace(Side.PRIMARY, told))


def marked(announcement: Announcement, drill: Drill) -> Announcement:
    """Return what a fed sickness has caused to be told, so that nobody can take it for a real one."""
    return replace(announcement, drill=drill, sentence=f"Drill {drill.id}: {announcement.sentence}")


def begun_by_the_drill(state: State, move: Move) -> tuple[State, Move]:
    """Make the move that a fed sickness has led to the drill's own: a person asked for it, and nothing is sick."""
    drill = drill_of(state)
    reason = f"Drill {drill.id}: {move.reason}"
    own = replace(move, automatic=False, reason=reason, requested_by=drill.requested_by, drill=drill.id)
    going = drill.at(DrillStage.GOING, move.decided_at).with_move(move.id)
    return replace(state, drill=going), own


def feeding(state: State, drill: Drill, knowledge: Knowledge, settings: Settings, now: Instant) -> Outcome:
    """Have the primary taken for sick in one more round; the first thing that is really wrong ends it."""
    for side in Side:
        if not knowledge.serves(side):
            known = knowledge.sides[side]
            why = f"{settings.regions[side]} really is {known.verdict}: {known.detail}"
            return drill_ended(state, DrillOutcome.OVERTAKEN, why, settings, now)
    if knowledge.cut_off:
        return drill_ended(state, DrillOutcome.OVERTAKEN, "no third Region answers.", settings, now)
    if drill.fed >= drill.rounds or now - drill.stage_since > PATIENCE_SECONDS:
        blocked = f"the rule {state.blocked_by} kept it from moving anybody." if state.blocked_by else ""
        few = drill.rounds < settings.suspect_rounds
        fed = "1 sick round" if drill.fed == 1 else f"{drill.fed} sick rounds"
        why = blocked or f"{fed} moved nobody{', as was to be expected' if few else ''}."
        return drill_ended(state, DrillOutcome.CLEAN if few else DrillOutcome.ABORTED, why, settings, now)
    once_more = replace(drill, fed=drill.fed + 1)
    primary = settings.regions.primary
    sentence = f"Drill {drill.id}: {primary} is taken for sick, in round {once_more.fed} of {drill.rounds}."
    return replace(state, drill=once_more), sentence, ()
