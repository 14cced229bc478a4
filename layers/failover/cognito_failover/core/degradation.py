"""Events about the health of a Region: one when it is degraded, one when it recovers. Pure."""

from dataclasses import replace

from cognito_failover.common.region import Instant, RegionRole
from cognito_failover.common.text import format_duration
from cognito_failover.core.model.event import Event, EventKind
from cognito_failover.core.model.state import ControllerState, VerdictStreak
from cognito_failover.core.round_context import RoundContext
from cognito_failover.core.transition import Transition
from cognito_failover.core.verdict import OUTAGE_VERDICTS, Verdict
from cognito_failover.settings.controller import Settings


def update_degradation(state: ControllerState, context: RoundContext) -> Transition:
    """Return the events of Regions that are degraded or have recovered; the message is empty.

    A Region is degraded after several rounds in a row. The active Region is degraded also if its sick rounds are not in
    a row, but too many for chance and too few to move users.
    """
    update = Transition(state=state)
    for role in RegionRole:
        update = update.then(_update_region(role, update.state, context))
    return update


def _update_region(role: RegionRole, state: ControllerState, context: RoundContext) -> Transition:
    settings, now = context.settings, context.now
    previous_verdict, streak = state.degraded_verdicts[role], state.streaks[role]
    healthy_rounds, healthy_since = _count_healthy_rounds(streak, previous_verdict)
    if previous_verdict and healthy_rounds >= _get_recovery_rounds(previous_verdict, settings):
        duration_text = format_duration(now - healthy_since)
        message = f"{settings.regions[role]} was {previous_verdict} and has now been healthy for {duration_text}."
        recovered_event = Event(
            kind=EventKind.REGION_RECOVERED, at=now, message=message, role=role, verdict=previous_verdict
        )
        return Transition(state=_with_degraded_verdict(state, role, None), events=(recovered_event,))
    verdict = _find_degraded_verdict(role, state, settings)
    if verdict is Verdict.SICK and context.consensus.roles[role].verdict is Verdict.INACTIVE:
        verdict = Verdict.INACTIVE
    is_same = verdict is previous_verdict or {verdict, previous_verdict} <= OUTAGE_VERDICTS
    if verdict is None or is_same:
        return Transition(state=state)
    degraded_state = _with_degraded_verdict(state, role, verdict)
    if _is_covered_by_move_event(role, verdict, state, settings):
        return Transition(state=degraded_state)
    message = f"{_describe_duration(role, state, context)}: {context.consensus.roles[role].detail}"
    degraded_event = Event(kind=EventKind.REGION_DEGRADED, at=now, message=message, role=role, verdict=verdict)
    return Transition(state=degraded_state, events=(degraded_event,))


def _with_degraded_verdict(state: ControllerState, role: RegionRole, verdict: Verdict | None) -> ControllerState:
    return replace(state, degraded_verdicts=state.degraded_verdicts.replace(role, verdict))


def _count_healthy_rounds(streak: VerdictStreak, degraded_verdict: Verdict | None) -> tuple[int, Instant]:
    """Return the rounds in a row that prove a recovery, and since when. Unverified tokens prove that sign-in works."""
    if degraded_verdict is not Verdict.UNVERIFIED:
        return streak.serving_rounds, streak.serving_since
    return (streak.rounds if streak.verdict is Verdict.HEALTHY else 0), streak.since


def _get_recovery_rounds(verdict: Verdict, settings: Settings) -> int:
    return settings.recovery_rounds if verdict in OUTAGE_VERDICTS else settings.suspect_rounds


def _find_degraded_verdict(role: RegionRole, state: ControllerState, settings: Settings) -> Verdict | None:
    """Return the verdict that makes the Region degraded; None if it is not degraded."""
    streak = state.streaks[role]
    if streak.verdict is Verdict.HEALTHY:
        return None
    is_suspect = role is state.active_suspicion.role and streak.verdict is Verdict.SICK
    rounds = max(streak.rounds, state.active_suspicion.sick_rounds) if is_suspect else streak.rounds
    return streak.verdict if rounds >= settings.suspect_rounds else None


def _is_covered_by_move_event(role: RegionRole, verdict: Verdict, state: ControllerState, settings: Settings) -> bool:
    is_suspect = role is state.active_suspicion.role and verdict in OUTAGE_VERDICTS
    return is_suspect and not state.move and state.active_suspicion.is_threshold_reached(settings)


def _describe_duration(role: RegionRole, state: ControllerState, context: RoundContext) -> str:
    region, streak, suspicion = context.settings.regions[role], state.streaks[role], state.active_suspicion
    if streak.rounds >= context.settings.suspect_rounds:
        duration_text = format_duration(context.now - streak.since)
        return f"{region} has been {streak.verdict} for {streak.rounds} rounds ({duration_text})"
    return (
        f"{region} was {streak.verdict} in {suspicion.sick_rounds} of {suspicion.rounds} rounds "
        f"({format_duration(context.now - suspicion.since)}), which is not enough to move users"
    )
