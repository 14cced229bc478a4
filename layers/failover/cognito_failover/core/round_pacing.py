"""The time until the next round. Pure."""

from cognito_failover.common.time_budget import TCP_CONNECT_FRACTION
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.observation import Reading
from cognito_failover.core.probe_result import FailureKind
from cognito_failover.core.verdict import OUTAGE_VERDICTS, Verdict
from cognito_failover.settings.controller import Settings


def compute_next_round_seconds(
    state: ControllerState | None, settings: Settings, own_reading: Reading | None = None
) -> float:
    """Return the time between the start of a round and the start of the next one.

    Rounds are faster while the active Region is suspect, and while a change is not confirmed by the name servers.

    Parameters
    ----------
    state
        The state after the round.
    settings
        The intervals.
    own_reading
        The controller's own reading of the active Region. If only the controller sees it sick, rounds are faster until
        the other observers agree or contradict, but not for longer than a suspicion takes. A probe that cannot connect
        takes longer than one that gets a response. Rounds after it start earlier by that time, so that a suspicion
        takes no longer.

    """
    if state is None:
        return settings.round_interval_seconds
    is_suspect = state.active_suspicion.is_active and not state.active_suspicion.is_threshold_reached(settings)
    streak = state.streaks[state.active_suspicion.role]
    is_own_reading_sick = own_reading is not None and own_reading.verdict in OUTAGE_VERDICTS
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
