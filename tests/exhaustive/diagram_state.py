"""Where the controller stands, finely enough that every arrow of the diagram begins and ends at one of these."""

from enum import StrEnum

from cognito_failover.common.region import Instant
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.phase import Phase, get_phase
from cognito_failover.settings.controller import Settings


class DiagramState(StrEnum):
    """The phases as the status shows them, but a move by how far it has come."""

    NOTHING = "nothing"
    STARTING = "starting"
    STEADY = "steady"
    SUSPECT = "suspect"
    HELD = "held"
    DECIDED = "decided"
    INTENDED = "intended"
    SUBMITTED = "submitted"
    IN_SYNC = "in-sync"
    BAKING = "resting"
    ROLLBACK_DECIDED = "turned-back"
    ROLLING_BACK = "going-back"


MEANINGS = {
    DiagramState.NOTHING: "there is no state: the controller has never run, or its state was lost",
    DiagramState.STARTING: "it has made a state from the records, and watches before it judges",
    DiagramState.STEADY: "nothing is suspected of the serving Region",
    DiagramState.SUSPECT: "the serving Region was sick: too seldom to move users, or a rule keeps the move from beginning",
    DiagramState.HELD: "somebody else changed the records: automation waits for an acknowledgement",
    DiagramState.DECIDED: "a move, or its next step, is decided; nothing of it is saved as an intent yet",
    DiagramState.INTENDED: "what the step changes is saved; Route 53 is not known to have taken it",
    DiagramState.SUBMITTED: "Route 53 has taken the change",
    DiagramState.IN_SYNC: "Route 53 has it on all its servers; a name server still gives the old target",
    DiagramState.BAKING: "a step is confirmed, and users are watched before the next",
    DiagramState.ROLLBACK_DECIDED: "the move is taken back; nothing of the way back is saved yet",
    DiagramState.ROLLING_BACK: "the way back is under way",
}


def get_diagram_state(state: ControllerState | None, settings: Settings, now: Instant) -> DiagramState:
    """Return the stage."""
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
