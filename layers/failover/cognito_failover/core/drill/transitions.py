"""How a drill begins, moves users and ends: each noted in the state, with what to say of it. Pure."""

from dataclasses import replace

from cognito_failover.common.region import Instant, RegionRole
from cognito_failover.common.text import format_duration
from cognito_failover.core.drill.plan import describe_plan
from cognito_failover.core.failure_detector import Suspicion
from cognito_failover.core.model.drill import Drill, DrillKind, DrillOutcome, DrillStage
from cognito_failover.core.model.event import Event, EventKind
from cognito_failover.core.model.move import ALL_AT_ONCE, ALL_LEVERS, ROUND_TRIP, STEPPED, LeverName, Move
from cognito_failover.core.model.state import ControllerState, require_drill
from cognito_failover.core.move.transitions import Transition, describe_step
from cognito_failover.settings.controller import Settings


def start_drill(state: ControllerState, drill: Drill, settings: Settings, now: Instant) -> Transition:
    """Start a drill whose preconditions have been seen to hold."""
    message = (
        f"Drill {drill.id} ({drill.kind}) begins, asked for by {drill.requested_by}: {drill.reason.rstrip('.')}. "
        f"Planned: {' '.join(describe_plan(drill, settings))}"
    )
    if drill.kind is DrillKind.TABLETOP:
        ended_drill = drill.with_outcome(DrillOutcome.SUCCEEDED, now)
        started_event = Event(kind=EventKind.DRILL_STARTED, at=now, message=message, drill=drill)
        end_message = f"Drill {drill.id} has ended: nothing was moved, and nothing was to be."
        ended_event = Event(kind=EventKind.DRILL_ENDED, at=now, message=end_message, drill=ended_drill)
        return replace(state, last_drill=ended_drill), message, (started_event, ended_event)
    if drill.kind is DrillKind.SIMULATED_OUTAGE:
        simulating_state = replace(state, drill=drill.with_stage(DrillStage.SIMULATING, now))
        return simulating_state, message, (Event(kind=EventKind.DRILL_STARTED, at=now, message=message, drill=drill),)
    new_state, _, move_events = start_outbound_move(state, drill, settings, now)
    return new_state, message, (Event(kind=EventKind.DRILL_STARTED, at=now, message=message, drill=drill), *move_events)


def start_outbound_move(state: ControllerState, drill: Drill, settings: Settings, now: Instant) -> Transition:
    """Begin the way to the standby: of all users, or of those whom the lever under test moves."""
    if drill.kind is DrillKind.LEVER_TEST:
        move = create_drill_move(drill, RegionRole.STANDBY, settings, now, steps=ROUND_TRIP, levers=drill.levers[:1])
    else:
        move = create_drill_move(drill, RegionRole.STANDBY, settings, now)
    return start_drill_move(replace(state, drill=drill.with_move(move.id)), move, settings, now)


def create_drill_move(
    drill: Drill,
    target: RegionRole,
    settings: Settings,
    now: Instant,
    *,
    steps: tuple[int, ...] = ALL_AT_ONCE,
    levers: tuple[LeverName, ...] = ALL_LEVERS,
) -> Move:
    """Return a move of the drill: one by hand, since a person asked for it by asking for the drill."""
    return Move(
        id=f"to-{settings.regions[target]}-{int(now)}",
        source=target.opposite,
        target=target,
        is_automatic=False,
        reason=drill.reason,
        requested_by=drill.requested_by,
        suspected_at=now,
        decided_at=now,
        step_started_at=now,
        steps=steps,
        is_stepped=steps == STEPPED,
        drill_id=drill.id,
        levers=levers,
    )


def start_drill_move(state: ControllerState, move: Move, settings: Settings, now: Instant) -> Transition:
    """Let a move of the drill begin."""
    message = f"Drill {move.drill_id}: {describe_step(move, settings)}."
    event = Event(kind=EventKind.MOVE_DECIDED, at=now, message=message, move=move)
    return replace(state, move=move, blocked_by=""), message, (event,)


def end_drill(
    state: ControllerState, outcome: DrillOutcome, reason: str, settings: Settings, now: Instant
) -> Transition:
    """End the drill: nothing of it is left but the users where they are. ``why`` follows a colon and ends in a stop."""
    drill = require_drill(state)
    ended_drill = drill.with_outcome(outcome, now)
    location_text = f"Users are on {settings.regions[state.active_role]}."
    if state.move:
        location_text = f"Users are on their way to {settings.regions[state.move.destination]}."
    stay_text = " Nothing brings them back by itself." if _has_users_on_standby(state) else ""
    message = f"Drill {drill.id} has ended, {outcome}, after {format_duration(now - drill.started_at)}: {reason} {location_text}{stay_text}"
    new_state = replace(state, drill=None, last_drill=ended_drill)
    if drill.stage is DrillStage.SIMULATING:  # no real suspicion may grow out of what was fed
        new_state = replace(new_state, suspicion=Suspicion(role=state.active_role), blocked_by="")
    return new_state, message, (Event(kind=EventKind.DRILL_ENDED, at=now, message=message, drill=ended_drill),)


def _has_users_on_standby(state: ControllerState) -> bool:
    return (state.move.destination if state.move else state.active_role) is RegionRole.STANDBY
