"""Where the controller stands, finely enough that every arrow of the diagram begins and ends at one of these."""

from enum import StrEnum

from failover.decision.phase import Phase, phase_of
from failover.decision.state import State
from failover.region import Instant
from failover.settings import Settings


class Stage(StrEnum):
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
    RESTING = "resting"
    TURNED_BACK = "turned-back"
    GOING_BACK = "going-back"


MEANINGS = {
    Stage.NOTHING: "there is no state: the controller has never run, or its state was lost",
    Stage.STARTING: "it has made a state from the records, and watches before it judges",
    Stage.STEADY: "nothing is suspected of the serving Region",
    Stage.SUSPECT: "the serving Region was sick: too seldom to move users, or a rule keeps the move from beginning",
    Stage.HELD: "somebody else changed the records: automation waits for an acknowledgement",
    Stage.DECIDED: "a move, or its next step, is decided; nothing of it is saved as an intent yet",
    Stage.INTENDED: "what the step changes is saved; Route 53 is not known to have taken it",
    Stage.SUBMITTED: "Route 53 has taken the change",
    Stage.IN_SYNC: "Route 53 has it on all its servers; a name server still gives the old target",
    Stage.RESTING: "a step is confirmed, and users are watched before the next",
    Stage.TURNED_BACK: "the move is taken back; nothing of the way back is saved yet",
    Stage.GOING_BACK: "the way back is under way",
}


def stage_of(state: State | None, settings: Settings, now: Instant) -> Stage:
    """Return the stage."""
    if state is None:
        return Stage.NOTHING
    phase = phase_of(state, settings, now)
    if phase is not Phase.MOVING or not state.move:
        return Stage(phase)
    progress = state.move.current
    if state.move.reverting:
        return Stage.GOING_BACK if progress else Stage.TURNED_BACK
    if progress is None:
        return Stage.DECIDED
    if state.move.step_confirmed_at is not None:
        return Stage.RESTING
    if progress.submitted_at is None:
        return Stage.INTENDED
    return Stage.SUBMITTED if progress.in_sync_at is None else Stage.IN_SYNC
