"""What is told of how a Region is, apart from moves: that it is not well, once, and that it is well again. Pure."""

from dataclasses import replace

from cognito_failover.common.region import Instant, RegionRole
from cognito_failover.common.text import format_duration
from cognito_failover.core.consensus import Consensus
from cognito_failover.core.model.event import Event, EventKind
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.verdict import Verdict
from cognito_failover.settings.controller import Settings

type DegradationUpdate = tuple[ControllerState, tuple[Event, ...]]
"""What to remember, and what to tell."""


def update_degradation(
    state: ControllerState, consensus: Consensus, settings: Settings, now: Instant
) -> DegradationUpdate:
    """Tell, once, of each side that has not been healthy for several rounds, and once when it is again.

    The serving side's are told also if they were not in a row, but too many to be chance and too few to move users.
    """
    events: list[Event] = []
    for side in RegionRole:
        state, region_events = _update_region(side, state, consensus, settings, now)
        events.extend(region_events)
    return state, tuple(events)


def _update_region(
    role: RegionRole, state: ControllerState, consensus: Consensus, settings: Settings, now: Instant
) -> DegradationUpdate:
    previous_verdict, streak = state.degraded_verdicts[role], state.streaks[role]
    if (
        streak.verdict is Verdict.HEALTHY
        and previous_verdict
        and streak.rounds >= _get_recovery_rounds(previous_verdict, settings)
    ):
        message = f"{settings.regions[role]} was {previous_verdict} and has now been healthy for {format_duration(now - streak.since)}."
        recovered_event = Event(
            kind=EventKind.REGION_RECOVERED, at=now, message=message, role=role, verdict=previous_verdict
        )
        return replace(state, degraded_verdicts=state.degraded_verdicts.replace(role, None)), (recovered_event,)
    degraded_verdict = _find_degraded_verdict(role, state, settings)
    if degraded_verdict is None or degraded_verdict is previous_verdict:
        return state, ()
    updated_state = replace(state, degraded_verdicts=state.degraded_verdicts.replace(role, degraded_verdict))
    if _is_covered_by_move_event(role, degraded_verdict, state, settings):
        return updated_state, ()
    message = f"{_describe_duration(role, state, settings, now)}: {consensus.roles[role].detail}"
    return updated_state, (
        Event(kind=EventKind.REGION_DEGRADED, at=now, message=message, role=role, verdict=degraded_verdict),
    )


def _get_recovery_rounds(verdict: Verdict, settings: Settings) -> int:
    return settings.recovery_rounds if verdict is Verdict.SICK else settings.suspect_rounds


def _find_degraded_verdict(role: RegionRole, state: ControllerState, settings: Settings) -> Verdict | None:
    """Return the verdict that is worth a concern; None where none is."""
    streak = state.streaks[role]
    if streak.verdict is Verdict.HEALTHY:
        return None
    is_suspect = role is state.active_role and streak.verdict is Verdict.SICK
    rounds = max(streak.rounds, state.active_suspicion.sick_rounds) if is_suspect else streak.rounds
    return streak.verdict if rounds >= settings.suspect_rounds else None


def _is_covered_by_move_event(role: RegionRole, verdict: Verdict, state: ControllerState, settings: Settings) -> bool:
    is_suspect = role is state.active_role and verdict is Verdict.SICK
    return is_suspect and not state.move and state.active_suspicion.is_threshold_reached(settings)


def _describe_duration(role: RegionRole, state: ControllerState, settings: Settings, now: Instant) -> str:
    region, streak, suspicion = settings.regions[role], state.streaks[role], state.active_suspicion
    if streak.rounds >= settings.suspect_rounds:
        return f"{region} has been {streak.verdict} for {streak.rounds} rounds ({format_duration(now - streak.since)})"
    return (
        f"{region} was {streak.verdict} in {suspicion.sick_rounds} of {suspicion.rounds} rounds "
        f"({format_duration(now - suspicion.since)}), which is not enough to move users"
    )
