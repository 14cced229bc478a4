"""The decision of one round: whether users move, and why. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from cognito_failover.common.region import Instant, PerRole, RegionRole
from cognito_failover.common.text import format_duration
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
from cognito_failover.core.model.move import CONTROLLER_NAME, Move
from cognito_failover.core.model.state import ControllerState, Hold, VerdictStreak, require_drill
from cognito_failover.core.moments import is_in_future, replace_future_moments
from cognito_failover.core.move.failback import create_failback_move, is_failback_due
from cognito_failover.core.move.lifecycle import advance_move
from cognito_failover.core.quorum import mark_counted_looks
from cognito_failover.core.replication_lag import build_lag_warning
from cognito_failover.core.round_context import RoundContext
from cognito_failover.core.rules import (
    OBSERVE_ONLY_RULES,
    MoveProposal,
    Rule,
    Violation,
    find_automatic_failback_violations,
    find_automatic_move_violations,
    remember_move,
)
from cognito_failover.core.transition import Transition
from cognito_failover.core.user_location import describe_differences
from cognito_failover.core.user_sign_ins import NO_USER_SIGN_INS, UserSignInCounts
from cognito_failover.core.verdict import SERVING_VERDICTS, Verdict
from cognito_failover.settings.controller import Settings


def decide(state: ControllerState, context: RoundContext, sign_ins: UserSignInCounts = NO_USER_SIGN_INS) -> Transition:
    """Return what follows from one round.

    Parameters
    ----------
    state
        The state saved before.
    context
        The settings, the consensus, and the time.
    sign_ins
        Sign-ins through the domain since the last round. Only a drill uses them.

    """
    corrected_state = _correct_moments(state, context.now)
    context = _judge_evidence(corrected_state, context)
    observed_state = _record_verdicts(corrected_state, context)
    drill_step = advance_drill(observed_state, context, sign_ins)
    has_drill_decided = drill_step.state.move != observed_state.move
    effective_context = apply_simulated_outage(drill_step.state, context)
    suspecting_state = _update_failure_detector(drill_step.state, observed_state, effective_context)
    decision = drill_step.then(update_degradation(suspecting_state, context))
    if not has_drill_decided:
        decision = decision.then(_decide_move(decision.state, context, effective_context))
    return replace(decision, state=replace(decision.state, round_message=decision.message))


def _correct_moments(state: ControllerState, now: Instant) -> ControllerState:
    """Return the state without moments of the future, if the clock of this host and that of the last round agree.

    Otherwise it is not known which clock is wrong. The next round knows.
    """
    is_disputed = state.last_round_at is None or is_in_future(state.last_round_at, now)
    return state if is_disputed else replace_future_moments(state, now)


def _judge_evidence(state: ControllerState, context: RoundContext) -> RoundContext:
    """Return the context with what the round adds to the evidence. After a silence, all counts start again."""
    if not is_contiguous_round(state.last_round_at, context.settings, context.now):
        return replace(context, is_contiguous=False)
    counted = PerRole[Mapping[str, Instant]](primary=state.streaks.primary.looks, standby=state.streaks.standby.looks)
    consensus = mark_counted_looks(context.consensus, counted, len(context.settings.observers))
    return replace(context, consensus=consensus)


def _record_verdicts(state: ControllerState, context: RoundContext) -> ControllerState:
    """Return the state with the verdicts of this round."""
    settings, now, is_contiguous = context.settings, context.now, context.is_contiguous

    def extend_streak(role: RegionRole) -> VerdictStreak:
        region_consensus, previous = context.consensus.roles[role], state.streaks[role]
        if not region_consensus.is_new:
            return previous
        verdict = Verdict.SICK if is_sick(region_consensus.verdict, settings) else region_consensus.verdict
        looks = {**previous.looks, **region_consensus.looks}
        if is_contiguous and previous.rounds and verdict is previous.verdict:
            return replace(previous, rounds=previous.rounds + 1, looks=looks)
        started = VerdictStreak(verdict=verdict, rounds=1, since=now, looks=looks)
        if not (is_contiguous and previous.serving_rounds and started.serving_rounds):
            return started
        return replace(
            started,
            earlier_serving_rounds=previous.serving_rounds,
            earlier_serving_since=previous.serving_since,
        )

    streaks = PerRole(primary=extend_streak(RegionRole.PRIMARY), standby=extend_streak(RegionRole.STANDBY))
    return replace(
        state,
        last_round_at=now,
        # A suspicion from before a silence does not count any more.
        suspicion=state.suspicion if is_contiguous else Suspicion(role=state.users_role),
        streaks=streaks,
        hold=_update_hold(state, streaks, settings),
    )


def _update_hold(state: ControllerState, streaks: PerRole[VerdictStreak], settings: Settings) -> Hold | None:
    """Return the hold, with the Regions that have served since."""
    if state.hold is None:
        return None
    serving_roles = {role for role, streak in streaks if streak.serving_rounds >= settings.suspect_rounds}
    return replace(state.hold, served_roles=state.hold.served_roles | serving_roles)


def _update_failure_detector(
    drilled_state: ControllerState, observed_state: ControllerState, context: RoundContext
) -> ControllerState:
    """Return the state with the suspicion of a Region that has users. During a move there is none."""
    if observed_state.move or drilled_state.move:
        return replace(drilled_state, suspicion=Suspicion(role=drilled_state.users_role))
    role = _pick_watched_role(drilled_state, context)
    previous = drilled_state.active_suspicion
    if previous.role is not role:
        previous = Suspicion(role=role)
    region_consensus = context.consensus.roles[role]
    if not region_consensus.is_new:
        return replace(drilled_state, suspicion=previous)
    verdict = Verdict.SICK if is_sick(region_consensus.verdict, context.settings) else region_consensus.verdict
    suspicion = update_suspicion(previous, verdict, context.settings, context.now)
    return replace(drilled_state, suspicion=suspicion)


def _pick_watched_role(state: ControllerState, context: RoundContext) -> RegionRole:
    """Return the Region whose health is followed. With users in both: the suspect one, or the one that is sick."""
    suspicion, roles = state.active_suspicion, state.user_roles
    if len(roles) == 1 or suspicion.is_active:
        return suspicion.role
    sick_roles = [role for role in roles if is_sick(context.consensus.roles[role].verdict, context.settings)]
    return sick_roles[0] if len(sick_roles) == 1 else state.users_role


def _decide_move(state: ControllerState, context: RoundContext, effective_context: RoundContext) -> Transition:
    """Continue the move under way, or decide whether one starts.

    Parameters
    ----------
    state
        The state with this round's verdicts and suspicion.
    context
        What the observers really agree on.
    effective_context
        The same, with the outage that a drill simulates.

    """
    if state.move:
        return advance_move(state, context)
    step = _decide_failover(state, effective_context)
    if not is_simulating_outage(state):
        return step
    return replace(step, events=tuple(tag_as_drill(event, require_drill(state)) for event in step.events))


def _decide_failover(state: ControllerState, context: RoundContext) -> Transition:
    """Decide whether an automatic move starts."""
    settings, suspicion = context.settings, state.active_suspicion
    region_consensus = context.consensus.roles[suspicion.role]
    if not is_sick(region_consensus.verdict, settings) or not suspicion.is_active:
        return _on_no_failover_needed(state, context)
    if not suspicion.is_threshold_reached(settings):
        message = f"{_describe_suspect(state, settings)}: {region_consensus.detail}"
        suspected = Transition(state=state, message=message)
        if suspicion.rounds > 1 or not region_consensus.is_new:
            return suspected
        return replace(suspected, events=(Event(kind=EventKind.SUSPECTED, at=context.now, message=message),))
    sick_region = settings.regions[suspicion.role]
    sick_text = f"{_describe_sick(sick_region, suspicion, context.now)}: {region_consensus.detail}"
    proposal = MoveProposal(state=state, context=context, target=suspicion.role.opposite)
    if violations := tuple(find_automatic_move_violations(proposal)):
        return _on_blocked(sick_text, violations, proposal)
    return _start_move(state, _create_failover_move(state, sick_text, context), context)


def _on_no_failover_needed(state: ControllerState, context: RoundContext) -> Transition:
    message = " ".join(_describe_regions(state, context))
    if state.active_suspicion.is_active:
        return Transition(state=state, message=f"{message} {_describe_suspect(state, context.settings)}.")
    healthy = Transition(state=state, message=message)
    is_any_sick = any(is_sick(context.consensus.roles[role].verdict, context.settings) for role in state.user_roles)
    if state.blocked_by and not is_any_sick:
        cleared_event = Event(
            kind=EventKind.SUSPICION_CLEARED, at=context.now, message=f"A move is not needed any more. {message}"
        )
        healthy = replace(healthy, state=replace(state, blocked_by=""), events=(cleared_event,))
    if not is_failback_due(state, context.settings):
        return healthy
    return healthy.then(_decide_failback(healthy.state, context))


def _decide_failback(state: ControllerState, context: RoundContext) -> Transition:
    """Decide whether an automatic failback starts. A blocked failback has no event: the standby serves users."""
    proposal = MoveProposal(state=state, context=context, target=RegionRole.PRIMARY)
    violations = tuple(find_automatic_failback_violations(proposal))
    if not violations:
        return _start_move(state, create_failback_move(state, context), context)
    reasons = " ".join(violation.message for violation in violations)
    if _is_observing_only(violations):
        message = f"Users would have returned to {proposal.target_region}, but: {reasons}"
    else:
        message = f"Users do not return to {proposal.target_region} yet: {reasons}"
    return Transition(state=state, message=message)


def _describe_sick(region: str, suspicion: Suspicion, now: Instant) -> str:
    duration_text = format_duration(now - suspicion.since)
    if suspicion.sick_rounds == suspicion.rounds:
        return f"{region} has been sick for {suspicion.rounds} rounds ({duration_text})"
    return f"{region} was sick in {suspicion.sick_rounds} of {suspicion.rounds} rounds ({duration_text})"


def _describe_suspect(state: ControllerState, settings: Settings) -> str:
    """Return how often the Region with users was sick, and how many more sick rounds move users."""
    suspicion = state.active_suspicion
    missing_rounds = suspicion.compute_rounds_to_threshold(settings)
    region = settings.regions[suspicion.role]
    return (
        f"{region} is suspect, sick in {suspicion.sick_rounds} of {suspicion.rounds} rounds; "
        f"{missing_rounds} more in a row would move users"
    )


def _describe_regions(state: ControllerState, context: RoundContext) -> Iterator[str]:
    """Yield what differs from the decided side, and one sentence about each Region, the one with the users first."""
    if differences := describe_differences(state, context.settings):
        yield differences
    for role in (state.users_role, state.users_role.opposite):
        region_consensus = context.consensus.roles[role]
        role_text = "serves" if role in state.user_roles else "stands by"
        verdict_text = (
            f" and is {region_consensus.verdict}."
            if region_consensus.verdict in SERVING_VERDICTS
            else f", but is {region_consensus.verdict}: {region_consensus.detail}"
        )
        yield f"{context.settings.regions[role]} {role_text}{verdict_text}"


def _is_observing_only(violations: tuple[Violation, ...]) -> bool:
    return all(violation.rule in OBSERVE_ONLY_RULES for violation in violations)


def _on_blocked(sick_text: str, violations: tuple[Violation, ...], proposal: MoveProposal) -> Transition:
    state, is_observing_only = proposal.state, _is_observing_only(violations)
    reasons = " ".join(violation.message for violation in violations)
    message = (
        f"{sick_text} Traffic would have moved to {proposal.target_region}, but: {reasons}"
        if is_observing_only
        else f"{sick_text} Traffic stays where it is: {reasons}"
    )
    blocked_by = violations[0].rule
    blocked = Transition(state=replace(state, blocked_by=blocked_by), message=message)
    # The startup grace period ends within a minute or two. It does not notify people.
    if blocked_by == Rule.STARTUP_GRACE_PERIOD:
        return blocked
    kind = EventKind.WOULD_MOVE if is_observing_only else EventKind.BLOCKED
    event = Event(kind=kind, at=proposal.context.now, message=message, rule=blocked_by)
    return replace(blocked, events=(event,))


def _create_failover_move(state: ControllerState, sick_text: str, context: RoundContext) -> Move:
    """Return the move away from the sick Region, of all users at once."""
    source = state.active_suspicion.role
    target = source.opposite
    return Move(
        id=f"to-{context.settings.regions[target]}-{int(context.now)}",
        source=source,
        target=target,
        is_automatic=True,
        reason=sick_text,
        requested_by=CONTROLLER_NAME,
        suspected_at=state.active_suspicion.since,
        decided_at=context.now,
        step_started_at=context.now,
    )


def _start_move(state: ControllerState, move: Move, context: RoundContext) -> Transition:
    settings, now = context.settings, context.now
    steps_text = " in steps of " + ", ".join(f"{step} %" for step in move.steps) if move.is_stepped else ""
    lag_text = build_lag_warning(
        state.lag_state, target=move.target, warn_above_seconds=settings.replication_lag_alarm_seconds
    )
    move_text = f"Traffic moves from {settings.regions[move.source]} to {settings.regions[move.target]}{steps_text}."
    message = " ".join(part for part in (move_text, move.reason, lag_text) if part)
    # If the move is cancelled, the next one needs the full threshold again.
    moving_state = replace(state, suspicion=Suspicion(role=move.source), blocked_by="", differences={})
    if is_simulating_outage(state):
        moving_state, move = attribute_to_drill(moving_state, move)
    else:
        moving_state = replace(moving_state, automatic_move_times=remember_move(state, context))
    event = Event(kind=EventKind.MOVE_DECIDED, at=now, message=message, move=move)
    return Transition.from_event(replace(moving_state, move=move), event)
