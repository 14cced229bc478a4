"""What follows for a drill from what is remembered and known: once a round, like for a move. Pure.

A drill moves nobody itself. It begins ordinary moves, lets them be carried like any other, and turns the one that is
under way round where it has to. Whatever happens that no drill has planned ends it.
"""

from dataclasses import replace
from typing import assert_never

from cognito_failover.common.region import Instant, RegionRole
from cognito_failover.common.text import format_duration, format_iso_utc
from cognito_failover.core.consensus import Consensus
from cognito_failover.core.drill.plan import list_active_levers
from cognito_failover.core.drill.simulated_outage import continue_simulated_outage
from cognito_failover.core.drill.transitions import create_drill_move, end_drill, start_drill_move, start_outbound_move
from cognito_failover.core.model.drill import STAGE_TIMEOUT_SECONDS, Drill, DrillKind, DrillOutcome, DrillStage
from cognito_failover.core.model.event import Event, EventKind
from cognito_failover.core.model.move import ALL_AT_ONCE, Move
from cognito_failover.core.model.state import ControllerState, require_drill
from cognito_failover.core.move.latches import has_latch_set
from cognito_failover.core.move.transitions import Transition, cancel_move, start_rollback
from cognito_failover.core.rules import MoveProposal, find_manual_move_violations
from cognito_failover.core.user_sign_ins import NO_USER_SIGN_INS, UserSignInCounts
from cognito_failover.core.verdict import SERVING_VERDICTS, Verdict
from cognito_failover.settings.controller import Settings


def advance_drill(
    state: ControllerState,
    consensus: Consensus,
    settings: Settings,
    now: Instant,
    sign_ins: UserSignInCounts = NO_USER_SIGN_INS,
) -> Transition:
    """Decide, once a round and before anything else is, how the drill that is on goes on.

    Without one nothing follows, and nothing is said. ``sign_ins`` are those through the domain since the last round.
    """
    if state.drill is None:
        return state, "", ()
    if why := _find_interruption_reason(state, state.drill, settings):
        return _interrupt(state, why, settings, now)
    counted_state = replace(state, drill=_count_sign_ins(state, state.drill, consensus, sign_ins))
    drill = require_drill(counted_state)
    if drill.stage is DrillStage.SIMULATING:
        return continue_simulated_outage(counted_state, drill, consensus, settings, now)
    if counted_state.move:
        return _continue_move(counted_state, drill, counted_state.move, consensus, settings, now)
    match drill.stage:
        case DrillStage.MOVING_OUT:
            return _on_outbound_move_ended(counted_state, drill, consensus, settings, now)
        case DrillStage.ON_STANDBY:
            return _continue_hold(counted_state, drill, consensus, settings, now)
        case DrillStage.MOVING_BACK:
            return _continue_return(counted_state, drill, consensus, settings, now)
        case _:
            assert_never(drill.stage)


def abort_active_drill(
    state: ControllerState, reason: str, consensus: Consensus, settings: Settings, now: Instant
) -> Transition:
    """Let the drill that is on go home early, from wherever it is; it ends once users are back."""
    drill = replace(require_drill(state), abort_reason=reason)
    message = f"Drill {drill.id} is aborted: {reason}"
    event = Event(kind=EventKind.DRILL_ABORTED, at=now, message=message, drill=drill)
    updated_state = replace(state, drill=drill)
    if updated_state.move is None and updated_state.active_role is RegionRole.PRIMARY:
        new_state, end_message, end_events = end_drill(
            updated_state, DrillOutcome.ABORTED, "nobody has to be brought home.", settings, now
        )
        return new_state, f"{message} {end_message}", (event, *end_events)
    if updated_state.move is None:
        new_state, return_message, more_events = _continue_return(
            replace(updated_state, drill=drill.with_stage(DrillStage.MOVING_BACK, now)), drill, consensus, settings, now
        )
        return new_state, f"{message} {return_message}", (event, *more_events)
    new_state, rollback_message, more_events = _send_users_back(
        updated_state, updated_state.move, consensus, settings, now
    )
    return new_state, f"{message} {rollback_message}".strip(), (event, *more_events)


def _find_interruption_reason(state: ControllerState, drill: Drill, settings: Settings) -> str:
    """Say what no drill plans has happened; empty if nothing has."""
    if state.hold:
        return f"automation waits for an acknowledgement: {state.hold.reason}"
    if state.move and state.move.drill_id != drill.id:
        return f"the move {state.move.id} has begun, which is none of the drill's."
    if _has_foreign_move(state, drill):
        return "users have been moved, and not by the drill."
    is_returning = drill.return_move_id or (state.move and state.move.is_rolling_back)
    streak = state.streaks.primary
    if not is_returning and streak.verdict is Verdict.SICK and streak.rounds >= settings.suspect_rounds:
        return f"{settings.regions.primary} really has been sick for {streak.rounds} rounds."
    return ""


def _has_foreign_move(state: ControllerState, drill: Drill) -> bool:
    """Tell whether another move has begun and ended between two rounds of the drill."""
    ended_at, last_move = state.last_move_ended_at, state.last_move
    if (
        last_move is not None
        and ended_at is not None
        and last_move.drill_id != drill.id
        and ended_at > drill.started_at
    ):
        return True
    is_away = drill.stage in {DrillStage.ON_STANDBY, DrillStage.MOVING_BACK} and not drill.return_move_id
    return is_away and state.active_role is not RegionRole.STANDBY


def _interrupt(state: ControllerState, reason: str, settings: Settings, now: Instant) -> Transition:
    """End the drill, and leave users where they are or are on their way to."""
    drill, move = require_drill(state), state.move
    if move and move.drill_id == drill.id and move.is_round_trip:
        state = replace(state, move=move.without_return(now))
    return end_drill(state, DrillOutcome.INTERRUPTED, reason, settings, now)


def _count_sign_ins(state: ControllerState, drill: Drill, consensus: Consensus, sign_ins: UserSignInCounts) -> Drill:
    """Count this round's sign-in where users are, as far as it is known, and those through the domain."""
    move = state.move
    is_moving_out = (
        drill.stage is DrillStage.MOVING_OUT and move is not None and move.is_started and not move.is_rolling_back
    )
    if not is_moving_out and drill.stage is not DrillStage.ON_STANDBY:
        return drill
    if consensus.is_isolated:
        return drill
    outcomes = [True] * (sign_ins.tried - sign_ins.failed) + [False] * sign_ins.failed
    if consensus.roles.standby.verdict is not Verdict.UNKNOWN:
        outcomes.append(consensus.is_serving(RegionRole.STANDBY))
    for signed_in in outcomes:
        drill = drill.with_sign_in(signed_in=signed_in)
    return drill


def _continue_move(
    state: ControllerState, drill: Drill, move: Move, consensus: Consensus, settings: Settings, now: Instant
) -> Transition:
    if move.id == drill.return_move_id or move.is_rolling_back:
        return state, f"Drill {drill.id}: users are on their way home.", ()
    if drill.abort_reason:
        return _send_users_back(state, move, consensus, settings, now)
    is_overdue = now - drill.stage_since > STAGE_TIMEOUT_SECONDS
    if is_overdue and move.step_confirmed_at is not None and not consensus.is_serving(move.source):
        reason = f"{settings.regions[move.source]} has not served for {format_duration(STAGE_TIMEOUT_SECONDS)}."
        return _interrupt(state, reason, settings, now)
    if reason := _find_abort_reason(drill, consensus, settings):
        return abort_active_drill(state, reason, consensus, settings, now)
    if is_overdue:
        return abort_active_drill(
            state, f"its move has not ended within {format_duration(STAGE_TIMEOUT_SECONDS)}.", consensus, settings, now
        )
    return state, f"Drill {drill.id}: users are on their way.", ()


def _send_users_back(
    state: ControllerState, move: Move, consensus: Consensus, settings: Settings, now: Instant
) -> Transition:
    """Turn the move under way round, or give it up; with the primary not known to serve it first ends where it goes."""
    reason = f"the drill {move.drill_id} is aborted: {require_drill(state).abort_reason}"
    if move.progress is None and not has_latch_set(state, move):
        return cancel_move(state, reason, now)
    if consensus.is_serving(move.source):
        return start_rollback(state, reason, settings, now)
    return state, f"Users go home once {settings.regions[move.source]} is known to serve.", ()


def _on_outbound_move_ended(
    state: ControllerState, drill: Drill, consensus: Consensus, settings: Settings, now: Instant
) -> Transition:
    last_move = _find_confirmed_move(state, drill.move_ids[-1])
    if last_move is None:
        reason = drill.abort_reason or "its move was given up before it moved anybody."
        return end_drill(state, DrillOutcome.ABORTED, reason, settings, now)
    if last_move.destination is RegionRole.PRIMARY and (drill.abort_reason or last_move.rollback_reason):
        return end_drill(state, DrillOutcome.ABORTED, drill.abort_reason or last_move.rollback_reason, settings, now)
    if drill.kind is DrillKind.LEVER_TEST:
        return _test_next_lever(state, drill, consensus, settings, now)
    holding_drill = drill.with_stage(DrillStage.ON_STANDBY, state.last_move_ended_at or now)
    if drill.abort_reason:
        returning_state = replace(state, drill=drill.with_stage(DrillStage.MOVING_BACK, now))
        return _continue_return(returning_state, require_drill(returning_state), consensus, settings, now)
    message = (
        f"Drill {drill.id}: users are on {settings.regions.standby}, and stay there until "
        f"{format_iso_utc(holding_drill.hold_ends_at)}."
    )
    event = Event(kind=EventKind.DRILL_ON_STANDBY, at=now, message=message, drill=holding_drill)
    return replace(state, drill=holding_drill), message, (event,)


def _test_next_lever(
    state: ControllerState, drill: Drill, consensus: Consensus, settings: Settings, now: Instant
) -> Transition:
    if len(drill.levers) == 1:
        return end_drill(state, DrillOutcome.SUCCEEDED, "each lever has moved users there and back.", settings, now)
    if drill.levers[1] not in list_active_levers(state, settings):  # it would move nobody, and its move would never end
        return end_drill(state, DrillOutcome.ABORTED, f"the {drill.levers[1]} is not attached any more.", settings, now)
    if (
        consensus.is_serving(RegionRole.PRIMARY)
        and consensus.is_serving(RegionRole.STANDBY)
        and not consensus.is_isolated
    ):
        next_drill = replace(drill, levers=drill.levers[1:]).with_stage(DrillStage.MOVING_OUT, now)
        return start_outbound_move(state, next_drill, settings, now)
    if now - drill.stage_since > 2 * STAGE_TIMEOUT_SECONDS:
        return end_drill(state, DrillOutcome.ABORTED, "the Regions do not both serve any more.", settings, now)
    return state, f"Drill {drill.id}: the {drill.levers[1]} is tested once both Regions are known to serve.", ()


def _continue_hold(
    state: ControllerState, drill: Drill, consensus: Consensus, settings: Settings, now: Instant
) -> Transition:
    if why := _find_abort_reason(drill, consensus, settings):
        return abort_active_drill(state, why, consensus, settings, now)
    if now >= drill.hold_ends_at:
        returning_state = replace(state, drill=drill.with_stage(DrillStage.MOVING_BACK, now))
        return _continue_return(returning_state, require_drill(returning_state), consensus, settings, now)
    return (
        state,
        f"Drill {drill.id}: users stay on the standby for {format_duration(drill.hold_ends_at - now)} more.",
        (),
    )


def _continue_return(
    state: ControllerState, drill: Drill, consensus: Consensus, settings: Settings, now: Instant
) -> Transition:
    if drill.return_move_id:
        return _on_return_move_ended(state, drill, settings, now)
    if why := _find_return_blocker(state, consensus, settings, now):
        if now - require_drill(state).stage_since > STAGE_TIMEOUT_SECONDS:
            return _interrupt(
                state,
                f"nobody could be brought home for {format_duration(STAGE_TIMEOUT_SECONDS)}: {why}",
                settings,
                now,
            )
        return state, f"Drill {drill.id}: users go home once nothing is in the way: {why}", ()
    steps = ALL_AT_ONCE if drill.abort_reason else drill.steps
    move = create_drill_move(drill, RegionRole.PRIMARY, settings, now, steps=steps)
    returning_drill = replace(require_drill(state).with_move(move.id), return_move_id=move.id)
    return start_drill_move(replace(state, drill=returning_drill), move, settings, now)


def _find_return_blocker(state: ControllerState, consensus: Consensus, settings: Settings, now: Instant) -> str:
    """Say why users can't be brought home yet; empty if they can."""
    proposal = MoveProposal(state=state, consensus=consensus, settings=settings, now=now, target=RegionRole.PRIMARY)
    for obstacle in find_manual_move_violations(proposal):
        return obstacle.message
    streak = state.streaks.primary
    healthy_rounds = streak.rounds if streak.verdict in SERVING_VERDICTS else 0
    if healthy_rounds < settings.suspect_rounds:
        return f"{settings.regions.primary} has been healthy for {healthy_rounds} of {settings.suspect_rounds} rounds."
    return "No third Region answers." if consensus.is_isolated else ""


def _on_return_move_ended(state: ControllerState, drill: Drill, settings: Settings, now: Instant) -> Transition:
    last_move = _find_confirmed_move(state, drill.return_move_id)
    if last_move is None or last_move.destination is not RegionRole.PRIMARY:
        reason = (last_move and last_move.rollback_reason) or "the way home was given up before it moved anybody."
        return end_drill(state, DrillOutcome.INTERRUPTED, reason, settings, now)
    outcome = DrillOutcome.ABORTED if drill.abort_reason else DrillOutcome.SUCCEEDED
    return end_drill(state, outcome, drill.abort_reason or "everything went as planned.", settings, now)


def _find_abort_reason(drill: Drill, consensus: Consensus, settings: Settings) -> str:
    if not drill.has_too_many_failures:
        return ""
    region_consensus = consensus.roles.standby
    return (
        f"{drill.failed_sign_in_count} of {drill.sign_in_count} sign-ins on {settings.regions.standby} have failed, the last "
        f"{drill.consecutive_failures} in a row: {region_consensus.detail}"
    )


def _find_confirmed_move(state: ControllerState, move_id: str) -> Move | None:
    """Return a move of the drill that ended confirmed; None if it was given up before."""
    return state.last_move if state.last_move and state.last_move.id == move_id else None
