"""The states of the state machine page: phases, with a move divided into stages."""

from enum import StrEnum

from cognito_failover.common.region import Instant
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.phase import Phase, get_phase
from cognito_failover.settings.controller import Settings


class DiagramState(StrEnum):
    """The phases as the status shows them; ``moving`` is divided into stages."""

    NOTHING = "nothing"
    STARTING = "starting"
    STEADY = "steady"
    SUSPECT = "suspect"
    HELD = "held"
    DECIDED = "decided"
    INTENDED = "intended"
    SUBMITTED = "submitted"
    IN_SYNC = "in-sync"
    BAKING = "baking"
    ROLLBACK_DECIDED = "rollback-decided"
    ROLLING_BACK = "rolling-back"


MEANINGS = {
    DiagramState.NOTHING: "no saved state: the controller never ran, or its state was lost",
    DiagramState.STARTING: "it created a state from the records, and observes before it decides",
    DiagramState.STEADY: "the active Region is not suspect",
    DiagramState.SUSPECT: "the active Region was sick, below the threshold, or a rule blocks the move",
    DiagramState.HELD: "external change of the records: automation waits for an acknowledgement",
    DiagramState.DECIDED: "a move, or its next step, is decided; its intent is not saved yet",
    DiagramState.INTENDED: "the intent is saved; Route 53 is not known to have accepted it",
    DiagramState.SUBMITTED: "Route 53 accepted the change",
    DiagramState.IN_SYNC: "Route 53 reports INSYNC; a name server still answers the old target",
    DiagramState.BAKING: "a step is confirmed, and both Regions are observed before the next",
    DiagramState.ROLLBACK_DECIDED: "a rollback is decided; its intent is not saved yet",
    DiagramState.ROLLING_BACK: "the rollback is in progress",
}


def get_diagram_state(state: ControllerState | None, settings: Settings, now: Instant) -> DiagramState:
    """Return the stage of a saved state."""
    if state is None:
        return DiagramState.NOTHING
    phase = get_phase(state, settings, now)
    if phase is not Phase.MOVING or not state.move:
        return DiagramState(phase)
    progress = state.move.current_progress
    if state.move.is_rolling_back:
        return DiagramState.ROLLING_BACK if progress else DiagramState.ROLLBACK_DECIDED
    if progress is None:
        return DiagramState.DECIDED
    if state.move.step_confirmed_at is not None:
        return DiagramState.BAKING
    if progress.submitted_at is None:
        return DiagramState.INTENDED
    return DiagramState.SUBMITTED if progress.in_sync_at is None else DiagramState.IN_SYNC
