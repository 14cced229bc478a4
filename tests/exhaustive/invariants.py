"""The invariants of every transition. Each function's name states its invariant."""

from collections.abc import Callable

from cognito_failover.common.region import RegionRole, Weights
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.model.move import Move
from cognito_failover.core.model.state import ControllerState, Hold
from cognito_failover.core.move.latches import has_latch_set
from cognito_failover.core.rules import DAY_SECONDS, MAX_HOLD_SECONDS, compute_startup_grace_seconds
from cognito_failover.core.verdict import SERVING_VERDICTS, Verdict
from tests.exhaustive.state_space import StateTransition, extract_weights

type Invariant = Callable[[StateTransition], bool]
"""Returns whether a transition keeps the invariant."""


def requires_serving_target(transition: StateTransition) -> bool:
    move = _get_automatic_move(transition)
    return move is None or _get_verdict(transition, move.target) in SERVING_VERDICTS


def requires_cause_in_submitting_round(transition: StateTransition) -> bool:
    before, move = transition.before, transition.before.move if transition.before else None
    if (
        not transition.has_moved_users
        or before is None
        or move is None
        or not move.is_automatic
        or move.is_started
        or move.is_rolling_back
    ):
        return True
    if has_latch_set(before, move):  # the process may have died after it set the latch: users may be moving
        return True
    return (
        _get_verdict(transition, move.target) in SERVING_VERDICTS
        and _get_verdict(transition, move.source) not in SERVING_VERDICTS
    )


def requires_enough_sick_rounds(transition: StateTransition) -> bool:
    move = _get_automatic_move(transition)
    if move is None:
        return True
    missing_rounds = _require_state_before(transition).active_suspicion.compute_rounds_to_threshold(transition.settings)
    return _get_verdict(transition, move.source) is Verdict.SICK and missing_rounds <= 1


def requires_connected_controller(transition: StateTransition) -> bool:
    return not (_get_automatic_move(transition) and transition.event.is_isolated)


def keeps_a_target_for_the_domain(transition: StateTransition) -> bool:
    return any(transition.traffic_after) or not transition.has_moved_users


def respects_cool_down(transition: StateTransition) -> bool:
    return (
        not _get_automatic_move(transition)
        or _require_state_before(transition).cool_down_until <= transition.started_at
    )


def respects_daily_move_limit(transition: StateTransition) -> bool:
    if not _get_automatic_move(transition):
        return True
    recent_moves = [
        at for at in _require_state_before(transition).automatic_move_times if transition.started_at - at < DAY_SECONDS
    ]
    return len(recent_moves) < transition.settings.max_automatic_moves_per_day


def respects_pause_observe_only_and_hold(transition: StateTransition) -> bool:
    if not _get_automatic_move(transition):
        return True
    before, move = _require_state_before(transition), _get_automatic_move(transition)
    paused = before.pause is not None and before.pause.until > transition.started_at
    return not (paused or before.is_observe_only or (before.hold and not _is_rescue(transition, before.hold, move)))


def _is_rescue(transition: StateTransition, hold: Hold, move: Move | None) -> bool:
    """Return whether a move leaves a sick Region that the hold does not protect any more."""
    if move is None or not move.is_automatic_failover or hold.bars_rescue:
        return False
    after = transition.after.hold if transition.after else None
    has_served = move.source in hold.served_roles or (after is not None and move.source in after.served_roles)
    return has_served or transition.ended_at - hold.since >= MAX_HOLD_SECONDS


def reports_blocking_rule(transition: StateTransition) -> bool:
    after = transition.after
    if after is None or not transition.event.name.startswith("round") or after.move or transition.before is None:
        return True
    sick = after.streaks[after.active_suspicion.role].verdict is Verdict.SICK
    is_move_due = sick and after.active_suspicion.is_threshold_reached(transition.settings)
    had_move = transition.before.move is not None or transition.started_move is not None
    return had_move or not is_move_due or bool(after.blocked_by)


def respects_startup_grace_period(transition: StateTransition) -> bool:
    if not _get_automatic_move(transition):
        return True
    observed_seconds = transition.started_at - _require_state_before(transition).created_at
    return observed_seconds >= compute_startup_grace_seconds(transition.settings)


def requires_saved_state(transition: StateTransition) -> bool:
    return transition.before is not None or not (transition.has_moved_users or transition.started_move)


def creates_records_only_without_state(transition: StateTransition) -> bool:
    created = transition.traffic_after and not transition.traffic_before and not transition.event.edits_records
    return not created or transition.before is None


def preserves_external_changes(transition: StateTransition) -> bool:
    if not transition.has_moved_users:
        return True
    before = _require_state_before(transition)
    own = [_to_pair(before.weights)]
    if before.move and before.move.progress:
        intent = before.move.progress.intent
        own += [_to_pair(intent.weights), extract_weights(intent.before, transition.settings)]
    if before.pending_weight_sync and before.pending_weight_sync.intent:
        own += [_to_pair(before.pending_weight_sync.intent.weights)]
    return transition.traffic_before in own


def requires_decided_move(transition: StateTransition) -> bool:
    if not transition.has_moved_users or transition.started_move is not None:
        return True
    return _require_state_before(transition).move is not None


def keeps_hold_until_acknowledged(transition: StateTransition) -> bool:
    if transition.before is None or transition.after is None or not transition.before.hold:
        return True
    return transition.after.hold is not None or transition.event.name == "request: acknowledge"


def knows_routing_after_confirmed_move(transition: StateTransition) -> bool:
    before, after = transition.before, transition.after
    if before is None or after is None or after.last_move == before.last_move:
        return True
    latch = after.latches.get(SteeredName.RECORDS)
    if latch and latch.is_thrown and latch.dns_watch:  # a set latch sends users to the standby with any weights
        return after.active_role is RegionRole.STANDBY
    return transition.traffic_after == _to_pair(after.weights)


INVARIANTS: tuple[Invariant, ...] = (
    requires_serving_target,
    requires_cause_in_submitting_round,
    requires_enough_sick_rounds,
    requires_connected_controller,
    keeps_a_target_for_the_domain,
    respects_cool_down,
    respects_daily_move_limit,
    respects_pause_observe_only_and_hold,
    reports_blocking_rule,
    respects_startup_grace_period,
    requires_saved_state,
    creates_records_only_without_state,
    preserves_external_changes,
    requires_decided_move,
    keeps_hold_until_acknowledged,
    knows_routing_after_confirmed_move,
)


def _get_automatic_move(transition: StateTransition) -> Move | None:
    return transition.started_move if transition.started_move and transition.started_move.is_automatic else None


def _require_state_before(transition: StateTransition) -> ControllerState:
    if transition.before is None:
        raise ValueError(f"no state was saved before the event: {transition.event.name}")
    return transition.before


def _get_verdict(transition: StateTransition, role: RegionRole) -> Verdict | None:
    return transition.after.streaks[role].verdict if transition.after else None


def _to_pair(weights: Weights) -> tuple[int, ...]:
    return weights.primary, weights.standby
