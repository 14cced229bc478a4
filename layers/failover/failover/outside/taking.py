"""Makes a moment of the timeline from what a round came to. Pure."""

from failover.decision.phase import phase_of
from failover.decision.state import State
from failover.outside.sample import LatchSeen, Outside, Sample, Seen
from failover.probe.observation import Observation
from failover.region import Instant, PerSide, Side
from failover.rounds.round import Report
from failover.settings import Settings

LONGEST_REASON = 500
"""Characters of the round's sentence that are kept."""

LONGEST_CODE = 80


def taken(
    report: Report, state: State, settings: Settings, *, configuration: str, outside: Outside | None = None
) -> Sample:
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
    at = report.observation.observed_at
    surveyed = state.surveyed
    return Sample(
        at=at,
        phase=phase_of(state, settings, at),
        active=state.active,
        reason=report.reason[:LONGEST_REASON],
        known=PerSide(
            primary=report.knowledge.sides.primary.verdict,
            standby=report.knowledge.sides.standby.verdict,
        ),
        seen={
            each.observer: _seen(each)
            for each in report.observations
            if at - each.observed_at <= settings.fresh_seconds
        },
        cut_off=report.knowledge.cut_off,
        weights=state.move.weights if state.move else state.weights,
        found=surveyed.weights if surveyed else None,
        latches={
            name: LatchSeen(thrown=latch.thrown, arrived=latch.arrived_at is not None)
            for name, latch in state.latches.items()
        },
        move_id=_move_id(state, at),
        drill_id=state.drill.id if state.drill else "",
        configuration=configuration,
        outside=outside,
    )


def _move_id(state: State, at: Instant) -> str:
    if state.move:
        return state.move.id
    just_ended = state.last_move_ended_at is not None and state.last_move_ended_at >= at
    return state.last_move.id if state.last_move and just_ended else ""


def _seen(observation: Observation) -> PerSide[Seen]:
    def one(side: Side) -> Seen:
        reading = observation.readings[side]
        return Seen(verdict=reading.verdict, code=reading.code[:LONGEST_CODE])

    return PerSide(primary=one(Side.PRIMARY), standby=one(Side.STANDBY))
