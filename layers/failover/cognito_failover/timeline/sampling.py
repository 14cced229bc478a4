"""Makes a moment of the timeline from what a round came to. Pure."""

from cognito_failover.common.region import Instant, PerRole, RegionRole
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.observation import Observation
from cognito_failover.core.phase import get_phase
from cognito_failover.core.round_result import RoundResult
from cognito_failover.settings.controller import Settings
from cognito_failover.timeline.sample import LatchSample, RoundSample, UserView, VerdictSample

MAX_REASON_LENGTH = 500
"""Characters of the round's sentence that are kept."""

MAX_CODE_LENGTH = 80


def to_sample(
    round_result: RoundResult,
    state: ControllerState,
    settings: Settings,
    *,
    settings_fingerprint: str,
    user_view: UserView | None = None,
) -> RoundSample:
    """Return a round as a moment of the timeline.

    Parameters
    ----------
    report, state
        What the round came to, and what is remembered after it.
    settings
        The policy.
    configuration
        Its fingerprint.
    outside
        What was seen from outside after it.

    """
    at = round_result.observation.observed_at
    records = state.records
    return RoundSample(
        at=at,
        phase=get_phase(state, settings, at),
        active=state.active_role,
        reason=round_result.reason[:MAX_REASON_LENGTH],
        consensus=PerRole(
            primary=round_result.consensus.roles.primary.verdict,
            standby=round_result.consensus.roles.standby.verdict,
        ),
        verdicts_by_observer={
            each.observer: _to_verdict_samples(each)
            for each in round_result.observations
            if at - each.observed_at <= settings.observation_ttl_seconds
        },
        is_isolated=round_result.consensus.is_isolated,
        weights=state.move.weights if state.move else state.weights,
        observed_weights=records.weights if records else None,
        latches={
            name: LatchSample(thrown=latch.is_thrown, is_effective=latch.effective_at is not None)
            for name, latch in state.latches.items()
        },
        move_id=_get_move_id(state, at),
        drill_id=state.drill.id if state.drill else "",
        settings_fingerprint=settings_fingerprint,
        user_view=user_view,
    )


def _get_move_id(state: ControllerState, at: Instant) -> str:
    if state.move:
        return state.move.id
    has_just_ended = state.last_move_ended_at is not None and state.last_move_ended_at >= at
    return state.last_move.id if state.last_move and has_just_ended else ""


def _to_verdict_samples(observation: Observation) -> PerRole[VerdictSample]:
    def build_sample(role: RegionRole) -> VerdictSample:
        reading = observation.readings[role]
        return VerdictSample(verdict=reading.verdict, code=reading.code[:MAX_CODE_LENGTH])

    return PerRole(primary=build_sample(RegionRole.PRIMARY), standby=build_sample(RegionRole.STANDBY))
