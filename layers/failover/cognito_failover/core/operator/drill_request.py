"""What follows from a person's request for a drill, or for its end. Pure."""

from typing import Any

from cognito_failover.common.region import Instant
from cognito_failover.core.consensus import Consensus
from cognito_failover.core.drill.lifecycle import abort_active_drill
from cognito_failover.core.drill.plan import describe_plan, list_active_levers
from cognito_failover.core.drill.rules import DrillProposal, explain_unknown_preflight, find_drill_violations
from cognito_failover.core.drill.transitions import start_drill
from cognito_failover.core.model.drill import Drill, DrillKind, DrillOutcome, DrillStage
from cognito_failover.core.model.event import Event, EventKind
from cognito_failover.core.model.move import ALL_AT_ONCE, STEPPED
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.operator.request import FailbackMode, OperatorRequest
from cognito_failover.core.operator.response import OperatorResponse
from cognito_failover.core.rules import Rule
from cognito_failover.core.verdict import Verdict
from cognito_failover.settings.controller import Settings


def abort_drill(
    state: ControllerState,
    drill: Drill,
    consensus: Consensus,
    request: OperatorRequest,
    settings: Settings,
    now: Instant,
) -> OperatorResponse:
    """Bring users home early: at once where nobody has gone yet, else as soon as the primary is known to serve."""
    is_returning = (
        drill.stage is DrillStage.MOVING_BACK or drill.abort_reason or (state.move and state.move.is_rolling_back)
    )
    if is_returning:
        message = f"The drill {drill.id} is already bringing users back to {settings.regions.primary}."
        return OperatorResponse(state=state, is_accepted=True, message=message)
    region_consensus = consensus.roles.primary
    if region_consensus.verdict is Verdict.SICK and drill.stage is not DrillStage.SIMULATING:
        message = (
            f"Refused, nothing was changed: {settings.regions.primary}, where users would go back to, is sick: "
            f"{region_consensus.detail} Once it has been for {settings.suspect_rounds} rounds the drill ends by itself."
        )
        return OperatorResponse(state=state, is_accepted=False, message=message, rule=Rule.TARGET_HEALTHY)
    new_state, message, events = abort_active_drill(
        state, f"{request.requested_by} ended it early: {request.reason.rstrip('.')}.", consensus, settings, now
    )
    return OperatorResponse(state=new_state, is_accepted=True, message=message, events=events)


def request_drill(
    state: ControllerState, consensus: Consensus, request: OperatorRequest, settings: Settings, now: Instant
) -> OperatorResponse:
    """Begin a drill, or say what is in its way; a tabletop says both, and moves nobody."""
    drill = _create_drill(state, request, settings, now)
    proposal = DrillProposal(drill=drill, state=state, consensus=consensus, settings=settings, now=now)
    violations = tuple(find_drill_violations(proposal))
    preflight_note = explain_unknown_preflight(proposal)
    details: dict[str, Any] = {
        "drill": drill.id,
        "plan": list(describe_plan(drill, settings)),
        "violations": [{"rule": str(each.rule), "message": each.message} for each in violations],
        "notes": [preflight_note] if preflight_note else [],
    }
    violations_text = " ".join(f"{each.message} ({each.rule})" for each in violations)
    if request.dry_run:
        outcome_text = f"It would be refused: {violations_text}" if violations else "Nothing is in its way."
        message = f"Nothing was done. Planned: {' '.join(details['plan'])} {outcome_text} {preflight_note}".strip()
        return OperatorResponse(state=state, is_accepted=True, message=message, details=details)
    if violations and drill.kind is not DrillKind.TABLETOP:
        message = f"Refused by the rule {violations[0].rule}, nothing was changed: {violations_text}"
        refused_drill = drill.with_outcome(DrillOutcome.REFUSED, now)
        event = Event(
            kind=EventKind.DRILL_REFUSED, at=now, message=message, rule=str(violations[0].rule), drill=refused_drill
        )
        return OperatorResponse(
            state=state, is_accepted=False, message=message, rule=violations[0].rule, events=(event,), details=details
        )
    new_state, message, events = start_drill(state, drill, settings, now)
    if violations:
        message += f" Today one that moves users would have been refused: {violations_text}"
    message = f"{message} {preflight_note}".strip()
    return OperatorResponse(state=new_state, is_accepted=True, message=message, events=events, details=details)


def _create_drill(state: ControllerState, request: OperatorRequest, settings: Settings, now: Instant) -> Drill:
    is_stepped = request.mode is FailbackMode.STEPPED and settings.has_managed_records
    has_hold = request.kind is not DrillKind.LEVER_TEST
    return Drill(
        id=f"drill-{request.kind}-{int(now)}",
        kind=request.kind,
        reason=request.reason,
        requested_by=request.requested_by,
        started_at=now,
        stage_since=now,
        hold_seconds=request.hold_seconds if has_hold else 0.0,
        steps=STEPPED if is_stepped and has_hold else ALL_AT_ONCE,
        max_simulated_rounds=(request.rounds or settings.suspect_rounds)
        if request.kind is DrillKind.SIMULATED_OUTAGE
        else 0,
        levers=list_active_levers(state, settings),
    )
