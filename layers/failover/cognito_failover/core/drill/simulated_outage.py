"""Fault injection: the simulated outage of a drill, kept apart from real verdicts. Pure."""

from dataclasses import replace

from cognito_failover.common.region import RegionRole
from cognito_failover.core.drill.transitions import end_drill
from cognito_failover.core.model.drill import STAGE_TIMEOUT_SECONDS, Drill, DrillOutcome, DrillStage
from cognito_failover.core.model.event import Event
from cognito_failover.core.model.move import Move
from cognito_failover.core.model.state import ControllerState, require_drill
from cognito_failover.core.round_context import RoundContext
from cognito_failover.core.transition import Transition
from cognito_failover.core.verdict import Verdict


def is_simulating_outage(state: ControllerState) -> bool:
    """Return whether a drill makes the primary look sick in this round."""
    return state.drill is not None and state.drill.stage is DrillStage.SIMULATING and state.move is None


def apply_simulated_outage(state: ControllerState, context: RoundContext) -> RoundContext:
    """Return the context of the failover decision, in which a simulated outage makes the primary sick.

    Nothing else uses it. Streaks, measurements and degradation events keep the real verdicts.
    """
    if not is_simulating_outage(state):
        return context
    region_consensus, drill_id = context.consensus.roles.primary, require_drill(state).id
    detail = f"The drill {drill_id} simulates an outage of it; the real verdict is {region_consensus.verdict}."
    simulated_consensus = replace(region_consensus, verdict=Verdict.SICK, detail=detail)
    roles = context.consensus.roles.replace(RegionRole.PRIMARY, simulated_consensus)
    return replace(context, consensus=replace(context.consensus, roles=roles))


def tag_as_drill(event: Event, drill: Drill) -> Event:
    """Return an event with the drill that caused it, named in the message too."""
    return replace(event, drill=drill, message=f"Drill {drill.id}: {event.message}")


def attribute_to_drill(state: ControllerState, move: Move) -> tuple[ControllerState, Move]:
    """Return the move that a simulated outage caused as a manual move of the drill, and the drill's next stage."""
    drill = require_drill(state)
    reason = f"Drill {drill.id}: {move.reason}"
    drill_move = replace(move, is_automatic=False, reason=reason, requested_by=drill.requested_by, drill_id=drill.id)
    moving_drill = drill.with_stage(DrillStage.MOVING_OUT, move.decided_at).with_move(move.id)
    return replace(state, drill=moving_drill), drill_move


def continue_simulated_outage(state: ControllerState, drill: Drill, context: RoundContext) -> Transition:
    """Simulate one more sick round, or end the drill. Any real failure ends it."""
    settings, consensus = context.settings, context.consensus
    for role in RegionRole:
        if not consensus.is_serving(role):
            region_consensus = consensus.roles[role]
            reason = f"{settings.regions[role]} really is {region_consensus.verdict}: {region_consensus.detail}"
            return end_drill(state, DrillOutcome.INTERRUPTED, reason, context)
    if consensus.is_isolated:
        return end_drill(state, DrillOutcome.INTERRUPTED, "no third Region answers.", context)
    if drill.simulated_rounds >= drill.max_simulated_rounds or context.now - drill.stage_since > STAGE_TIMEOUT_SECONDS:
        return _end_without_move(state, drill, context)
    simulating_drill = replace(drill, simulated_rounds=drill.simulated_rounds + consensus.roles.primary.is_new)
    rounds_text = f"in round {simulating_drill.simulated_rounds} of {drill.max_simulated_rounds}"
    message = f"Drill {drill.id}: {settings.regions.primary} is simulated as sick, {rounds_text}."
    return Transition(state=replace(state, drill=simulating_drill), message=message)


def _end_without_move(state: ControllerState, drill: Drill, context: RoundContext) -> Transition:
    """End a drill that caused no move. With fewer rounds than the threshold needs, this is a success."""
    is_below_threshold = drill.max_simulated_rounds < context.settings.suspect_rounds
    rounds_text = "1 sick round" if drill.simulated_rounds == 1 else f"{drill.simulated_rounds} sick rounds"
    reason = f"{rounds_text} did not move users{', as expected' if is_below_threshold else ''}."
    if state.blocked_by:
        reason = f"the rule {state.blocked_by} prevented a move."
    outcome = DrillOutcome.SUCCEEDED if is_below_threshold else DrillOutcome.ABORTED
    return end_drill(state, outcome, reason, context)
