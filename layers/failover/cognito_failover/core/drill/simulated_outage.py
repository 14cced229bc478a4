"""What a blind drill feeds to the decision, and how it is kept apart from what is real. Pure."""

from dataclasses import replace

from cognito_failover.common.region import Instant, RegionRole
from cognito_failover.core.consensus import Consensus
from cognito_failover.core.drill.transitions import end_drill
from cognito_failover.core.model.drill import STAGE_TIMEOUT_SECONDS, Drill, DrillOutcome, DrillStage
from cognito_failover.core.model.event import Event
from cognito_failover.core.model.move import Move
from cognito_failover.core.model.state import ControllerState, require_drill
from cognito_failover.core.move.transitions import Transition
from cognito_failover.core.verdict import Verdict
from cognito_failover.settings.controller import Settings


def is_simulating_outage(state: ControllerState) -> bool:
    """Tell whether the decision is to take the primary for sick in this round, because a blind drill wants it so."""
    return state.drill is not None and state.drill.stage is DrillStage.SIMULATING and state.move is None


def apply_simulated_outage(state: ControllerState, consensus: Consensus) -> Consensus:
    """Return what is decided by: what is known, except that a blind drill has the primary taken for sick.

    Nothing else is changed, and what is remembered of the Regions, measured and told of them is never this.
    """
    if not is_simulating_outage(state):
        return consensus
    region_consensus = consensus.roles.primary
    simulated_consensus = replace(
        region_consensus,
        verdict=Verdict.SICK,
        detail=f"The drill {require_drill(state).id} has it taken for sick; in truth it is {region_consensus.verdict}.",
    )
    return replace(consensus, roles=consensus.roles.replace(RegionRole.PRIMARY, simulated_consensus))


def tag_as_drill(event: Event, drill: Drill) -> Event:
    """Return what a fed sickness has caused to be told, so that nobody can take it for a real one."""
    return replace(event, drill=drill, message=f"Drill {drill.id}: {event.message}")


def attribute_to_drill(state: ControllerState, move: Move) -> tuple[ControllerState, Move]:
    """Make the move that a fed sickness has led to the drill's own: a person asked for it, and nothing is sick."""
    drill = require_drill(state)
    reason = f"Drill {drill.id}: {move.reason}"
    drill_move = replace(move, is_automatic=False, reason=reason, requested_by=drill.requested_by, drill_id=drill.id)
    moving_drill = drill.with_stage(DrillStage.MOVING_OUT, move.decided_at).with_move(move.id)
    return replace(state, drill=moving_drill), drill_move


def continue_simulated_outage(
    state: ControllerState, drill: Drill, consensus: Consensus, settings: Settings, now: Instant
) -> Transition:
    """Have the primary taken for sick in one more round; the first thing that is really wrong ends it."""
    for side in RegionRole:
        if not consensus.is_serving(side):
            region_consensus = consensus.roles[side]
            reason = f"{settings.regions[side]} really is {region_consensus.verdict}: {region_consensus.detail}"
            return end_drill(state, DrillOutcome.INTERRUPTED, reason, settings, now)
    if consensus.is_isolated:
        return end_drill(state, DrillOutcome.INTERRUPTED, "no third Region answers.", settings, now)
    if drill.simulated_rounds >= drill.max_simulated_rounds or now - drill.stage_since > STAGE_TIMEOUT_SECONDS:
        blocked_text = f"the rule {state.blocked_by} kept it from moving anybody." if state.blocked_by else ""
        is_below_threshold = drill.max_simulated_rounds < settings.suspect_rounds
        rounds_text = "1 sick round" if drill.simulated_rounds == 1 else f"{drill.simulated_rounds} sick rounds"
        reason = blocked_text or f"{rounds_text} moved nobody{', as was to be expected' if is_below_threshold else ''}."
        return end_drill(
            state, DrillOutcome.SUCCEEDED if is_below_threshold else DrillOutcome.ABORTED, reason, settings, now
        )
    updated_drill = replace(drill, simulated_rounds=drill.simulated_rounds + 1)
    primary = settings.regions.primary
    message = f"Drill {drill.id}: {primary} is taken for sick, in round {updated_drill.simulated_rounds} of {drill.max_simulated_rounds}."
    return replace(state, drill=updated_drill), message, ()
