"""What an alarm may ring for, each condition for one cause. Pure."""

from cognito_failover.common.region import Instant, RegionRole
from cognito_failover.core.consensus import Consensus
from cognito_failover.core.failure_detector import is_sick
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.verdict import Verdict
from cognito_failover.settings.controller import Settings


def is_primary_sick(consensus: Consensus, settings: Settings) -> bool:
    """Tell whether the observers agree that the primary can't sign users in."""
    return is_sick(consensus.roles.primary.verdict, settings)


def is_standby_not_ready(consensus: Consensus, settings: Settings) -> bool:
    """Tell whether a failover would be refused for want of a standby that signs users in.

    A broken canary, a throttle and a Region that nobody can judge have alarms of their own.
    """
    verdict = consensus.roles.standby.verdict
    return verdict is Verdict.NOT_READY or is_sick(verdict, settings)


def count_unknown_regions(consensus: Consensus) -> int:
    """Count the Regions of which nothing is known: the controller is blind, or its observers are no majority."""
    return sum(known.verdict is Verdict.UNKNOWN for _, known in consensus.roles)


def is_failed_over(state: ControllerState) -> bool:
    """Tell whether users are on the standby for another reason than a rehearsal, which brings them home by itself."""
    return state.active_role is RegionRole.STANDBY and state.drill is None


def compute_move_age_seconds(state: ControllerState, now: Instant) -> float:
    """Return for how long the current step of a move has been under way; zero without a move."""
    return max(0.0, now - state.move.step_started_at) if state.move else 0.0


def has_lever_disagreement(state: ControllerState) -> bool:
    """Tell whether a move is over, and a lever has still to follow it."""
    return state.move is None and (
        state.pending_weight_sync is not None or any(latch.set_at is None for latch in state.latches.values())
    )


def has_unavailable_lever(state: ControllerState) -> bool:
    """Tell whether a lever that agrees has not been read for so long that somebody was told."""
    records_unavailable = state.records is not None and bool(state.records.read_error)
    return records_unavailable or any(latch.problem and latch.set_at is not None for latch in state.latches.values())


def has_drift(state: ControllerState) -> bool:
    """Tell whether what steers users needs a look: not as the controller left it, unsteerable, or against a rule."""
    return state.hold is not None or (state.records is not None and bool(state.records.problem))


def is_paused(state: ControllerState, now: Instant) -> bool:
    """Tell whether a person keeps automation from beginning a move; a stack deployed to observe is not meant."""
    return state.is_observe_only or (state.pause is not None and state.pause.until > now)
