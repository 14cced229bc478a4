"""What becomes of a move under way: carried on, stepped, withdrawn, turned back. Pure."""

from dataclasses import replace

from cognito_failover.common.region import Instant
from cognito_failover.common.text import format_duration
from cognito_failover.common.time_budget import CONFIRMATION_TIMEOUT_SECONDS
from cognito_failover.core.consensus import Consensus
from cognito_failover.core.model.event import Event, EventKind
from cognito_failover.core.model.move import ALL_AT_ONCE, Move
from cognito_failover.core.model.records import Confirmation
from cognito_failover.core.model.state import ControllerState, require_move
from cognito_failover.core.move.latches import has_latch_set
from cognito_failover.core.move.transitions import (
    Transition,
    cancel_move,
    describe_step,
    finish_in_one_step,
    require_progress,
    start_rollback,
)
from cognito_failover.core.rules import Rule
from cognito_failover.core.verdict import SERVING_VERDICTS, Verdict
from cognito_failover.settings.controller import Settings


def advance_move(state: ControllerState, consensus: Consensus, settings: Settings, now: Instant) -> Transition:
    """Decide, once a round, how the move under way goes on.

    A move that no lever has taken yet is withdrawn when its target can't serve or its cause is gone. One
    that has begun is carried to its end; one in steps goes back when its target falls sick.
    """
    move = require_move(state)
    if not move.is_started and not move.is_rolling_back and (why := _find_cancel_reason(move, state, settings)):
        # Once an intent is saved a change may have been made whose answer was lost: then it is taken back.
        may_have_changed = move.progress is not None or has_latch_set(state, move)
        return start_rollback(state, why, settings, now) if may_have_changed else cancel_move(state, why, now)
    if move.is_started and (why := _find_rollback_reason(move, state, consensus, settings)):
        return start_rollback(state, why, settings, now)
    if why := _find_single_step_reason(move, state, consensus, settings):
        return finish_in_one_step(state, why, settings, now)
    if move.step_confirmed_at is not None:
        return _wait_for_bake_time(state, move, move.step_confirmed_at, consensus, settings, now)
    return _report_progress(state, move, settings, now)


def may_submit(move: Move, consensus: Consensus) -> bool:
    """Tell whether a step may be given to a lever now.

    The first one needs a target that is seen to serve in this very round and, if the controller flees from it, a source
    that is not: a decision may be old by the time it can be carried out.
    """
    if move.is_started or move.is_rolling_back:
        return True
    is_cause_confirmed = not move.is_automatic_failover or not consensus.is_serving(move.source)
    is_target_confirmed = consensus.is_serving(move.target) or Rule.TARGET_HEALTHY in move.overridden_rules
    return is_cause_confirmed and is_target_confirmed


def is_step_confirmed(move: Move, confirmation: Confirmation, now: Instant) -> bool:
    """Tell whether the current step is done, as seen from outside.

    All users on one side: no name server that answers gives the old target; one that is silent holds this up for
    two minutes, after which INSYNC and the others suffice. A share of the users: INSYNC and the record read back.
    """
    progress = require_progress(move)
    if progress.submitted_at is None or confirmation.stale:
        return False
    if move.is_partial:
        return confirmation.moved and progress.in_sync_at is not None
    has_waited_long = now - progress.submitted_at >= CONFIRMATION_TIMEOUT_SECONDS
    all_servers_agree = confirmation.moved and not confirmation.unresponsive
    return all_servers_agree or (has_waited_long and progress.in_sync_at is not None)


def _find_cancel_reason(move: Move, state: ControllerState, settings: Settings) -> str | None:
    target, source = state.streaks[move.target], state.streaks[move.source]
    threshold = settings.suspect_rounds
    if (
        target.verdict not in SERVING_VERDICTS
        and target.rounds >= threshold
        and Rule.TARGET_HEALTHY not in move.overridden_rules
    ):
        return f"{settings.regions[move.target]} has been {target.verdict} for {target.rounds} rounds."
    if move.is_automatic_failover and source.verdict in SERVING_VERDICTS and source.rounds >= threshold:
        return f"{settings.regions[move.source]} is healthy again, for {source.rounds} rounds."
    return None


def _find_rollback_reason(move: Move, state: ControllerState, consensus: Consensus, settings: Settings) -> str | None:
    if move.is_on_last_step:  # with all users on their way, it ends where it was going; what follows is decided then
        return None
    streak = state.streaks[move.target]
    if streak.verdict is not Verdict.SICK or streak.rounds < settings.suspect_rounds:
        return None
    if not consensus.is_serving(move.source):
        return None
    return f"{settings.regions[move.target]} fell sick at {move.steps[0]} %: {consensus.roles[move.target].detail}"


def _find_single_step_reason(
    move: Move, state: ControllerState, consensus: Consensus, settings: Settings
) -> str | None:
    """Say why the steps that are left are made as one: users don't wait on a Region that has fallen sick."""
    if move.is_rolling_back or move.is_round_trip or move.steps == ALL_AT_ONCE or not consensus.is_serving(move.target):
        return None
    streak = state.streaks[move.source]
    if (
        consensus.is_serving(move.source)
        or streak.verdict is not Verdict.SICK
        or streak.rounds < settings.suspect_rounds
    ):
        return None
    return f"{settings.regions[move.source]} fell sick: {consensus.roles[move.source].detail}"


def compute_bake_seconds(ttl_seconds: int, settings: Settings) -> float:
    """Return how long users are watched between two steps: until resolvers know, and sickness would have been seen."""
    return max(ttl_seconds, settings.suspect_rounds * settings.round_interval_seconds)


def _wait_for_bake_time(
    state: ControllerState, move: Move, confirmed_at: Instant, consensus: Consensus, settings: Settings, now: Instant
) -> Transition:
    """Between two steps: go on once users have been seen to sign in on the target for a while."""
    ttl_seconds = state.records.ttl_seconds if state.records else 0
    remaining_seconds = confirmed_at + compute_bake_seconds(ttl_seconds, settings) - now
    target = settings.regions[move.target]
    if move.is_round_trip:
        return _wait_before_return(state, move, remaining_seconds, consensus, settings, now)
    if not consensus.is_serving(move.target):
        region_consensus = consensus.roles[move.target]
        message = f"The move {move.id} waits at {move.steps[0]} %: {target} is {region_consensus.verdict}: {region_consensus.detail}"
        return state, message, ()
    if remaining_seconds > 0:
        message = f"The move {move.id} rests at {move.steps[0]} % for {format_duration(remaining_seconds)} more; {target} is well."
        return state, message, ()
    next_move = move.with_next_step(now)
    return replace(state, move=next_move), f"Next, {describe_step(next_move, settings)}; {target} is well.", ()


def _wait_before_return(
    state: ControllerState, move: Move, remaining_seconds: float, consensus: Consensus, settings: Settings, now: Instant
) -> Transition:
    """Before the way back: users have been on the target for a while, and where they came from still serves."""
    source = settings.regions[move.source]
    if not consensus.is_serving(move.source):
        region_consensus = consensus.roles[move.source]
        message = (
            f"The move {move.id} waits on {settings.regions[move.target]}: {source} is {region_consensus.verdict}."
        )
        return state, f"{message} {region_consensus.detail}", ()
    if remaining_seconds > 0:
        message = f"The move {move.id} rests for {format_duration(remaining_seconds)} more, before its users come back."
        return state, message, ()
    return_move = move.with_next_step(now)
    return replace(state, move=return_move), f"Next, {describe_step(return_move, settings)}; {source} is well.", ()


def _report_progress(state: ControllerState, move: Move, settings: Settings, now: Instant) -> Transition:
    elapsed_seconds = now - move.decided_at
    message = (
        f"The move {move.id} is under way for {format_duration(elapsed_seconds)}: {describe_step(move, settings)}."
    )
    if now - move.step_started_at < CONFIRMATION_TIMEOUT_SECONDS or move.is_delay_notified:
        return state, message, ()
    delayed_move = replace(move, is_delay_notified=True)
    is_submitted = move.current_progress is not None and move.current_progress.submitted_at is not None
    if is_submitted:
        reason = "it is not confirmed by the name servers yet"
    else:
        reason = (
            "Route 53 has taken no change yet" if settings.has_managed_records else "the name servers don't show it yet"
        )
    error_text = f" Last trouble: {move.last_error}" if move.last_error else ""
    delay_message = f"{message} It takes longer than {CONFIRMATION_TIMEOUT_SECONDS:g} s: {reason}. It is tried again every round.{error_text}"
    return (
        replace(state, move=delayed_move),
        delay_message,
        (Event(kind=EventKind.MOVE_DELAYED, at=now, message=delay_message, move=delayed_move),),
    )
