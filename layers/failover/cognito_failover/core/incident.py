"""One thread per incident: what is told from the first sign of trouble until all is as it should be. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from cognito_failover.common.region import Instant, RegionRole
from cognito_failover.core.model.event import Event, EventKind
from cognito_failover.core.model.state import ControllerState

_PREFIX = "incident-"


def assign_incident(state: ControllerState, events: Sequence[Event]) -> tuple[ControllerState, tuple[Event, ...]]:
    """Return a state that is about to be saved, and what is told with it, both with the incident they belong to.

    It begins with the first announcement while something is not as it should be, and has been over once nothing is,
    which a failback may bring about hours after the move. What is told on a calm day belongs to none.

    Sign-in that begins to fail during the incident of something else, such as a drill, a lagging replica or an outage
    that a move has already answered, begins another: whoever has muted the first, or acknowledged it in a pager, is
    woken again.
    """
    incident_id = state.incident_id
    if not incident_id and not events:
        return state, ()
    if not incident_id and _is_open(state):
        incident_id = _create_incident_id(events[0].at)
    assigned_events: list[Event] = []
    for each in events:
        since = _get_failing_since(each, state)
        if incident_id and since is not None and get_incident_start(incident_id) < int(since):
            incident_id = _create_incident_id(each.at)
        assigned_events.append(replace(each, incident_id=incident_id))
    return replace(state, incident_id=incident_id if _is_open(state) else ""), tuple(assigned_events)


def get_incident_start(incident_id: str) -> Instant:
    """Return when an incident began, to the second; long ago if its name can't be read, which must stop nothing."""
    try:
        return float(incident_id.removeprefix(_PREFIX))
    except ValueError:
        return 0.0


def _create_incident_id(at: Instant) -> str:
    return f"{_PREFIX}{int(at)}"


def _get_failing_since(event: Event, state: ControllerState) -> Instant | None:
    """Return since when sign-in fails, of what says that it really does; None of all else."""
    move = event.move
    if event.drill_id:
        return None
    if event.kind is EventKind.MOVE_DECIDED and move and move.is_automatic_failover:
        return move.suspected_at
    if event.kind in {EventKind.BLOCKED, EventKind.WOULD_MOVE}:
        return state.active_suspicion.since
    return None


def _is_open(state: ControllerState) -> bool:
    """Tell whether anything is under way, away from home, or not well."""
    records = state.records
    return (
        state.move is not None
        or state.drill is not None
        or state.hold is not None
        or state.pending_weight_sync is not None
        or state.active_role is RegionRole.STANDBY
        or state.active_suspicion.is_active
        or bool(state.blocked_by)
        or any(concern for _, concern in state.degraded_verdicts)
        or any(latch.problem for latch in state.latches.values())
        or (records is not None and bool(records.problem or records.read_error))
    )
