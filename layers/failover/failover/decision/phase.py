"""Where the controller stands, in one word, derived from what it remembers. Pure."""

from enum import StrEnum

from failover.decision.rules import starting_grace_seconds
from failover.decision.state import State
from failover.region import Instant
from failover.settings import Settings


class Phase(StrEnum):
    """The word for it: the state gauge and every status show it."""

    STARTING = "starting"
    STEADY = "steady"
    SUSPECT = "suspect"
    MOVING = "moving"
    HELD = "held"


def phase_of(state: State, settings: Settings, now: Instant) -> Phase:
    """Return the phase; of several that apply, the one that a person should know of first."""
    if state.move:
        return Phase.MOVING
    if state.hold:
        return Phase.HELD
    if now < state.born_at + starting_grace_seconds(settings):
        return Phase.STARTING
    if state.suspected.stands:
        return Phase.SUSPECT
    return Phase.STEADY
