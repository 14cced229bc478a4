"""Builds a sample of the timeline from the result of a round. Pure."""

from cognito_failover.common.region import Instant, PerRole, RegionRole
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.observation import Observation
from cognito_failover.core.phase import get_phase
from cognito_failover.core.round_result import RoundResult
from cognito_failover.settings.controller import Settings
from cognito_failover.timeline.sample import LatchSample, RoundSample, UserView, VerdictSample

MAX_REASON_LENGTH = 500
"""Maximum number of characters of the round's message in a sample."""

MAX_CODE_LENGTH = 80


def to_sample(
    round_result: RoundResult,
    state: ControllerState,
    settings: Settings,
    *,
    settings_fingerprint: str,
    user_view: UserView | None = None,
) -> RoundSample:
    """Return the sample of a round.

    Parameters
    ----------
    round_result, state
        The result of the round, and the state after it.
    settings
        The settings.
    settings_fingerprint
        The fingerprint of the settings.
    user_view
        What users saw after the round.

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
            observation.observer: _to_verdict_samples(observation)
            for observation in round_result.observations
            if at - observation.observed_at <= settings.observation_ttl_seconds
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
