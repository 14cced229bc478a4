"""How a drill starts, moves users and ends. Pure."""

from dataclasses import replace

from cognito_failover.common.region import RegionRole
from cognito_failover.common.text import format_duration
from cognito_failover.core.drill.plan import describe_plan
from cognito_failover.core.failure_detector import Suspicion
from cognito_failover.core.model.drill import Drill, DrillKind, DrillOutcome, DrillStage
from cognito_failover.core.model.event import Event, EventKind
from cognito_failover.core.model.move import ALL_LEVERS, LeverName, Move, MoveMode
from cognito_failover.core.model.state import ControllerState, require_drill
from cognito_failover.core.move.transitions import describe_step
from cognito_failover.core.round_context import RoundContext
from cognito_failover.core.transition import Transition
from cognito_failover.core.user_location import are_all_users_on


def start_drill(state: ControllerState, drill: Drill, context: RoundContext) -> Transition:
    """Start a drill whose rules hold."""
    message = (
        f"Drill {drill.id} ({drill.kind}) starts, requested by {drill.requested_by}: {drill.reason.rstrip('.')}. "
        f"Plan: {' '.join(describe_plan(drill, context.settings))}"
    )
    started_event = Event(kind=EventKind.DRILL_STARTED, at=context.now, message=message, drill=drill)
    started = Transition.from_event(state, started_event)
    if drill.kind is DrillKind.TABLETOP:
        ended_drill = drill.with_outcome(DrillOutcome.SUCCEEDED, context.now)
        end_message = f"Drill {drill.id} has ended. It moved no users, as planned."
        ended_event = Event(kind=EventKind.DRILL_ENDED, at=context.now, message=end_message, drill=ended_drill)
        return replace(started, state=replace(state, last_drill=ended_drill), events=(started_event, ended_event))
    if drill.kind is DrillKind.SIMULATED_OUTAGE:
        return replace(started, state=replace(state, drill=drill.with_stage(DrillStage.SIMULATING, context.now)))
    moving = start_outbound_move(state, drill, context)
    return replace(started, state=moving.state, events=(started_event, *moving.events))


def start_outbound_move(state: ControllerState, drill: Drill, context: RoundContext) -> Transition:
    """Start the move to the standby. A lever test moves users by one lever, and back."""
    if drill.kind is DrillKind.LEVER_TEST:
        move = create_drill_move(drill, RegionRole.STANDBY, context, mode=MoveMode.ROUND_TRIP, levers=drill.levers[:1])
    else:
        move = create_drill_move(drill, RegionRole.STANDBY, context)
    return start_drill_move(replace(state, drill=drill.with_move(move.id)), move, context)


def create_drill_move(
    drill: Drill,
    target: RegionRole,
    context: RoundContext,
    *,
    mode: MoveMode = MoveMode.ALL_AT_ONCE,
    levers: tuple[LeverName, ...] = ALL_LEVERS,
) -> Move:
    """Return a move of the drill. It counts as a manual move, because a person requested the drill."""
    return Move(
        id=f"to-{context.settings.regions[target]}-{int(context.now)}",
        source=target.opposite,
        target=target,
        is_automatic=False,
        reason=drill.reason,
        requested_by=drill.requested_by,
        suspected_at=context.now,
        decided_at=context.now,
        step_started_at=context.now,
        mode=mode,
        steps=mode.steps,
        drill_id=drill.id,
        levers=levers,
    )


def start_drill_move(state: ControllerState, move: Move, context: RoundContext) -> Transition:
    """Start a move of the drill."""
    message = f"Drill {move.drill_id}: {describe_step(move, context.settings)}."
    event = Event(kind=EventKind.MOVE_DECIDED, at=context.now, message=message, move=move)
    return Transition.from_event(replace(state, move=move, blocked_by=""), event)


def end_drill(state: ControllerState, outcome: DrillOutcome, reason: str, context: RoundContext) -> Transition:
    """End the drill, and leave users where they are.

    Parameters
    ----------
    state
        The state with the drill.
    outcome
        How it ends.
    reason
        Why, as a sentence that follows a colon and ends in a full stop.
    context
        The settings and the time.

    """
    drill = require_drill(state)
    ended_drill = drill.with_outcome(outcome, context.now)
    duration_text = format_duration(context.now - drill.started_at)
    location_text = _describe_users(state, context)
    message = f"Drill {drill.id} has ended, {outcome}, after {duration_text}: {reason} {location_text}"
    ended_state = replace(state, drill=None, last_drill=ended_drill)
    if drill.stage is DrillStage.SIMULATING:  # simulated rounds leave no real suspicion
        ended_state = replace(ended_state, suspicion=Suspicion(role=state.users_role), blocked_by="")
    event = Event(kind=EventKind.DRILL_ENDED, at=context.now, message=message, drill=ended_drill)
    return Transition.from_event(ended_state, event)


def _describe_users(state: ControllerState, context: RoundContext) -> str:
    """Return where the users of an ended drill are. After an external change, the status says it."""
    role = state.move.destination if state.move else state.users_role
    is_known = not state.hold and not state.differences and are_all_users_on(state, role, context)
    if not state.move and not is_known:
        return "The status shows where users are."
    stay_text = " They do not return automatically." if role is RegionRole.STANDBY else ""
    return f"Users are {'on their way to' if state.move else 'on'} {context.settings.regions[role]}.{stay_text}"
