"""How soon to look again. Pure."""

from cognito_failover.common.time_budget import TCP_CONNECT_FRACTION
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.observation import Reading
from cognito_failover.core.probe_result import FailureKind
from cognito_failover.core.verdict import Verdict
from cognito_failover.settings.controller import Settings


def compute_next_round_seconds(
    state: ControllerState | None, settings: Settings, own_reading: Reading | None = None
) -> float:
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
    is_suspect = state.active_suspicion.is_active and not state.active_suspicion.is_threshold_reached(settings)
    streak = state.streaks[state.active_role]
    is_own_reading_sick = own_reading is not None and own_reading.verdict is Verdict.SICK
    is_only_witness = (
        is_own_reading_sick and streak.verdict is Verdict.UNKNOWN and streak.rounds < settings.suspect_rounds
    )
    is_propagating = state.move is not None and state.move.step_confirmed_at is None
    if not (is_suspect or is_only_witness or is_propagating):
        return settings.round_interval_seconds
    if is_suspect and own_reading is not None and own_reading.code == FailureKind.TCP_TIMEOUT:
        gave_up_after_seconds = settings.connect_timeout_seconds * TCP_CONNECT_FRACTION
        return settings.suspect_interval_seconds - gave_up_after_seconds / (settings.suspect_rounds - 1)
    return settings.suspect_interval_seconds
