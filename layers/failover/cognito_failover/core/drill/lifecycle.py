"""How a drill continues, once a round. Pure.

A drill does not move users directly. It starts ordinary moves, and turns its own move back if it must. Any event that
no drill plans ends it.
"""

from dataclasses import replace
from typing import assert_never

from cognito_failover.common.region import RegionRole
from cognito_failover.common.text import format_duration, format_iso_utc
from cognito_failover.core.drill.plan import list_active_levers
from cognito_failover.core.drill.simulated_outage import continue_simulated_outage
from cognito_failover.core.drill.transitions import create_drill_move, end_drill, start_drill_move, start_outbound_move
from cognito_failover.core.model.drill import STAGE_TIMEOUT_SECONDS, Drill, DrillKind, DrillOutcome, DrillStage
from cognito_failover.core.model.event import Event, EventKind
from cognito_failover.core.model.move import Move, MoveMode
from cognito_failover.core.model.state import ControllerState, require_drill
from cognito_failover.core.move.failback import can_return_in_steps
from cognito_failover.core.move.latches import has_latch_set
from cognito_failover.core.move.transitions import cancel_move, start_rollback
from cognito_failover.core.round_context import RoundContext
from cognito_failover.core.rules import MoveProposal, find_manual_move_violations
from cognito_failover.core.transition import Transition
from cognito_failover.core.user_sign_ins import NO_USER_SIGN_INS, UserSignInCounts
from cognito_failover.core.verdict import Verdict
from cognito_failover.settings.controller import Settings


def advance_drill(
    state: ControllerState, context: RoundContext, sign_ins: UserSignInCounts = NO_USER_SIGN_INS
) -> Transition:
    """Decide, before all other decisions of a round, how the drill continues. Without a drill nothing changes.

    Parameters
    ----------
    state
        The state with the verdicts of this round.
    context
        The settings, the consensus, and the time.
    sign_ins
        Sign-ins through the domain since the last round.

    """
    if state.drill is None:
        return Transition(state=state)
    if reason := _find_interruption_reason(state, state.drill, context.settings):
        return _interrupt(state, reason, context)
    drill = _count_sign_ins(state, state.drill, context, sign_ins)
    counted_state = replace(state, drill=drill)
    if drill.stage is DrillStage.SIMULATING:
        return continue_simulated_outage(counted_state, drill, context)
    if counted_state.move:
        return _continue_move(counted_state, drill, counted_state.move, context)
    match drill.stage:
        case DrillStage.MOVING_OUT:
            return _on_outbound_move_ended(counted_state, drill, context)
        case DrillStage.ON_STANDBY:
            return _continue_hold(counted_state, drill, context)
        case DrillStage.MOVING_BACK:
            return _continue_return(counted_state, drill, context)
        case _:
            assert_never(drill.stage)


def abort_active_drill(state: ControllerState, reason: str, context: RoundContext) -> Transition:
    """Abort the drill. It ends when users are back on the primary."""
    drill = replace(require_drill(state), abort_reason=reason)
    message = f"Drill {drill.id} is aborted: {reason}"
    event = Event(kind=EventKind.DRILL_ABORTED, at=context.now, message=message, drill=drill)
    aborted = Transition.from_event(replace(state, drill=drill), event)
    if aborted.state.move:
        return aborted.then(_send_users_back(aborted.state, aborted.state.move, context))
    if aborted.state.users_role is RegionRole.PRIMARY:
        return aborted.then(end_drill(aborted.state, DrillOutcome.ABORTED, "no users have to return.", context))
    return aborted.then(_start_return(aborted.state, drill, context))


def _find_interruption_reason(state: ControllerState, drill: Drill, settings: Settings) -> str:
    """Return what happened that no drill plans; empty if nothing did."""
    if state.hold:
        return f"automation waits for an acknowledgement: {state.hold.reason}"
    if state.move and state.move.drill_id != drill.id:
        return f"the move {state.move.id} has started, and does not belong to the drill."
    if _has_foreign_move(state, drill):
        return "users were moved, but not by the drill."
    is_returning = drill.return_move_id or (state.move and state.move.is_rolling_back)
    streak = state.streaks.primary
    if not is_returning and streak.verdict is Verdict.SICK and streak.rounds >= settings.suspect_rounds:
        return f"{settings.regions.primary} really has been sick for {streak.rounds} rounds."
    return ""


def _has_foreign_move(state: ControllerState, drill: Drill) -> bool:
    """Return whether a move that is not the drill's started and ended between two rounds."""
    ended_at, last_move = state.last_move_ended_at, state.last_move
    if (
        last_move is not None
        and ended_at is not None
        and last_move.drill_id != drill.id
        and ended_at > drill.started_at
    ):
        return True
    is_away = drill.stage in {DrillStage.ON_STANDBY, DrillStage.MOVING_BACK} and not drill.return_move_id
    return is_away and state.users_role is not RegionRole.STANDBY


def _interrupt(state: ControllerState, reason: str, context: RoundContext) -> Transition:
    """End the drill, and leave users where they are or where they are going. Its move is a real one from now on."""
    drill, move = require_drill(state), state.move
    if move and move.drill_id == drill.id:
        move = move.without_return(context.now) if move.is_round_trip else move
        state = replace(state, move=replace(move, drill_id=""))
    return end_drill(state, DrillOutcome.INTERRUPTED, reason, context)


def _count_sign_ins(state: ControllerState, drill: Drill, context: RoundContext, sign_ins: UserSignInCounts) -> Drill:
    """Count the sign-ins of this round while users are on the standby or on their way there."""
    move, consensus = state.move, context.consensus
    is_moving_out = (
        drill.stage is DrillStage.MOVING_OUT and move is not None and move.is_started and not move.is_rolling_back
    )
    if not is_moving_out and drill.stage is not DrillStage.ON_STANDBY:
        return drill
    if consensus.is_isolated:
        return drill
    outcomes = [True] * (sign_ins.tried - sign_ins.failed) + [False] * sign_ins.failed
    if consensus.roles.standby.is_new and consensus.roles.standby.verdict is not Verdict.UNKNOWN:
        outcomes.append(consensus.is_serving(RegionRole.STANDBY))
    for signed_in in outcomes:
        drill = drill.with_sign_in(signed_in=signed_in)
    return drill


def _continue_move(state: ControllerState, drill: Drill, move: Move, context: RoundContext) -> Transition:
    if move.id == drill.return_move_id or move.is_rolling_back:
        if context.now - move.step_started_at > STAGE_TIMEOUT_SECONDS:
            timeout_text = format_duration(STAGE_TIMEOUT_SECONDS)
            return _interrupt(state, f"the way back was not confirmed within {timeout_text}.", context)
        return Transition(state=state, message=f"Drill {drill.id}: users are on their way back.")
    if drill.abort_reason:
        return _send_users_back(state, move, context)
    is_overdue = context.now - drill.stage_since > STAGE_TIMEOUT_SECONDS
    if is_overdue and move.step_confirmed_at is not None and not context.consensus.is_serving(move.source):
        source, timeout_text = context.settings.regions[move.source], format_duration(STAGE_TIMEOUT_SECONDS)
        return _interrupt(state, f"{source} has not served for {timeout_text}.", context)
    reason = _find_abort_reason(drill, context)
    if is_overdue and not reason:
        reason = f"its move has not ended within {format_duration(STAGE_TIMEOUT_SECONDS)}."
    if reason:
        return abort_active_drill(state, reason, context)
    return Transition(state=state, message=f"Drill {drill.id}: users are on their way.")


def _send_users_back(state: ControllerState, move: Move, context: RoundContext) -> Transition:
    """Turn the move back or cancel it. While the source does not serve, the move continues to its target."""
    reason = f"the drill {move.drill_id} is aborted: {require_drill(state).abort_reason}"
    if move.progress is None and not has_latch_set(state, move):
        return cancel_move(state, reason, context.now)
    if context.consensus.is_serving(move.source):
        return start_rollback(state, reason, context)
    message = f"Users return when {context.settings.regions[move.source]} is known to serve."
    return Transition(state=state, message=message)


def _on_outbound_move_ended(state: ControllerState, drill: Drill, context: RoundContext) -> Transition:
    last_move = _find_confirmed_move(state, drill.move_ids[-1])
    if last_move is None:
        reason = drill.abort_reason or "its move was cancelled before it moved users."
        return end_drill(state, DrillOutcome.ABORTED, reason, context)
    if last_move.destination is RegionRole.PRIMARY and (reason := drill.abort_reason or last_move.rollback_reason):
        return end_drill(state, DrillOutcome.ABORTED, reason, context)
    if drill.kind is DrillKind.LEVER_TEST:
        return _test_next_lever(state, drill, context)
    if drill.abort_reason:
        return _start_return(state, drill, context)
    holding_drill = drill.with_stage(DrillStage.ON_STANDBY, state.last_move_ended_at or context.now)
    message = (
        f"Drill {drill.id}: users were moved to {context.settings.regions.standby}, and stay there until "
        f"{format_iso_utc(holding_drill.hold_ends_at)}."
    )
    event = Event(kind=EventKind.DRILL_ON_STANDBY, at=context.now, message=message, drill=holding_drill)
    return Transition.from_event(replace(state, drill=holding_drill), event)


def _test_next_lever(state: ControllerState, drill: Drill, context: RoundContext) -> Transition:
    consensus, now = context.consensus, context.now
    if len(drill.levers) == 1:
        return end_drill(state, DrillOutcome.SUCCEEDED, "each lever has moved users there and back.", context)
    next_lever = drill.levers[1]
    if next_lever not in list_active_levers(state, context.settings):  # its move would never end
        return end_drill(state, DrillOutcome.ABORTED, f"the {next_lever} is not attached any more.", context)
    if (
        consensus.is_serving(RegionRole.PRIMARY)
        and consensus.is_serving(RegionRole.STANDBY)
        and not consensus.is_isolated
    ):
        next_drill = replace(drill, levers=drill.levers[1:]).with_stage(DrillStage.MOVING_OUT, now)
        return start_outbound_move(state, next_drill, context)
    if now - drill.stage_since > 2 * STAGE_TIMEOUT_SECONDS:
        return end_drill(state, DrillOutcome.ABORTED, "at least one Region does not serve any more.", context)
    message = f"Drill {drill.id}: the {next_lever} is tested when both Regions are known to serve."
    return Transition(state=state, message=message)


def _continue_hold(state: ControllerState, drill: Drill, context: RoundContext) -> Transition:
    if reason := _find_abort_reason(drill, context):
        return abort_active_drill(state, reason, context)
    if context.now >= drill.hold_ends_at:
        return _start_return(state, drill, context)
    remaining_text = format_duration(drill.hold_ends_at - context.now)
    return Transition(state=state, message=f"Drill {drill.id}: users stay on the standby for {remaining_text} more.")


def _start_return(state: ControllerState, drill: Drill, context: RoundContext) -> Transition:
    returning_drill = drill.with_stage(DrillStage.MOVING_BACK, context.now)
    return _continue_return(replace(state, drill=returning_drill), returning_drill, context)


def _continue_return(state: ControllerState, drill: Drill, context: RoundContext) -> Transition:
    if drill.return_move_id:
        return _on_return_move_ended(state, drill, context)
    if reason := _find_return_blocker(state, context):
        if context.now - drill.stage_since > STAGE_TIMEOUT_SECONDS:
            timeout_text = format_duration(STAGE_TIMEOUT_SECONDS)
            return _interrupt(state, f"users could not return for {timeout_text}: {reason}", context)
        message = f"Drill {drill.id}: users cannot return yet: {reason}"
        return Transition(state=state, message=message)
    mode = drill.return_mode if not drill.abort_reason and can_return_in_steps(state) else MoveMode.ALL_AT_ONCE
    move = create_drill_move(drill, RegionRole.PRIMARY, context, mode=mode)
    returning_drill = replace(drill.with_move(move.id), return_move_id=move.id)
    return start_drill_move(replace(state, drill=returning_drill), move, context)


def _find_return_blocker(state: ControllerState, context: RoundContext) -> str:
    """Return why users cannot go back to the primary yet; empty if they can."""
    proposal = MoveProposal(state=state, context=context, target=RegionRole.PRIMARY)
    for violation in find_manual_move_violations(proposal):
        return violation.message
    streak, settings = state.streaks.primary, context.settings
    healthy_rounds = streak.serving_rounds
    if healthy_rounds < settings.suspect_rounds:
        return f"{settings.regions.primary} has been healthy for {healthy_rounds} of {settings.suspect_rounds} rounds."
    return "No third Region answers." if context.consensus.is_isolated else ""


def _on_return_move_ended(state: ControllerState, drill: Drill, context: RoundContext) -> Transition:
    last_move = _find_confirmed_move(state, drill.return_move_id)
    if last_move is None or last_move.destination is not RegionRole.PRIMARY:
        reason = (last_move and last_move.rollback_reason) or "the move back was cancelled before it moved users."
        return end_drill(state, DrillOutcome.INTERRUPTED, reason, context)
    outcome = DrillOutcome.ABORTED if drill.abort_reason else DrillOutcome.SUCCEEDED
    return end_drill(state, outcome, drill.abort_reason or "everything went as planned.", context)


def _find_abort_reason(drill: Drill, context: RoundContext) -> str:
    if not drill.has_too_many_failures:
        return ""
    return (
        f"{drill.failed_sign_in_count} of {drill.sign_in_count} sign-ins on {context.settings.regions.standby} have "
        f"failed, the last {drill.consecutive_failures} in a row: {context.consensus.roles.standby.detail}"
    )


def _find_confirmed_move(state: ControllerState, move_id: str) -> Move | None:
    """Return a move of the drill that ended confirmed; None if it was cancelled before."""
    return state.last_move if state.last_move and state.last_move.id == move_id else None
