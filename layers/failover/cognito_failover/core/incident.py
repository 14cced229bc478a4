"""The incident id that ties together the events of one outage. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from cognito_failover.common.region import Instant, RegionRole
from cognito_failover.core.model.event import Event, EventKind
from cognito_failover.core.model.state import ControllerState

_PREFIX = "incident-"


def assign_incident(state: ControllerState, events: Sequence[Event]) -> tuple[ControllerState, tuple[Event, ...]]:
    """Return the state to save and its events, with the id of their incident.

    An incident starts with the first event while something is wrong. It ends when nothing is wrong any more, such as
    after a failback hours later. Events at any other time have no incident.

    If sign-in starts to fail during an incident with another cause, a new incident starts. Such causes are a drill, a
    lagging replica, or an outage that a move has already answered. So a person who has muted the first incident is
    notified again.
    """
    incident_id = state.incident_id
    if not incident_id and not events:
        return state, ()
    if not incident_id and _is_open(state):
        incident_id = _create_incident_id(events[0].at)
    assigned_events: list[Event] = []
    for event in events:
        since = _get_failing_since(event, state)
        if incident_id and since is not None and get_incident_start(incident_id) < int(since):
            incident_id = _create_incident_id(event.at)
        assigned_events.append(replace(event, incident_id=incident_id))
    return replace(state, incident_id=incident_id if _is_open(state) else ""), tuple(assigned_events)


def get_incident_start(incident_id: str) -> Instant:
    """Return when an incident started, to the second. An id that cannot be parsed gives 0, without an error."""
    try:
        return float(incident_id.removeprefix(_PREFIX))
    except ValueError:
        return 0.0


def _create_incident_id(at: Instant) -> str:
    return f"{_PREFIX}{int(at)}"


def _get_failing_since(event: Event, state: ControllerState) -> Instant | None:
    """Return when sign-in started failing, or None if this event does not prove a failure."""
    move = event.move
    if event.drill_id:
        return None
    if event.kind is EventKind.MOVE_DECIDED and move and move.is_automatic_failover:
        return move.suspected_at
    if event.kind in {EventKind.BLOCKED, EventKind.WOULD_MOVE}:
        return state.active_suspicion.since
    return None


def _is_open(state: ControllerState) -> bool:
    """Return whether anything is under way or wrong, or users are on the standby."""
    records = state.records
    return (
        state.move is not None
        or state.drill is not None
        or state.hold is not None
        or state.pending_weight_sync is not None
        or state.active_role is RegionRole.STANDBY
        or state.active_suspicion.is_active
        or bool(state.blocked_by)
        or any(verdict for _, verdict in state.degraded_verdicts)
        or any(latch.problem for latch in state.latches.values())
        or (records is not None and bool(records.problem or records.read_error))
    )
