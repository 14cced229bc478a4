"""The rules that keep a drill from beginning. Each answers why not, as a sentence, or None. Pure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from cognito_failover.common.region import Instant, RegionRole, route_all_to
from cognito_failover.common.text import format_duration, format_iso_utc
from cognito_failover.common.time_window import TimeWindow
from cognito_failover.core.consensus import Consensus
from cognito_failover.core.failure_detector import MAX_GAP_INTERVALS
from cognito_failover.core.model.drill import Drill
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.preflight_result import is_fresh
from cognito_failover.core.reconciliation.external_changes import describe_routing
from cognito_failover.core.rules import MoveProposal, find_automatic_move_violations
from cognito_failover.core.verdict import SERVING_VERDICTS
from cognito_failover.settings.controller import Settings


class DrillRule(StrEnum):
    """The rules by name, beside those of an automatic move, all of which hold for a drill, too."""

    ONE_DRILL_AT_A_TIME = "one-drill-at-a-time"
    CONTROLLER_RUNNING = "controller-running"
    USERS_ON_PRIMARY = "users-on-primary"
    BOTH_SERVE = "both-regions-healthy"
    PREFLIGHT_CLEAN = "preflight-clean"
    DRILL_WINDOW = "drill-window"


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillProposal:
    """What is asked of every rule: may this drill begin, now."""

    drill: Drill
    state: ControllerState
    consensus: Consensus
    settings: Settings
    now: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillViolation:
    """A rule that says no, by name, and why."""

    rule: str
    message: str


def _check_one_drill_at_a_time(proposal: DrillProposal) -> str | None:
    drill = proposal.state.drill
    return None if drill is None else f"The drill {drill.id} is on; wait for its end, or abort it."


def _check_controller_running(proposal: DrillProposal) -> str | None:
    """See that the controller makes rounds: they carry a drill, and without them nobody would bring users home."""
    last_round_at = proposal.state.last_round_at or proposal.state.created_at
    silence_seconds = proposal.now - last_round_at
    if silence_seconds <= MAX_GAP_INTERVALS * proposal.settings.round_interval_seconds:
        return None
    return f"The controller's last round was {format_duration(silence_seconds)} ago, and its rounds carry a drill."


def _check_users_on_primary(proposal: DrillProposal) -> str | None:
    state, settings = proposal.state, proposal.settings
    is_any_latch_thrown = any(latch.is_thrown and latch.dns_watch for latch in state.latches.values())
    is_on_primary = (
        state.active_role is RegionRole.PRIMARY
        and state.weights == route_all_to(RegionRole.PRIMARY)
        and not is_any_latch_thrown
    )
    if is_on_primary and not state.pending_weight_sync:
        return None
    routing_text = describe_routing(state.weights, settings, state.latches)
    return f"All users must be on {settings.regions.primary} by every lever, and they are not: {routing_text}."


def _check_both_serve(proposal: DrillProposal) -> str | None:
    required_rounds = proposal.settings.suspect_rounds
    for side in RegionRole:
        region_consensus, streak = proposal.consensus.roles[side], proposal.state.streaks[side]
        region = proposal.settings.regions[side]
        if not proposal.consensus.is_serving(side):
            return (
                f"{region} is not known to be healthy and ready ({region_consensus.verdict}): {region_consensus.detail}"
            )
        if streak.verdict not in SERVING_VERDICTS or streak.rounds < required_rounds:
            return f"{region} was {streak.verdict} in {streak.rounds} rounds in a row; it must be healthy for {required_rounds}."
    if proposal.state.active_suspicion.is_active:
        return f"{proposal.settings.regions[proposal.state.active_role]} is suspect."
    return None


def _check_preflight_clean(proposal: DrillProposal) -> str | None:
    preflight = proposal.state.preflight
    if preflight is None or not is_fresh(preflight.at, proposal.now) or not preflight.failing_checks:
        return None
    return (
        f"The preflight of {format_iso_utc(preflight.at)} has failed: {', '.join(preflight.failing_checks)}. "
        f"Run failoverctl preflight, which says what to do."
    )


def explain_unknown_preflight(proposal: DrillProposal) -> str:
    """Say that no preflight tells whether a failover would work; empty if one does. It is no bar to a drill."""
    preflight = proposal.state.preflight
    if preflight is None:
        return "Note: no preflight is known yet (rounds learn of one within a minute), nor what it would find."
    if not is_fresh(preflight.at, proposal.now):
        return f"Note: the last preflight was {format_duration(proposal.now - preflight.at)} ago, too long to count."
    return ""


def _check_drill_window(proposal: DrillProposal) -> str | None:
    text = proposal.settings.drill_window
    if not text:
        return None
    open_seconds, hold_seconds = TimeWindow.parse(text).compute_open_seconds(proposal.now), proposal.drill.hold_seconds
    if not open_seconds:
        return f"Drills are allowed only {text} (parameter DrillWindow)."
    if open_seconds < hold_seconds:
        return (
            f"Drills are allowed only {text} (parameter DrillWindow), which ends in {format_duration(open_seconds)}; users would "
            f"stay on the standby for {format_duration(hold_seconds)}."
        )
    return None


type DrillRuleCheck = Callable[[DrillProposal], str | None]

DRILL_RULE_CHECKS: dict[DrillRule, DrillRuleCheck] = {
    DrillRule.ONE_DRILL_AT_A_TIME: _check_one_drill_at_a_time,
    DrillRule.CONTROLLER_RUNNING: _check_controller_running,
    DrillRule.USERS_ON_PRIMARY: _check_users_on_primary,
    DrillRule.BOTH_SERVE: _check_both_serve,
    DrillRule.PREFLIGHT_CLEAN: _check_preflight_clean,
    DrillRule.DRILL_WINDOW: _check_drill_window,
}
"""Rules for a drill only."""


def find_drill_violations(proposal: DrillProposal) -> Iterator[DrillViolation]:
    """Give every rule that says no: a drill asks for a calm day, and never makes a bad one worse."""
    for rule, check in DRILL_RULE_CHECKS.items():
        if sentence := check(proposal):
            yield DrillViolation(rule=rule, message=sentence)
    move_proposal = MoveProposal(
        state=proposal.state,
        consensus=proposal.consensus,
        settings=proposal.settings,
        now=proposal.now,
        target=RegionRole.STANDBY,
    )
    for obstacle in find_automatic_move_violations(move_proposal):
        yield DrillViolation(rule=obstacle.rule, message=obstacle.message)
