"""The phase of the controller in one word, derived from its state. Pure."""

from enum import StrEnum

from cognito_failover.common.region import Instant
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.rules import compute_startup_grace_seconds
from cognito_failover.settings.controller import Settings


class Phase(StrEnum):
    """The phase that status and metrics show."""

    STARTING = "starting"
    STEADY = "steady"
    SUSPECT = "suspect"
    MOVING = "moving"
    HELD = "held"


def get_phase(state: ControllerState, settings: Settings, now: Instant) -> Phase:
    """Return the phase. If several apply, return the one that a person must know first."""
    if state.move:
        return Phase.MOVING
    if state.hold:
        return Phase.HELD
    if now < state.created_at + compute_startup_grace_seconds(settings):
        return Phase.STARTING
    if state.active_suspicion.is_active:
        return Phase.SUSPECT
    return Phase.STEADY
