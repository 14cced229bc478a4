"""The one line that a round writes into the log. Pure."""

import logging
from typing import Any

from failover.decision.knowledge import GOOD
from failover.decision.phase import Phase, phase_of
from failover.probe.observation import Reading
from failover.region import Side
from failover.rounds.round import Report
from failover.settings import Settings


def level_of(report: Report, settings: Settings) -> int:
    """Return the line's level: error if the round failed, warning if a person may want to know, info otherwise."""
    if report.failure or report.state is None:
        return logging.ERROR
    phase = phase_of(report.state, settings, report.observation.observed_at)
    all_good = all(known.verdict in GOOD for _, known in report.knowledge.sides)
    calm = phase in {Phase.STARTING, Phase.STEADY} and not report.state.blocked_by
    return logging.INFO if all_good and calm else logging.WARNING


def fields_of(report: Report, settings: Settings, *, took_seconds: float) -> dict[str, Any]:
    """Return what the line holds beside its sentence, as JSON values; what isn't known is None."""
    state, observation = report.state, report.observation
    return {
        "phase": phase_of(state, settings, observation.observed_at).value if state else None,
        "active_region": settings.regions[state.active] if state else None,
        "drill": state.drill.id if state and state.drill else None,
        "blocked_by": state.blocked_by or None if state else None,
        "regions": {
            settings.regions[side]: _region(report.knowledge.sides[side].verdict.value, observation.readings[side])
            for side in Side
        },
        "observer": observation.observer,
        "witness_answered": observation.witness_answered,
        "cut_off": report.knowledge.cut_off,
        "took_seconds": round(took_seconds, 3),
        "silence_seconds": None if report.silence_seconds is None else round(report.silence_seconds, 3),
        "failure": report.failure or None,
    }


def _region(known: str, reading: Reading) -> dict[str, Any]:
    return {
        "known": known,
        "verdict": reading.verdict.value,
        "code": reading.code,
        "detail": reading.detail,
        "login_latency_seconds": reading.login_latency_seconds,
        "target_latency_seconds": reading.target_latency_seconds,
    }
