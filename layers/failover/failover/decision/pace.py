"""How soon to look again. Pure."""

from failover.decision.state import State
from failover.probe.answer import Silence
from failover.probe.observation import Reading
from failover.probe.verdict import Verdict
from failover.settings import Settings
from failover.timing import TCP_SHARE


def next_round_seconds(state: State | None, settings: Settings, seen: Reading | None = None) -> float:
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
        And one who lets nobody connect was asked again and again until the probe gave up: such looks begin that much
        sooner that a suspicion takes no longer than by looks that are answered at once, of as long a silence.

    """
    if state is None:
        return settings.round_interval_seconds
    suspect = state.suspected.stands and not state.suspected.is_enough(settings)
    streak = state.streaks[state.active]
    seen_sick = seen is not None and seen.verdict is Verdict.SICK
    alone = seen_sick and streak.verdict is Verdict.UNKNOWN and streak.rounds < settings.suspect_rounds
    on_its_way = state.move is not None and state.move.step_confirmed_at is None
    if not (suspect or alone or on_its_way):
        return settings.round_interval_seconds
    if suspect and seen is not None and seen.code == Silence.TCP_TIMEOUT:
        gave_up_after_seconds = settings.connect_timeout_seconds * TCP_SHARE
        return settings.suspect_interval_seconds - gave_up_after_seconds / (settings.suspect_rounds - 1)
    return settings.suspect_interval_seconds
