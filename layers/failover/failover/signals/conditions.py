"""What an alarm may ring for, each condition for one cause. Pure."""

from failover.decision.knowledge import Knowledge
from failover.decision.state import State
from failover.decision.suspicion import is_sick
from failover.probe.verdict import Verdict
from failover.region import Instant, Side
from failover.settings import Settings


def primary_is_sick(knowledge: Knowledge, settings: Settings) -> bool:
    """Tell whether the observers agree that the primary can't sign users in."""
    return is_sick(knowledge.sides.primary.verdict, settings)


def standby_is_not_ready(knowledge: Knowledge, settings: Settings) -> bool:
    """Tell whether a failover would be refused for want of a standby that signs users in.

    A broken canary, a throttle and a Region that nobody can judge have alarms of their own.
    """
    verdict = knowledge.sides.standby.verdict
    return verdict is Verdict.NOT_READY or is_sick(verdict, settings)


def unjudged_regions(knowledge: Knowledge) -> int:
    """Count the Regions of which nothing is known: the controller is blind, or its observers are no majority."""
    return sum(known.verdict is Verdict.UNKNOWN for _, known in knowledge.sides)


def moved(state: State) -> bool:
    """Tell whether users are on the standby for another reason than a rehearsal, which brings them home by itself."""
    return state.active is Side.STANDBY and state.drill is None


def move_age_seconds(state: State, now: Instant) -> float:
    """Return for how long the current step of a move has been under way; zero without a move."""
    return max(0.0, now - state.move.step_began_at) if state.move else 0.0


def levers_disagree(state: State) -> bool:
    """Tell whether a move is over, and a lever has still to follow it."""
    return state.move is None and (
        state.trailing is not None or any(latch.set_at is None for latch in state.latches.values())
    )


def levers_out_of_reach(state: State) -> bool:
    """Tell whether a lever that agrees has not been read for so long that somebody was told."""
    records = state.surveyed is not None and bool(state.surveyed.out_of_reach)
    return records or any(latch.trouble and latch.set_at is not None for latch in state.latches.values())


def drifted(state: State) -> bool:
    """Tell whether what steers users needs a look: not as the controller left it, unsteerable, or against a rule."""
    return state.hold is not None or (state.surveyed is not None and bool(state.surveyed.problem))


def paused(state: State, now: Instant) -> bool:
    """Tell whether a person keeps automation from beginning a move; a stack deployed to observe is not meant."""
    return state.observe_only or (state.pause is not None and state.pause.until > now)
