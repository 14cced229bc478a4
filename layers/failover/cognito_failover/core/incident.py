"""The incident that ties together the events of one outage, and what it has reported. Pure."""

import re
from collections.abc import Sequence
from dataclasses import replace
from zlib import crc32

from cognito_failover.common.region import Instant, RegionRole
from cognito_failover.core.model.event import Event, EventKind
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.verdict import Verdict

_PREFIX = "incident-"

_NUMBER = re.compile(r"(?<![\w-])\d+(?:\.\d+)?\b")
"""A share, a count or a duration, but no digit of a name such as ``us-east-1``."""

_MAX_REPORTED_NEWS = 50
"""Maximum number of news that an incident remembers."""

_NO_MOVE_DUE = frozenset({EventKind.SUSPICION_CLEARED, EventKind.MOVE_DECIDED})

_CONTRADICTED_BY = {
    EventKind.BLOCKED: _NO_MOVE_DUE,
    EventKind.WOULD_MOVE: _NO_MOVE_DUE,
    EventKind.REGION_DEGRADED: frozenset({EventKind.REGION_RECOVERED}),
    EventKind.LEVER_PROBLEM: frozenset({EventKind.LEVER_RECOVERED}),
    EventKind.LATCH_PROBLEM: frozenset({EventKind.LATCH_RECOVERED}),
    EventKind.LOCATION_DIFFERS: frozenset({EventKind.LOCATION_RESTORED}),
}
"""The kinds of news that last, and what says that they are over. Other kinds report an act, which happens once."""


def assign_incident(state: ControllerState, events: Sequence[Event]) -> tuple[ControllerState, tuple[Event, ...]]:
    """Return the state to save and its events, with the id of their incident and without what it has reported.

    An incident starts with the first event while something is wrong. It ends when nothing is wrong any more, such as
    after a failback hours later. Events at any other time have no incident.

    If sign-in starts to fail during an incident with another cause, a new incident starts. Such causes are a drill, a
    lagging replica, or an outage that a move has already answered. So a person who has muted the first incident is
    notified again.

    News that lasts is reported once per incident, also if other news alternates with it, until an event contradicts it.
    """
    incident_id, reported_news = state.incident_id, state.reported_news
    if not incident_id and not events:
        return state, ()
    if not incident_id and _is_open(state):
        incident_id = _create_incident_id(events[0].at)
    assigned_events: list[Event] = []
    for event in events:
        since = _get_failing_since(event, state)
        if incident_id and since is not None and get_incident_start(incident_id) < int(since):
            incident_id, reported_news = _create_incident_id(event.at), ()
        key = get_news_key(event)
        if key in reported_news:
            continue
        reported_news = tuple(other for other in reported_news if not contradicts(event, other))
        if event.kind in _CONTRADICTED_BY:
            reported_news = (*reported_news, key)[-_MAX_REPORTED_NEWS:]
        assigned_events.append(replace(event, incident_id=incident_id))
    if not _is_open(state):
        return replace(state, incident_id="", reported_news=()), tuple(assigned_events)
    return replace(state, incident_id=incident_id, reported_news=reported_news), tuple(assigned_events)


def get_news_key(event: Event) -> str:
    """Return a key that two events share if they report the same news. Numbers in their texts may differ."""
    destination = event.move.destination if event.move else None
    facts = [fact for fact in (event.verdict, event.rule, destination, event.drill_id) if fact]
    text = _NUMBER.sub("", event.message)
    return "/".join((event.kind, event.role or "", *(facts or [f"{crc32(text.encode()):08x}"])))


def contradicts(event: Event, news_key: str) -> bool:
    """Return whether an event says that some news is over. What it says about one Region leaves the other's."""
    kind, role, *_ = news_key.split("/")
    return event.kind in _CONTRADICTED_BY.get(EventKind(kind), ()) and role == (event.role or "")


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
    if event.kind is EventKind.REGION_DEGRADED and event.verdict is Verdict.SICK and event.role in state.user_roles:
        return state.streaks[event.role].since
    return None


def _is_open(state: ControllerState) -> bool:
    """Return whether anything is under way or wrong, or users are on the standby."""
    records = state.records
    return (
        state.move is not None
        or state.drill is not None
        or state.hold is not None
        or state.pending_weight_sync is not None
        or state.users_role is RegionRole.STANDBY
        or any(difference.is_confirmed for difference in state.differences.values())
        or state.active_suspicion.is_active
        or bool(state.blocked_by)
        or any(verdict for _, verdict in state.degraded_verdicts)
        or any(latch.problem for latch in state.latches.values())
        or (records is not None and bool(records.problem or records.read_error))
    )
