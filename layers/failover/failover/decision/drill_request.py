"""What follows from a person's request for a drill, or for its end. Pure."""

from typing import Any

from failover.decision.announcement import Announcement, Kind
from failover.decision.drill import Drill, DrillKind, DrillOutcome, DrillStage
from failover.decision.drill_advance import begin
from failover.decision.drill_plan import levers_there, plan
from failover.decision.drill_rules import DrillQuestion, obstacles_to_a_drill, why_preflight_is_unknown
from failover.decision.drilling import aborted
from failover.decision.knowledge import Knowledge
from failover.decision.move import IN_ONE, IN_STEPS
from failover.decision.request import Pace, Request
from failover.decision.response import Response
from failover.decision.rules import Rule
from failover.decision.state import State
from failover.probe.verdict import Verdict
from failover.region import Instant
from failover.settings import Settings


def abort_drill(
    state: State, drill: Drill, knowledge: Knowledge, request: Request, settings: Settings, now: Instant
) -> Response:
    """Bring users home early: at once where nobody has gone yet, else as soon as the primary is known to serve."""
    going_home = drill.stage is DrillStage.RETURNING or drill.aborted or (state.move and state.move.reverting)
    if going_home:
        sentence = f"The drill {drill.id} is already bringing users back to {settings.regions.primary}."
        return Response(state=state, done=True, sentence=sentence)
    known = knowledge.sides.primary
    if known.verdict is Verdict.SICK and drill.stage is not DrillStage.FEEDING:
        sentence = (
            f"Refused, nothing was changed: {settings.regions.primary}, where users would go back to, is sick: "
            f"{known.detail} Once it has been for {settings.suspect_rounds} rounds the drill ends by itself."
        )
        return Response(state=state, done=False, sentence=sentence, rule=Rule.TARGET_SERVES)
    after, sentence, announcements = aborted(
        state, f"{request.requested_by} ended it early: {request.reason.rstrip('.')}.", knowledge, settings, now
    )
    return Response(state=after, done=True, sentence=sentence, announcements=announcements)


def request_drill(state: State, knowledge: Knowledge, request: Request, settings: Settings, now: Instant) -> Response:
    """Begin a drill, or say what is in its way; a tabletop says both, and moves nobody."""
    drill = _planned(state, request, settings, now)
    question = DrillQuestion(drill=drill, state=state, knowledge=knowledge, settings=settings, now=now)
    obstacles = tuple(obstacles_to_a_drill(question))
    unknown = why_preflight_is_unknown(question)
    details: dict[str, Any] = {
        "drill": drill.id,
        "plan": list(plan(drill, settings)),
        "obstacles": [{"rule": str(each.rule), "message": each.sentence} for each in obstacles],
        "notes": [unknown] if unknown else [],
    }
    in_the_way = " ".join(f"{each.sentence} ({each.rule})" for each in obstacles)
    if request.dry_run:
        would = f"It would be refused: {in_the_way}" if obstacles else "Nothing is in its way."
        sentence = f"Nothing was done. Planned: {' '.join(details['plan'])} {would} {unknown}".strip()
        return Response(state=state, done=True, sentence=sentence, details=details)
    if obstacles and drill.kind is not DrillKind.TABLETOP:
        sentence = f"Refused by the rule {obstacles[0].rule}, nothing was changed: {in_the_way}"
        refused = drill.over(DrillOutcome.REFUSED, now)
        told = Announcement(
            kind=Kind.DRILL_REFUSED, at=now, sentence=sentence, rule=str(obstacles[0].rule), drill=refused
        )
        return Response(
            state=state, done=False, sentence=sentence, rule=obstacles[0].rule, announcements=(told,), details=details
        )
    after, sentence, announcements = begin(state, drill, settings, now)
    if obstacles:
        sentence += f" Today one that moves users would have been refused: {in_the_way}"
    sentence = f"{sentence} {unknown}".strip()
    return Response(state=after, done=True, sentence=sentence, announcements=announcements, details=details)


def _planned(state: State, request: Request, settings: Settings, now: Instant) -> Drill:
    in_steps = request.pace is Pace.IN_STEPS and settings.moves_records
    holds = request.kind is not DrillKind.LEVER_TEST
    return Drill(
        id=f"drill-{request.kind}-{int(now)}",
        kind=request.kind,
        reason=request.reason,
        requested_by=request.requested_by,
        started_at=now,
        stage_since=now,
        hold_seconds=request.hold_seconds if holds else 0.0,
        steps=IN_STEPS if in_steps and holds else IN_ONE,
        rounds=(request.rounds or settings.suspect_rounds) if request.kind is DrillKind.BLIND else 0,
        levers=levers_there(state, settings),
    )
