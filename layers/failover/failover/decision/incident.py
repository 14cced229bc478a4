"""One thread per incident: what is told from the first sign of trouble until all is as it should be. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from failover.decision.announcement import Announcement, Kind
from failover.decision.state import State
from failover.region import Instant, Side

_PREFIX = "incident-"


def in_its_incident(state: State, announcements: Sequence[Announcement]) -> tuple[State, tuple[Announcement, ...]]:
    """Return a state that is about to be saved, and what is told with it, both with the incident they belong to.

    It begins with the first announcement while something is not as it should be, and has been over once nothing is,
    which a failback may bring about hours after the move. What is told on a calm day belongs to none.

    Sign-in that begins to fail during the incident of something else, such as a drill, a lagging replica or an outage
    that a move has already answered, begins another: whoever has muted the first, or acknowledged it in a pager, is
    woken again.
    """
    incident = state.incident
    if not incident and not announcements:
        return state, ()
    if not incident and _is_open(state):
        incident = _begun(announcements[0].at)
    told: list[Announcement] = []
    for each in announcements:
        since = _fails_since(each, state)
        if incident and since is not None and began_at(incident) < int(since):
            incident = _begun(each.at)
        told.append(replace(each, incident=incident))
    return replace(state, incident=incident if _is_open(state) else ""), tuple(told)


def began_at(incident: str) -> Instant:
    """Return when an incident began, to the second; long ago if its name can't be read, which must stop nothing."""
    try:
        return float(incident.removeprefix(_PREFIX))
    except ValueError:
        return 0.0


def _begun(at: Instant) -> str:
    return f"{_PREFIX}{int(at)}"


def _fails_since(announcement: Announcement, state: State) -> Instant | None:
    """Return since when sign-in fails, of what says that it really does; None of all else."""
    move = announcement.move
    if announcement.drill_id:
        return None
    if announcement.kind is Kind.MOVE_DECIDED and move and move.fleeing:
        return move.suspected_at
    if announcement.kind in {Kind.BLOCKED, Kind.WOULD_MOVE}:
        return state.suspected.since
    return None


def _is_open(state: State) -> bool:
    """Tell whether anything is under way, away from home, or not well."""
    surveyed = state.surveyed
    return (
        state.move is not None
        or state.drill is not None
        or state.hold is not None
        or state.trailing is not None
        or state.active is Side.STANDBY
        or state.suspected.stands
        or bool(state.blocked_by)
        or any(concern for _, concern in state.concerns)
        or any(latch.trouble for latch in state.latches.values())
        or (surveyed is not None and bool(surveyed.problem or surveyed.out_of_reach))
    )
