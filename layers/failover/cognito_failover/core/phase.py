"""Where the controller stands, in one word, derived from what it remembers. Pure."""

from enum import StrEnum

from cognito_failover.common.region import Instant
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.rules import compute_startup_grace_seconds
from cognito_failover.settings.controller import Settings


class Phase(StrEnum):
    """The word for it: the state gauge and every status show it."""

    STARTING = "starting"
    STEADY = "steady"
    SUSPECT = "suspect"
    MOVING = "moving"
    HELD = "held"


def get_phase(state: ControllerState, settings: Settings, now: Instant) -> Phase:
    """Return the phase; of several that apply, the one that a person should know of first."""
    if state.move:
        return Phase.MOVING
    if state.hold:
        return Phase.HELD
    if now < state.created_at + compute_startup_grace_seconds(settings):
        return Phase.STARTING
    if state.active_suspicion.is_active:
        return Phase.SUSPECT
    return Phase.STEADY
