"""How soon to look again. Pure."""

from failover.decision.state import State
from failover.settings import Settings


def next_round_seconds(state: State | None, settings: Settings) -> int:
    """Return how long after the beginning of a round the next one should begin.

    Sooner while it matters: when the serving Region is suspect, so that a suspicion is soon confirmed or dropped, and
    while a change is on its way to the name servers.
    """
    if state is None:
        return settings.round_interval_seconds
    suspect = state.suspected.stands and not state.suspected.is_enough(settings)
    on_its_way = state.move is not None and state.move.step_confirmed_at is None
    return settings.suspect_interval_seconds if suspect or on_its_way else settings.round_interval_seconds
