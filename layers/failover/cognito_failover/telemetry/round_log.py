"""The log line of a round. Pure."""

import logging
from typing import Any

from cognito_failover.common.region import RegionRole
from cognito_failover.core.model.event import Event
from cognito_failover.core.model.move import Move
from cognito_failover.core.observation import Reading
from cognito_failover.core.phase import Phase, get_phase
from cognito_failover.core.round_result import RoundResult
from cognito_failover.core.verdict import SERVING_VERDICTS
from cognito_failover.settings.controller import Settings


def list_round_events(result: RoundResult) -> tuple[Event, ...]:
    """Return the events of this round. Undelivered events may be older."""
    if result.state is None:
        return ()
    return tuple(event for event in result.state.undelivered_events if event.at >= result.observation.observed_at)


def find_round_move(result: RoundResult) -> Move | None:
    """Return the move in progress, or the one that ended in this round."""
    if result.state is None:
        return None
    ended_moves = [event.move for event in list_round_events(result) if event.move]
    return result.state.move or (ended_moves[-1] if ended_moves else None)


def choose_log_level(result: RoundResult, settings: Settings) -> int:
    """Return error if the round failed, warning if a Region or the phase is not normal, info otherwise."""
    if result.failure or result.state is None:
        return logging.ERROR
    phase = get_phase(result.state, settings, result.observation.observed_at)
    all_serving = all(region.verdict in SERVING_VERDICTS for _, region in result.consensus.roles)
    is_steady = phase in {Phase.STARTING, Phase.STEADY} and not result.state.blocked_by
    return logging.INFO if all_serving and is_steady else logging.WARNING


def build_log_fields(result: RoundResult, settings: Settings, *, took_seconds: float) -> dict[str, Any]:
    """Return the additional fields of the line, as JSON values; None for unknown ones."""
    state, observation = result.state, result.observation
    return {
        "phase": get_phase(state, settings, observation.observed_at).value if state else None,
        "active_region": settings.regions[state.active_role] if state else None,
        "drill": state.drill.id if state and state.drill else None,
        "blocked_by": state.blocked_by or None if state else None,
        "regions": {
            settings.regions[role]: _build_region_fields(
                result.consensus.roles[role].verdict.value, observation.readings[role]
            )
            for role in RegionRole
        },
        "observer": observation.observer,
        "witness_answered": observation.witness_answered,
        "isolated": result.consensus.is_isolated,
        "took_seconds": round(took_seconds, 3),
        "silence_seconds": None if result.silence_seconds is None else round(result.silence_seconds, 3),
        "failure": result.failure or None,
    }


def _build_region_fields(agreed_verdict: str, reading: Reading) -> dict[str, Any]:
    return {
        "known": agreed_verdict,
        "verdict": reading.verdict.value,
        "code": reading.code,
        "detail": reading.detail,
        "login_latency_seconds": reading.login_latency_seconds,
        "target_latency_seconds": reading.target_latency_seconds,
    }
