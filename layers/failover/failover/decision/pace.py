"""How soon to look again. Pure."""

from failover.decision.state import State
from failover.probe.verdict import Verdict
from failover.settings import Settings


def next_round_seconds(state: State | None, settings: Settings, seen: Verdict | None = None) -> int:
    """Return how long after the beginning of a round the next one should begin.

    Sooner while it matters: when the serving Region is suspect, so that a suspicion is soon confirmed or dropped, and
    while a change is on its way to the name servers.

    Parameters
    ----------
    state
        What is remembered after the round.
    settings
        The pace.
    seen
        What the controller itself saw of the serving Region. Where only it sees a sickness, the others are about to
        agree or to contradict; where they have done neither for as long as a suspicion takes, there is no hurry.

    """
    if state is None:
        return settings.round_interval_seconds
    suspect = state.suspected.stands and not state.suspected.is_enough(settings)
    streak = state.streaks[state.active]
    alone = seen is Verdict.SICK and streak.verdict is Verdict.UNKNOWN and streak.rounds < settings.suspect_rounds
    on_its_way = state.move is not None and state.move.step_confirmed_at is None
    return settings.suspect_interval_seconds if suspect or alone or on_its_way else settings.round_interval_seconds
