"""Requests to start or to abort a drill. Pure."""

from dataclasses import replace
from typing import Any

from cognito_failover.common.region import RegionRole
from cognito_failover.core.drill.lifecycle import abort_active_drill
from cognito_failover.core.drill.plan import describe_plan, list_active_levers
from cognito_failover.core.drill.rules import explain_unknown_preflight, find_drill_violations
from cognito_failover.core.drill.transitions import start_drill
from cognito_failover.core.model.drill import Drill, DrillKind, DrillOutcome, DrillStage
from cognito_failover.core.model.event import Event, EventKind
from cognito_failover.core.model.move import MoveMode
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.operator.request import FailbackMode, OperatorRequest
from cognito_failover.core.operator.response import OperatorResponse
from cognito_failover.core.round_context import RoundContext
from cognito_failover.core.rules import MoveProposal, Rule, Violation
from cognito_failover.core.transition import Transition
from cognito_failover.core.verdict import OUTAGE_VERDICTS


def abort_drill(
    state: ControllerState, drill: Drill, request: OperatorRequest, context: RoundContext
) -> OperatorResponse:
    """Abort the drill. Users go back at once, or when the primary is known to serve."""
    primary, region_consensus = context.settings.regions.primary, context.consensus.roles.primary
    is_returning = (
        drill.stage is DrillStage.MOVING_BACK or drill.abort_reason or (state.move and state.move.is_rolling_back)
    )
    if is_returning:
        return OperatorResponse.accept(state, f"The drill {drill.id} is already bringing users back to {primary}.")
    if region_consensus.verdict in OUTAGE_VERDICTS and drill.stage is not DrillStage.SIMULATING:
        message = (
            f"Refused, nothing was changed: {primary}, where users would go back to, is sick: "
            f"{region_consensus.detail} After {context.settings.suspect_rounds} such rounds the drill ends "
            f"automatically."
        )
        return OperatorResponse.refuse(state, message, rule=Rule.TARGET_HEALTHY)
    reason = f"{request.requested_by} ended it early: {request.reason.rstrip('.')}."
    return OperatorResponse(transition=abort_active_drill(state, reason, context), is_accepted=True)


def request_drill(state: ControllerState, request: OperatorRequest, context: RoundContext) -> OperatorResponse:
    """Start a drill, or refuse it. A tabletop and a dry run return the plan and the violations without a move."""
    drill = _create_drill(state, request, context)
    proposal = MoveProposal(state=state, context=context, target=RegionRole.STANDBY, hold_seconds=drill.hold_seconds)
    violations = tuple(find_drill_violations(proposal))
    preflight_note = explain_unknown_preflight(proposal)
    plan = describe_plan(drill, context.settings)
    details: dict[str, Any] = {
        "drill": drill.id,
        "plan": list(plan),
        "violations": [{"rule": str(violation.rule), "message": violation.message} for violation in violations],
        "notes": [preflight_note] if preflight_note else [],
    }
    violations_text = " ".join(f"{violation.message} ({violation.rule})" for violation in violations)
    if request.dry_run:
        outcome_text = f"It would be refused: {violations_text}" if violations else "All rules hold."
        message = f"Nothing was done. Plan: {' '.join(plan)} {outcome_text} {preflight_note}".strip()
        return replace(OperatorResponse.accept(state, message), details=details)
    if violations and drill.kind is not DrillKind.TABLETOP:
        return replace(_refuse_drill(state, drill, violations, violations_text, context), details=details)
    started = start_drill(state, drill, context)
    message = started.message
    if violations:
        message += f" A drill that moves users would be refused now: {violations_text}"
    started = replace(started, message=f"{message} {preflight_note}".strip())
    return OperatorResponse(transition=started, is_accepted=True, details=details)


def _refuse_drill(
    state: ControllerState,
    drill: Drill,
    violations: tuple[Violation, ...],
    violations_text: str,
    context: RoundContext,
) -> OperatorResponse:
    rule = violations[0].rule
    event = Event(
        kind=EventKind.DRILL_REFUSED,
        at=context.now,
        message=f"Refused by the rule {rule}, nothing was changed: {violations_text}",
        rule=str(rule),
        drill=drill.with_outcome(DrillOutcome.REFUSED, context.now),
    )
    return OperatorResponse(transition=Transition.from_event(state, event), is_accepted=False, rule=rule)


def _create_drill(state: ControllerState, request: OperatorRequest, context: RoundContext) -> Drill:
    settings, now = context.settings, context.now
    has_hold = request.kind is not DrillKind.LEVER_TEST
    is_stepped = request.mode is FailbackMode.STEPPED and settings.has_managed_records and has_hold
    simulated_rounds = request.rounds or settings.suspect_rounds
    return Drill(
        id=f"drill-{request.kind}-{int(now)}",
        kind=request.kind,
        reason=request.reason,
        requested_by=request.requested_by,
        started_at=now,
        stage_since=now,
        hold_seconds=request.hold_seconds if has_hold else 0.0,
        return_mode=MoveMode.STEPPED if is_stepped else MoveMode.ALL_AT_ONCE,
        max_simulated_rounds=simulated_rounds if request.kind is DrillKind.SIMULATED_OUTAGE else 0,
        levers=list_active_levers(state, settings),
    )
