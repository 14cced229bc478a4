"""One thread per incident: what is told from the first sign of trouble until all is as it should be. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from failover.decision.announcement import Announcement
from failover.decision.state import State
from failover.region import Side


def in_its_incident(state: State, announcements: Sequence[Announcement]) -> tuple[State, tuple[Announcement, ...]]:
    """Return a state that is about to be saved, and what is told with it, both with the incident they belong to.

    It begins with the first announcement while something is not as it should be, and has been over once nothing is,
    which a failback may bring about hours after the move. What is told on a calm day belongs to none.
    """
    incident = state.incident
    if not incident and announcements and _is_open(state):
        incident = f"incident-{int(announcements[0].at)}"
    told = tuple(replace(each, incident=incident) for each in announcements)
    return replace(state, incident=incident if _is_open(state) else ""), told


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
