"""The conditions of alarms, each for one cause. Pure."""

from cognito_failover.common.region import Instant, RegionRole
from cognito_failover.core.consensus import Consensus
from cognito_failover.core.failure_detector import is_sick
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.move.lifecycle import compute_bake_seconds
from cognito_failover.core.verdict import Verdict
from cognito_failover.settings.controller import Settings


def is_primary_sick(consensus: Consensus, state: ControllerState | None, settings: Settings) -> bool:
    """Return whether the observers agree that the primary can't sign users in, and users are there.

    Without a state, users are assumed to be there.
    """
    has_users = state is None or RegionRole.PRIMARY in state.user_roles
    return has_users and is_sick(consensus.roles.primary.verdict, settings)


def is_standby_not_ready(consensus: Consensus, settings: Settings) -> bool:
    """Return whether a failover is not possible because the standby can't sign users in.

    Other alarms cover a broken canary, throttling and an unknown Region.
    """
    verdict = consensus.roles.standby.verdict
    return verdict is Verdict.NOT_READY or is_sick(verdict, settings)


def count_unknown_regions(consensus: Consensus) -> int:
    """Count the Regions without a verdict: the controller is isolated, or its observers have no majority."""
    return sum(region.verdict is Verdict.UNKNOWN for _, region in consensus.roles)


def is_failed_over(state: ControllerState) -> bool:
    """Return whether users are on the standby, except by a drill, which brings them back."""
    return state.users_role is RegionRole.STANDBY and state.drill is None


def compute_move_age_seconds(state: ControllerState, settings: Settings, now: Instant) -> float:
    """Return the age of the current step of a move, without its bake time; 0 without a move.

    The bake time depends on the TTL of the records, so that no fixed limit of an alarm suits it.
    """
    move = state.move
    if move is None:
        return 0.0
    bake_seconds = 0.0
    if move.step_confirmed_at is not None:
        planned_seconds = compute_bake_seconds(state.records.ttl_seconds if state.records else 0, settings)
        bake_seconds = min(planned_seconds, now - move.step_confirmed_at)
    return max(0.0, now - move.step_started_at - bake_seconds)


def has_lever_disagreement(state: ControllerState) -> bool:
    """Return whether a lever has not followed a finished move yet."""
    return state.move is None and (
        state.pending_weight_sync is not None or any(latch.set_at is None for latch in state.latches.values())
    )


def has_unavailable_lever(state: ControllerState) -> bool:
    """Return whether a lever could not be read for so long that an event reported it.

    A latch that disagrees has another alarm.
    """
    records_unavailable = state.records is not None and bool(state.records.read_error)
    return records_unavailable or any(latch.problem and latch.set_at is not None for latch in state.latches.values())


def has_drift(state: ControllerState) -> bool:
    """Return whether automation is on hold, the records can't be steered, or users are elsewhere than decided."""
    return (
        state.hold is not None
        or (state.records is not None and bool(state.records.problem))
        or any(difference.is_confirmed for difference in state.differences.values())
    )


def is_paused(state: ControllerState, now: Instant) -> bool:
    """Return whether a person stopped automation. A stack deployed with ObserveOnly=true does not count."""
    return state.is_observe_only or (state.pause is not None and state.pause.until > now)
