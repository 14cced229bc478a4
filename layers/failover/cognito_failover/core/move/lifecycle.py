"""How a move under way continues: next step, cancellation, rollback, or end. Pure."""

from dataclasses import replace

from cognito_failover.common.region import Instant, RegionRole
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.common.text import format_duration
from cognito_failover.common.time_budget import CONFIRMATION_TIMEOUT_SECONDS
from cognito_failover.core.consensus import Consensus
from cognito_failover.core.model.event import Event, EventKind
from cognito_failover.core.model.move import Move
from cognito_failover.core.model.records import Confirmation
from cognito_failover.core.model.state import ControllerState, require_move
from cognito_failover.core.move.latches import get_pending_confirmation, has_latch_set
from cognito_failover.core.move.transitions import (
    cancel_move,
    describe_step,
    finish_in_one_step,
    require_progress,
    start_rollback,
    stop_for_external_change,
    turn_around,
)
from cognito_failover.core.round_context import RoundContext
from cognito_failover.core.rules import MoveProposal, Rule, find_automatic_move_violations, remember_move
from cognito_failover.core.transition import Transition
from cognito_failover.core.user_location import get_domain_name, is_seen_on
from cognito_failover.core.verdict import OUTAGE_VERDICTS, SERVING_VERDICTS, Verdict
from cognito_failover.settings.controller import Settings

MAX_UNSTARTED_SECONDS = 3600.0
"""Maximum age of a move that no lever has taken. The controller may have been stopped, or its table restored."""


def advance_move(state: ControllerState, context: RoundContext) -> Transition:
    """Decide, once a round, how the move under way continues.

    A move that no lever has started yet is cancelled when its target cannot serve, when its cause is gone, or when it
    is too old. A move that has started is carried to its end. A stepped move is rolled back when its target becomes
    sick.
    """
    move = require_move(state)
    if is_withdrawable(move) and (reason := _find_cancel_reason(move, state, context)):
        return withdraw_move(state, reason, context)
    if move.is_started and (reason := _find_rollback_reason(move, state, context)):
        return start_rollback(state, reason, context)
    if reason := _find_rescue_reason(move, state, context):
        return _rescue(state, reason, context)
    if reason := _find_contradiction(move, state, context):
        return stop_for_external_change(state, reason, context.now)
    if reason := _find_single_step_reason(move, state, context):
        return finish_in_one_step(state, reason, context)
    if move.step_confirmed_at is not None:
        return _wait_for_bake_time(state, move, move.step_confirmed_at, context)
    return _report_progress(state, move, context)


def is_withdrawable(move: Move) -> bool:
    """Return whether no lever is known to have taken the move yet."""
    return not move.is_started and not move.is_rolling_back


def may_have_changed(state: ControllerState, move: Move) -> bool:
    """Return whether a change may have been made whose response was lost: its intent is saved."""
    return move.progress is not None or has_latch_set(state, move)


def withdraw_move(state: ControllerState, reason: str, context: RoundContext) -> Transition:
    """End a move that no lever is known to have taken. A change that may have been made is taken back."""
    if may_have_changed(state, require_move(state)):
        return start_rollback(state, reason, context)
    return cancel_move(state, reason, context.now)


def may_submit(state: ControllerState, context: RoundContext) -> bool:
    """Return whether a lever may make the current step now.

    The first step needs a recent decision, and a target that serves in this same round. An automatic failover also
    needs a source that does not serve. The decision itself may be old by then. Later, no lever may send users to a
    Region that has fallen sick.
    """
    move, consensus = require_move(state), context.consensus
    if move.is_started or move.is_rolling_back:
        is_harmful = consensus.roles[move.destination].verdict in OUTAGE_VERDICTS
        return not is_harmful or _is_target_trusted(move)
    is_cause_confirmed = not move.is_automatic_failover or not consensus.is_serving(move.source)
    return is_cause_confirmed and _may_serve(move, consensus) and not _is_too_old(move, state, context)


def is_step_confirmed(move: Move, confirmation: Confirmation, now: Instant) -> bool:
    """Return whether the current step is confirmed.

    With all users in one Region, no name server may answer with the old target, and at least one must answer with the
    new one. A name server that does not answer delays this for two minutes. After that INSYNC and the others suffice.
    With users in both Regions, it takes INSYNC and a read of the records.
    """
    progress = require_progress(move)
    if progress.submitted_at is None or confirmation.stale:
        return False
    if move.is_partial:
        return confirmation.moved and progress.in_sync_at is not None
    has_waited_long = now - progress.submitted_at >= CONFIRMATION_TIMEOUT_SECONDS
    return confirmation.moved and (
        not confirmation.unresponsive or (has_waited_long and progress.in_sync_at is not None)
    )


def _is_target_trusted(move: Move) -> bool:
    """Return whether a person moves users to the target despite its verdict. That holds for the whole move."""
    return Rule.TARGET_HEALTHY in move.overridden_rules


def _may_serve(move: Move, consensus: Consensus) -> bool:
    """Return whether users may be moved to the target: it serves, or a person overrode that rule."""
    return consensus.is_serving(move.target) or _is_target_trusted(move)


def _is_too_old(move: Move, state: ControllerState, context: RoundContext) -> bool:
    """Return whether a move that no lever has taken must not begin any more. An automatic failover may, while due."""
    streak = state.streaks[move.source]
    is_due = streak.verdict is Verdict.SICK and streak.rounds >= context.settings.suspect_rounds
    is_pending = has_latch_set(state, move) or (move.is_automatic_failover and is_due)
    return context.now - move.decided_at > MAX_UNSTARTED_SECONDS and not is_pending


def _find_cancel_reason(move: Move, state: ControllerState, context: RoundContext) -> str | None:
    target, source, regions = state.streaks[move.target], state.streaks[move.source], context.settings.regions
    threshold = context.settings.suspect_rounds
    if target.verdict not in SERVING_VERDICTS and target.rounds >= threshold and not _is_target_trusted(move):
        return f"{regions[move.target]} has been {target.verdict} for {target.rounds} rounds."
    if move.is_automatic_failover and source.serving_rounds >= threshold:
        return f"{regions[move.source]} is healthy again, for {source.serving_rounds} rounds."
    if context.is_contiguous and _is_too_old(move, state, context):  # on a host with a wrong clock, the move waits
        advice = "Automation decides again." if move.is_automatic else "Request it again, if you still want it."
        return f"no lever has taken it within {format_duration(MAX_UNSTARTED_SECONDS)}. {advice}"
    return None


def _is_certainly_sick(role: RegionRole, state: ControllerState, context: RoundContext) -> bool:
    """Return whether a Region has been sick for as long as a failover needs, and still does not serve."""
    streak = state.streaks[role]
    is_sick_enough = streak.verdict is Verdict.SICK and streak.rounds >= context.settings.suspect_rounds
    return is_sick_enough and not context.consensus.is_serving(role)


def _must_leave(role: RegionRole, state: ControllerState, context: RoundContext) -> bool:
    """Return whether a Region is certainly sick while the other one serves."""
    return _is_certainly_sick(role, state, context) and context.consensus.is_serving(role.opposite)


def _find_rollback_reason(move: Move, state: ControllerState, context: RoundContext) -> str | None:
    is_submitted = move.current_progress is not None and move.current_progress.submitted_at is not None
    is_past_steps = move.is_on_last_step and (is_submitted or not move.is_stepped)  # see `_find_rescue_reason`
    if is_past_steps or _is_target_trusted(move) or not _must_leave(move.target, state, context):
        return None
    target, detail = context.settings.regions[move.target], context.consensus.roles[move.target].detail
    return (
        f"{target} became sick {'before the last step' if move.is_on_last_step else f'at {move.steps[0]} %'}: {detail}"
    )


def _find_rescue_reason(move: Move, state: ControllerState, context: RoundContext) -> str | None:
    """Return why the users of a last step need a failover: no confirmation is awaited from a sick Region.

    Within the usual time of a confirmation, the move ends at its destination, and the next decision follows.
    """
    destination = move.destination
    is_overdue = context.now - move.step_started_at >= CONFIRMATION_TIMEOUT_SECONDS
    if not (move.is_on_last_step and move.is_started and is_overdue) or _is_target_trusted(move):
        return None
    if not _must_leave(destination, state, context):
        return None
    return f"{context.settings.regions[destination]} is sick: {context.consensus.roles[destination].detail}"


def _rescue(state: ControllerState, reason: str, context: RoundContext) -> Transition:
    """Turn the move around like a failover, under the rules for one."""
    move = require_move(state)
    proposal = MoveProposal(state=replace(state, move=None), context=context, target=move.destination.opposite)
    if violations := tuple(find_automatic_move_violations(proposal)):
        reasons = " ".join(violation.message for violation in violations)
        return Transition(state=state, message=f"{reason} The move {move.id} is not turned around: {reasons}")
    counted_state = replace(state, automatic_move_times=remember_move(state, context))
    return turn_around(counted_state, reason, context)


def _find_contradiction(move: Move, state: ControllerState, context: RoundContext) -> str | None:
    """Return what shows that something else steers the users of a name, after its lever was applied everywhere."""
    destination, elsewhere, settings = move.destination, move.destination.opposite, context.settings
    for name in SteeredName:
        applied_at = _find_unconfirmed_change(move, state, name)
        is_overdue = applied_at is not None and context.now - applied_at >= CONFIRMATION_TIMEOUT_SECONDS
        if is_overdue and is_seen_on(state.locations.get(name), elsewhere, context.now):
            return (
                f"The lever for {settings.regions[destination]} is applied, but DNS sends all users of "
                f"{get_domain_name(name, settings)} to {settings.regions[elsewhere]}. Something else steers them: a "
                f"latch, a health check, or EvaluateTargetHealth."
            )
    return None


def _find_unconfirmed_change(move: Move, state: ControllerState, name: SteeredName) -> Instant | None:
    """Return when the change of the current step reached all that answers for a name; None once it is confirmed."""
    if name is SteeredName.DOMAIN:
        latch = state.latches[name] if get_pending_confirmation(state, name) else None
        return latch.set_at if latch else None
    progress = move.current_progress
    is_awaited = not move.is_partial and move.records_confirmed_at is None
    return progress.in_sync_at if progress and is_awaited else None


def _find_single_step_reason(move: Move, state: ControllerState, context: RoundContext) -> str | None:
    """Return why the steps that are left become one: users do not wait in a Region that became sick."""
    is_needless = move.is_round_trip or move.is_on_last_step or not _may_serve(move, context.consensus)
    if is_needless or not _is_certainly_sick(move.source, state, context):
        return None
    return f"{context.settings.regions[move.source]} became sick: {context.consensus.roles[move.source].detail}"


def compute_bake_seconds(ttl_seconds: int, settings: Settings) -> float:
    """Return the bake time: until resolvers have the new records, and until the controller would have seen sickness."""
    return max(ttl_seconds, settings.suspect_rounds * settings.round_interval_seconds)


def _wait_for_bake_time(state: ControllerState, move: Move, confirmed_at: Instant, context: RoundContext) -> Transition:
    """Start the next step after the bake time, if the target serves."""
    settings = context.settings
    ttl_seconds = state.records.ttl_seconds if state.records else 0
    remaining_seconds = confirmed_at + compute_bake_seconds(ttl_seconds, settings) - context.now
    if move.is_round_trip:
        return _wait_before_return(state, move, remaining_seconds, context)
    target, region_consensus = settings.regions[move.target], context.consensus.roles[move.target]
    if not _may_serve(move, context.consensus):
        wait_text = f"waits at {move.steps[0]} %: {target} is {region_consensus.verdict}: {region_consensus.detail}"
        return Transition(state=state, message=f"The move {move.id} {wait_text}")
    if remaining_seconds > 0:
        wait_text = f"waits at {move.steps[0]} % for {format_duration(remaining_seconds)} more (bake time)"
        return Transition(
            state=state, message=f"The move {move.id} {wait_text}; {target} is {region_consensus.verdict}."
        )
    return _start_next_step(state, move, move.target, context)


def _wait_before_return(
    state: ControllerState, move: Move, remaining_seconds: float, context: RoundContext
) -> Transition:
    """Start the way back of a round trip after the bake time, if the source serves."""
    source, region_consensus = context.settings.regions[move.source], context.consensus.roles[move.source]
    if not context.consensus.is_serving(move.source):
        wait_text = f"waits on {context.settings.regions[move.target]}: {source} is {region_consensus.verdict}."
        return Transition(state=state, message=f"The move {move.id} {wait_text} {region_consensus.detail}")
    if remaining_seconds > 0:
        wait_text = f"waits for {format_duration(remaining_seconds)} more (bake time), before its users go back."
        return Transition(state=state, message=f"The move {move.id} {wait_text}")
    return _start_next_step(state, move, move.source, context)


def _start_next_step(state: ControllerState, move: Move, role: RegionRole, context: RoundContext) -> Transition:
    next_move = move.with_next_step(context.now)
    region, verdict = context.settings.regions[role], context.consensus.roles[role].verdict
    message = f"Next: {describe_step(next_move, context.settings)}; {region} is {verdict}."
    return Transition(state=replace(state, move=next_move), message=message)


def _report_progress(state: ControllerState, move: Move, context: RoundContext) -> Transition:
    duration_text, step_text = format_duration(context.now - move.decided_at), describe_step(move, context.settings)
    message = f"The move {move.id} has been under way for {duration_text}: {step_text}."
    if context.now - move.step_started_at < CONFIRMATION_TIMEOUT_SECONDS or move.is_delay_notified:
        return Transition(state=state, message=message)
    delayed_move = replace(move, is_delay_notified=True)
    error_text = f" Last error: {move.last_error}" if move.last_error else ""
    delay_message = (
        f"{message} It takes longer than {CONFIRMATION_TIMEOUT_SECONDS:g} s: {_explain_delay(move, context.settings)}. "
        f"The controller tries again each round.{error_text}"
    )
    event = Event(kind=EventKind.MOVE_DELAYED, at=context.now, message=delay_message, move=delayed_move)
    return Transition.from_event(replace(state, move=delayed_move), event)


def _explain_delay(move: Move, settings: Settings) -> str:
    if move.current_progress is not None and move.current_progress.submitted_at is not None:
        return "it is not confirmed by the name servers yet"
    if settings.has_managed_records:
        return "Route 53 has not accepted a change yet"
    return "the name servers don't show it yet"
