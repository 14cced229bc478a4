"""When the world is compared with what is remembered. Pure.

About once a minute, and after a move; in a move, and while weights follow one, the drivers look. A look may hang for
seconds, on the day of a failover above all. So a world out of reach is not read sooner again than any other, and none
is read on the way from the first sick round to the decision: whoever drives the move that follows reads the records
anyway, before they are changed.
"""

from failover.decision.knowledge import Knowledge
from failover.decision.state import State
from failover.decision.suspicion import is_in_a_row, is_sick
from failover.region import Instant
from failover.settings import Settings
from failover.timing import INVOCATION_SECONDS


def is_due(state: State, knowledge: Knowledge, settings: Settings, now: Instant) -> bool:
    """Tell whether it is time for a look."""
    if state.move or (state.trailing and state.hold is None):
        return False
    if state.surveyed is None:
        return True
    if _may_soon_move(state, knowledge, settings, now):
        return False
    if now - state.surveyed.looked_at >= INVOCATION_SECONDS - 1:
        return True
    return state.last_move_ended_at is not None and state.surveyed.looked_at < state.last_move_ended_at


def _may_soon_move(state: State, knowledge: Knowledge, settings: Settings, now: Instant) -> bool:
    """Tell whether a suspicion is on its way to a decision; not of one that has been enough and moved nobody."""
    sick = is_sick(knowledge.sides[state.active].verdict, settings)
    suspect = state.suspected.stands and is_in_a_row(state.last_round_at, settings, now)
    return (sick or suspect) and not state.suspected.is_enough(settings)
