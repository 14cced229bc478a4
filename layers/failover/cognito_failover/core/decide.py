"""The decision: from what is remembered and what is known to what is wanted, and why. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from cognito_failover.common.region import Instant, PerRole, RegionRole
from cognito_failover.common.text import format_duration
from cognito_failover.core.consensus import Consensus
from cognito_failover.core.degradation import update_degradation
from cognito_failover.core.drill.lifecycle import advance_drill
from cognito_failover.core.drill.simulated_outage import (
    apply_simulated_outage,
    attribute_to_drill,
    is_simulating_outage,
    tag_as_drill,
)
from cognito_failover.core.failure_detector import Suspicion, is_contiguous_round, is_sick, update_suspicion
from cognito_failover.core.model.event import Event, EventKind
from cognito_failover.core.model.move import Move
from cognito_failover.core.model.state import ControllerState, VerdictStreak, require_drill
from cognito_failover.core.move.failback import create_failback_move
from cognito_failover.core.move.failback import is_failback_due as failback_is_wanted
from cognito_failover.core.move.lifecycle import advance_move
from cognito_failover.core.replication_lag import build_lag_warning
from cognito_failover.core.rules import (
    DAY_SECONDS,
    OBSERVE_ONLY_RULES,
    MoveProposal,
    Rule,
    Violation,
    find_automatic_failback_violations,
    find_automatic_move_violations,
)
from cognito_failover.core.user_sign_ins import NO_USER_SIGN_INS, UserSignInCounts
from cognito_failover.core.verdict import SERVING_VERDICTS, Verdict
from cognito_failover.settings.controller import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What follows from a round.

    Attributes
    ----------
    state
        What to remember. A move in it is to be driven.
    reason
        One sentence: what is done, or why nothing is.
    announcements
        The transitions since the state before.

    """

    state: ControllerState
    message: str
    events: tuple[Event, ...] = ()


def decide(
    state: ControllerState,
    consensus: Consensus,
    settings: Settings,
    now: Instant,
    sign_ins: UserSignInCounts = NO_USER_SIGN_INS,
) -> Decision:
    """Return what to remember, do and tell after a round.

    Parameters
    ----------
    state
        What was remembered before.
    knowledge
        What the observers agree on now.
    settings
        The policy.
    now
        The moment of the decision.
    sign_ins
        What came of sign-ins through the domain since the last one, as far as any were made; only a drill asks.

    """
    observed_state = _record_verdicts(state, consensus, settings, now)
    drilled_state, drill_message, drill_events = advance_drill(observed_state, consensus, settings, now, sign_ins)
    effective_consensus = apply_simulated_outage(drilled_state, consensus)
    suspecting_state = _update_failure_detector(
        drilled_state, observed_state, effective_consensus, state.last_round_at, settings, now
    )
    degradation_state, degradation_events = update_degradation(suspecting_state, consensus, settings, now)
    if drilled_state.move is not observed_state.move:  # the drill has decided this round
        new_state, move_message, events = degradation_state, "", degradation_events
    else:
        new_state, move_message, move_events = (
            advance_move(degradation_state, consensus, settings, now)
            if degradation_state.move
            else _decide_failover(degradation_state, effective_consensus, settings, now)
        )
        if is_simulating_outage(drilled_state):
            move_events = tuple(tag_as_drill(each, require_drill(drilled_state)) for each in move_events)
        events = (*degradation_events, *move_events)
    message = f"{drill_message} {move_message}".strip()
    return Decision(state=replace(new_state, round_message=message), message=message, events=(*drill_events, *events))


def _record_verdicts(state: ControllerState, consensus: Consensus, settings: Settings, now: Instant) -> ControllerState:
    """Return the state with this round's verdicts in its streaks, and what has run out forgotten."""
    is_contiguous = is_contiguous_round(state.last_round_at, settings, now)

    def extend_streak(role: RegionRole) -> VerdictStreak:
        verdict = consensus.roles[role].verdict
        if is_sick(verdict, settings):
            verdict = Verdict.SICK
        previous = state.streaks[role]
        if is_contiguous and previous.rounds and verdict is previous.verdict:
            return replace(previous, rounds=previous.rounds + 1)
        return VerdictStreak(verdict=verdict, rounds=1, since=now)

    streaks = PerRole(primary=extend_streak(RegionRole.PRIMARY), standby=extend_streak(RegionRole.STANDBY))
    return replace(
        state,
        last_round_at=now,
        streaks=streaks,
        automatic_move_times=tuple(at for at in state.automatic_move_times if now - at < DAY_SECONDS),
        pause=state.pause if state.pause and state.pause.until > now else None,
    )


def _update_failure_detector(
    drilled_state: ControllerState,
    observed_state: ControllerState,
    effective_consensus: Consensus,
    last_round_at: Instant | None,
    settings: Settings,
    now: Instant,
) -> ControllerState:
    """Return the state with what now speaks for a sickness of the serving side; nothing does in a move."""
    no_suspicion = Suspicion(role=drilled_state.active_role)
    if observed_state.move or drilled_state.move:
        return replace(drilled_state, suspicion=no_suspicion)
    previous = drilled_state.active_suspicion if is_contiguous_round(last_round_at, settings, now) else no_suspicion
    verdict = effective_consensus.roles[drilled_state.active_role].verdict
    counted_verdict = Verdict.SICK if is_sick(verdict, settings) else verdict
    return replace(drilled_state, suspicion=update_suspicion(previous, counted_verdict, settings, now))


def _decide_failover(
    state: ControllerState, consensus: Consensus, settings: Settings, now: Instant
) -> tuple[ControllerState, str, tuple[Event, ...]]:
    """Decide whether an automatic move begins."""
    active_region, suspicion = settings.regions[state.active_role], state.active_suspicion
    if not is_sick(consensus.roles[state.active_role].verdict, settings):
        return _on_no_failover_needed(state, consensus, settings, now)
    detail = consensus.roles[state.active_role].detail
    if not suspicion.is_threshold_reached(settings):
        message = f"{_describe_suspect(state, settings)}: {detail}"
        is_first = suspicion.rounds == 1
        events = (Event(kind=EventKind.SUSPECTED, at=now, message=message),) if is_first else ()
        return state, message, events
    proposal = MoveProposal(
        state=state, consensus=consensus, settings=settings, now=now, target=state.active_role.opposite
    )
    sick_text = f"{_describe_sick(active_region, suspicion, now)}: {detail}"
    if obstacles := tuple(find_automatic_move_violations(proposal)):
        return _on_blocked(state, sick_text, obstacles, proposal)
    return _start_move(state, _create_failover_move(state, sick_text, settings, now), sick_text, settings, now)


def _on_no_failover_needed(
    state: ControllerState, consensus: Consensus, settings: Settings, now: Instant
) -> tuple[ControllerState, str, tuple[Event, ...]]:
    message = " ".join(_describe_regions(state, consensus, settings))
    if state.active_suspicion.is_active:
        return state, f"{message} {_describe_suspect(state, settings)}.", ()
    events: tuple[Event, ...] = ()
    if state.blocked_by:
        events = (Event(kind=EventKind.SUSPICION_CLEARED, at=now, message=f"No move is wanted any more. {message}"),)
        state = replace(state, blocked_by="")
    if not failback_is_wanted(state, settings):
        return state, message, events
    new_state, reason, more_events = _decide_failback(state, consensus, settings, now)
    return new_state, f"{message} {reason}", (*events, *more_events)


def _decide_failback(
    state: ControllerState, consensus: Consensus, settings: Settings, now: Instant
) -> tuple[ControllerState, str, tuple[Event, ...]]:
    """Decide whether users are brought back now. What keeps them away wakes nobody: they are served where they are."""
    proposal = MoveProposal(state=state, consensus=consensus, settings=settings, now=now, target=RegionRole.PRIMARY)
    violations = tuple(find_automatic_failback_violations(proposal))
    if not violations:
        move = create_failback_move(state, settings, now)
        return _start_move(state, move, move.reason, settings, now)
    messages = " ".join(obstacle.message for obstacle in violations)
    if all(obstacle.rule in OBSERVE_ONLY_RULES for obstacle in violations):
        return state, f"Users would have been brought back to {proposal.target_region}, but: {messages}", ()
    return state, f"Users are not brought back to {proposal.target_region} yet: {messages}", ()


def _describe_sick(region: str, suspicion: Suspicion, now: Instant) -> str:
    duration_text = format_duration(now - suspicion.since)
    if suspicion.sick_rounds == suspicion.rounds:
        return f"{region} has been sick for {suspicion.rounds} rounds ({duration_text})"
    return f"{region} was sick in {suspicion.sick_rounds} of {suspicion.rounds} rounds ({duration_text})"


def _describe_suspect(state: ControllerState, settings: Settings) -> str:
    """Say what speaks against the serving Region, and what would be enough."""
    suspicion = state.active_suspicion
    missing_rounds = suspicion.compute_rounds_to_threshold(settings)
    return (
        f"{settings.regions[state.active_role]} is suspect, sick in {suspicion.sick_rounds} of {suspicion.rounds} rounds; "
        f"{missing_rounds} more in a row would move users"
    )


def _describe_regions(state: ControllerState, consensus: Consensus, settings: Settings) -> Iterator[str]:
    """Say how both Regions are, the serving one first."""
    for side in (state.active_role, state.active_role.opposite):
        region_consensus = consensus.roles[side]
        role_text = "serves" if side is state.active_role else "stands by"
        verdict_text = (
            f" and is {region_consensus.verdict}."
            if region_consensus.verdict in SERVING_VERDICTS
            else f", but is {region_consensus.verdict}: {region_consensus.detail}"
        )
        yield f"{settings.regions[side]} {role_text}{verdict_text}"


def _on_blocked(
    state: ControllerState, sick_text: str, violations: tuple[Violation, ...], proposal: MoveProposal
) -> tuple[ControllerState, str, tuple[Event, ...]]:
    is_observing_only = all(obstacle.rule in OBSERVE_ONLY_RULES for obstacle in violations)
    messages = " ".join(obstacle.message for obstacle in violations)
    message = (
        f"{sick_text} Traffic would have moved to {proposal.target_region}, but: {messages}"
        if is_observing_only
        else f"{sick_text} Traffic stays where it is: {messages}"
    )
    blocked_by = violations[0].rule
    event = Event(
        kind=EventKind.WOULD_MOVE if is_observing_only else EventKind.BLOCKED,
        at=proposal.now,
        message=message,
        rule=blocked_by,
    )
    # The starting grace ends by itself within a minute or two: nobody is woken for it.
    should_notify = blocked_by not in {state.blocked_by, Rule.STARTUP_GRACE_PERIOD}
    return replace(state, blocked_by=blocked_by), message, (event,) if should_notify else ()


def _create_failover_move(state: ControllerState, sick_text: str, settings: Settings, now: Instant) -> Move:
    """Return the move away from the serving Region, at once and of all users."""
    target = state.active_role.opposite
    return Move(
        id=f"to-{settings.regions[target]}-{int(now)}",
        source=state.active_role,
        target=target,
        is_automatic=True,
        reason=sick_text,
        requested_by="controller",
        suspected_at=state.active_suspicion.since,
        decided_at=now,
        step_started_at=now,
    )


def _start_move(
    state: ControllerState, move: Move, reason: str, settings: Settings, now: Instant
) -> tuple[ControllerState, str, tuple[Event, ...]]:
    steps_text = " in steps of " + ", ".join(f"{step} %" for step in move.steps) if move.is_stepped else ""
    lag_text = build_lag_warning(
        state.lag_state, target=move.target, warn_above_seconds=settings.replication_lag_alarm_seconds
    )
    move_text = f"Traffic moves from {settings.regions[move.source]} to {settings.regions[move.target]}{steps_text}."
    message = " ".join(part for part in (move_text, reason, lag_text) if part)
    no_suspicion = Suspicion(role=state.active_role)  # should the move be withdrawn, the next one needs as much again
    new_state = replace(state, suspicion=no_suspicion, blocked_by="")
    if is_simulating_outage(state):
        new_state, move = attribute_to_drill(new_state, move)
    else:
        new_state = replace(new_state, automatic_move_times=(*state.automatic_move_times, now))
    return (
        replace(new_state, move=move),
        message,
        (Event(kind=EventKind.MOVE_DECIDED, at=now, message=message, move=move),),
    )
