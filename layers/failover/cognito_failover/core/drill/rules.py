"""The rules that must hold before a drill starts. Pure."""

from collections.abc import Iterator, Mapping
from enum import StrEnum

from cognito_failover.common.region import RegionRole
from cognito_failover.common.text import format_duration, format_iso_utc
from cognito_failover.common.time_window import TimeWindow
from cognito_failover.core.failure_detector import MAX_GAP_INTERVALS
from cognito_failover.core.preflight_result import is_fresh
from cognito_failover.core.reconciliation.external_changes import describe_routing
from cognito_failover.core.rules import (
    MoveProposal,
    RuleCheck,
    Violation,
    find_automatic_move_violations,
    find_violations,
)
from cognito_failover.core.user_location import are_all_users_on, describe_differences, has_lever_left


class DrillRule(StrEnum):
    """The names of the rules for a drill only. The rules of an automatic move hold for a drill, too."""

    ONE_DRILL_AT_A_TIME = "one-drill-at-a-time"
    CONTROLLER_RUNNING = "controller-running"
    USERS_ON_PRIMARY = "users-on-primary"
    BOTH_SERVE = "both-regions-healthy"
    PREFLIGHT_CLEAN = "preflight-clean"
    DRILL_WINDOW = "drill-window"


def _check_one_drill_at_a_time(proposal: MoveProposal) -> str | None:
    drill = proposal.state.drill
    return None if drill is None else f"The drill {drill.id} is active; wait for its end, or abort it."


def _check_controller_running(proposal: MoveProposal) -> str | None:
    """Check that the controller makes rounds. Without rounds a drill cannot bring users back."""
    last_round_at = proposal.state.last_round_at or proposal.state.created_at
    silence_seconds = proposal.context.now - last_round_at
    if silence_seconds <= MAX_GAP_INTERVALS * proposal.context.settings.round_interval_seconds:
        return None
    return (
        f"The controller's last round was {format_duration(silence_seconds)} ago. A drill needs a running controller."
    )


def _check_users_on_primary(proposal: MoveProposal) -> str | None:
    state, settings = proposal.state, proposal.context.settings
    is_decided = state.active_role is RegionRole.PRIMARY and not state.pending_weight_sync
    is_by_every_lever = not has_lever_left(state, RegionRole.PRIMARY, settings)
    if is_decided and is_by_every_lever and are_all_users_on(state, RegionRole.PRIMARY, proposal.context):
        return None
    if differences := describe_differences(state, settings):
        return differences
    routing_text = describe_routing(state.weights, settings, state.latches)
    return f"All users must be on {settings.regions.primary} by every lever, and they are not: {routing_text}."


def _check_both_serve(proposal: MoveProposal) -> str | None:
    settings, consensus = proposal.context.settings, proposal.context.consensus
    for role in RegionRole:
        region, region_consensus, streak = settings.regions[role], consensus.roles[role], proposal.state.streaks[role]
        if not consensus.is_serving(role):
            return (
                f"{region} is not known to be healthy and ready ({region_consensus.verdict}): {region_consensus.detail}"
            )
        if streak.serving_rounds < settings.suspect_rounds:
            return (
                f"{region} was {streak.verdict} in {streak.rounds} rounds in a row; it must be healthy for "
                f"{settings.suspect_rounds}."
            )
    if proposal.state.active_suspicion.is_active:
        return f"{settings.regions[proposal.state.active_suspicion.role]} is suspect."
    return None


def _check_preflight_clean(proposal: MoveProposal) -> str | None:
    preflight = proposal.state.preflight
    if preflight is None or not is_fresh(preflight.at, proposal.context.now) or not preflight.failing_checks:
        return None
    return (
        f"The preflight of {format_iso_utc(preflight.at)} has failed: {', '.join(preflight.failing_checks)}. "
        f"Run failoverctl preflight, which says what to do."
    )


def _check_drill_window(proposal: MoveProposal) -> str | None:
    text = proposal.context.settings.drill_window
    if not text:
        return None
    open_seconds = TimeWindow.parse(text).compute_open_seconds(proposal.context.now)
    if not open_seconds:
        return f"Drills are allowed only {text} (parameter DrillWindow)."
    if open_seconds < proposal.hold_seconds:
        return (
            f"Drills are allowed only {text} (parameter DrillWindow), which ends in {format_duration(open_seconds)}; "
            f"users would stay on the standby for {format_duration(proposal.hold_seconds)}."
        )
    return None


DRILL_RULE_CHECKS: Mapping[DrillRule, RuleCheck] = {
    DrillRule.ONE_DRILL_AT_A_TIME: _check_one_drill_at_a_time,
    DrillRule.CONTROLLER_RUNNING: _check_controller_running,
    DrillRule.USERS_ON_PRIMARY: _check_users_on_primary,
    DrillRule.BOTH_SERVE: _check_both_serve,
    DrillRule.PREFLIGHT_CLEAN: _check_preflight_clean,
    DrillRule.DRILL_WINDOW: _check_drill_window,
}
"""The checks of the rules for a drill only."""


def find_drill_violations(proposal: MoveProposal) -> Iterator[Violation]:
    """Yield each rule that does not hold: the rules for a drill, then the rules for an automatic move."""
    yield from find_violations(DRILL_RULE_CHECKS, proposal)
    yield from find_automatic_move_violations(proposal)


def explain_unknown_preflight(proposal: MoveProposal) -> str:
    """Return a note that no fresh preflight is known; empty if there is one. It does not refuse the drill."""
    preflight = proposal.state.preflight
    if preflight is None:
        return "Note: no preflight result is known yet. The controller reads new results within a minute."
    if not is_fresh(preflight.at, proposal.context.now):
        age_text = format_duration(proposal.context.now - preflight.at)
        return f"Note: the last preflight was {age_text} ago, which is too old to count."
    return ""
