"""The rules that must hold before a move starts. Pure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from cognito_failover.common.region import Instant, RegionRole
from cognito_failover.common.text import format_duration, format_iso_utc
from cognito_failover.core.failure_detector import is_sick
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.moments import is_waiting
from cognito_failover.core.replication_lag import get_current_lag
from cognito_failover.core.round_context import RoundContext
from cognito_failover.core.user_location import has_lever_left
from cognito_failover.settings.controller import Settings

DAY_SECONDS = 86_400

MAX_HOLD_SECONDS = 900.0
"""Maximum time for which a hold keeps users in a Region that was sick when it started. A person has moved them there,
and has that time to go on or to pause automation."""

PREFLIGHT_MAX_AGE_SECONDS = 2.5 * 3600
"""Maximum age of a preflight that counts. Two of the hourly runs may fail, and the third may be late."""


class Rule(StrEnum):
    """The names of the rules, in refusals and in overrides."""

    ONE_MOVE_AT_A_TIME = "one-move-at-a-time"
    ROUTING_READABLE = "routing-readable"
    TARGET_HEALTHY = "target-healthy"
    PREFLIGHT_PASSED = "preflight-passed"
    LAG_WITHIN_LIMIT = "lag-within-limit"
    CONTROLLER_CONNECTED = "controller-connected"
    LEVER_AVAILABLE = "lever-available"
    PRIMARY_STABLE = "primary-stable"
    STARTUP_GRACE_PERIOD = "startup-grace-period"
    NO_HOLD = "no-hold"
    COOL_DOWN = "cool-down"
    DAILY_MOVE_LIMIT = "daily-move-limit"
    FAILOVER_RESERVE = "failover-reserve"
    WEIGHTS_SYNCED = "weights-synced"
    NOT_PAUSED = "not-paused"
    NOT_OBSERVE_ONLY = "not-observe-only"


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveProposal:
    """A move or a drill that the rules check.

    Attributes
    ----------
    state
        The saved state.
    context
        The settings, the consensus, and the time.
    target
        The Region that users would move to.
    hold_seconds
        How long a drill would leave users on the target; 0 for a move.

    """

    state: ControllerState
    context: RoundContext
    target: RegionRole
    hold_seconds: float = 0.0

    @property
    def target_region(self) -> str:
        """The name of the target."""
        return self.context.settings.regions[self.target]


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A rule that does not hold, and why. The rule is a `Rule`, or a `DrillRule` for a drill."""

    rule: str
    message: str


type RuleCheck = Callable[[MoveProposal], str | None]
"""Returns why the rule does not hold, as a sentence; None if it holds."""


def _check_one_move_at_a_time(proposal: MoveProposal) -> str | None:
    move = proposal.state.move
    return None if move is None else f"The move {move.id} is under way; wait for its end, or abort it."


def _check_routing_readable(proposal: MoveProposal) -> str | None:
    records = proposal.state.records
    subject = "records have" if proposal.context.settings.has_managed_records else "latch has"
    return records.problem or None if records else f"The {subject} not been read yet."


def _check_target_healthy(proposal: MoveProposal) -> str | None:
    region_consensus = proposal.context.consensus.roles[proposal.target]
    if proposal.context.consensus.is_serving(proposal.target):
        return None
    return (
        f"{proposal.target_region} is not known to be healthy and ready ({region_consensus.verdict}): "
        f"{region_consensus.detail}"
    )


def _check_preflight_passed(proposal: MoveProposal) -> str | None:
    """Check that the last fresh preflight found nothing that makes the standby worse than an outage.

    This is about problems that no probe sees, such as tokens that no app accepts. A check with an unknown result does
    not violate the rule.
    """
    preflight = proposal.state.preflight
    if proposal.target is not RegionRole.STANDBY or preflight is None or not preflight.failover_blockers:
        return None
    if proposal.context.now - preflight.at > PREFLIGHT_MAX_AGE_SECONDS:
        return None
    return (
        f"Moving to {proposal.target_region} would be worse than waiting, according to the preflight of "
        f"{format_iso_utc(preflight.at)}: {' '.join(preflight.failover_blockers)}"
    )


def _check_replication_lag(proposal: MoveProposal) -> str | None:
    """Check the replication lag against the limit, if one is set. An unknown lag does not violate the rule."""
    limit_seconds = proposal.context.settings.max_replication_lag_seconds
    if not limit_seconds or proposal.target is not RegionRole.STANDBY:
        return None
    lag = get_current_lag(proposal.state.lag_state)
    if lag is None or lag.seconds <= limit_seconds:
        return None
    return f"{lag.message} The limit is {format_duration(limit_seconds)} (MaxReplicationLagSeconds)."


def _check_controller_connected(proposal: MoveProposal) -> str | None:
    if not proposal.context.consensus.is_isolated:
        return None
    return "No third Region answers: the controller may be isolated."


def _check_lever_available(proposal: MoveProposal) -> str | None:
    state, target = proposal.state, proposal.target
    if state.records is None or target.opposite not in state.user_roles:
        return None
    if has_lever_left(state, target, proposal.context.settings):
        return None
    return (
        f"Every lever sends users to {proposal.target_region} already, and DNS does not follow. Something else steers "
        f"them: a health check of a record, EvaluateTargetHealth, or a delegation."
    )


def _check_primary_stable(proposal: MoveProposal) -> str | None:
    """Check that the primary has been healthy for longer than it takes to suspect an outage."""
    if proposal.target is not RegionRole.PRIMARY:
        return None
    streak, settings = proposal.state.streaks[proposal.target], proposal.context.settings
    healthy_rounds = streak.serving_rounds
    healthy_seconds = proposal.context.now - streak.serving_since if healthy_rounds else 0.0
    # Rounds can be shorter than usual. The recovery must last as long as rounds of the usual interval.
    required_seconds = (settings.recovery_rounds - 1) * settings.round_interval_seconds
    if healthy_rounds >= settings.recovery_rounds and healthy_seconds >= required_seconds:
        return None
    return (
        f"{proposal.target_region} has been healthy for {healthy_rounds} rounds in a row "
        f"({format_duration(healthy_seconds)}); it counts as recovered after {settings.recovery_rounds} rounds "
        f"({format_duration(required_seconds)})."
    )


def compute_startup_grace_seconds(settings: Settings) -> float:
    """Return the startup grace period of a controller without saved state."""
    return 2.0 * settings.suspect_rounds * settings.round_interval_seconds


def _check_startup_grace_period(proposal: MoveProposal) -> str | None:
    remaining_seconds = (
        proposal.state.created_at + compute_startup_grace_seconds(proposal.context.settings) - proposal.context.now
    )
    if remaining_seconds <= 0:
        return None
    return f"The controller has just started; automatic moves are possible in {format_duration(remaining_seconds)}."


def _check_no_hold(proposal: MoveProposal) -> str | None:
    """Check that no hold forbids the move. A hold never forbids for long to rescue users from a sick Region.

    A person who moved users by hand may know more than the controller, so the hold lasts for some time. It ends for a
    failover as soon as the Region of the users has served since: its sickness is then new.
    """
    hold, now = proposal.state.hold, proposal.context.now
    if hold is None:
        return None
    source = proposal.target.opposite
    is_rescue = is_sick(proposal.context.consensus.roles[source].verdict, proposal.context.settings)
    has_ended = source in hold.served_roles or now - hold.since >= MAX_HOLD_SECONDS
    if is_rescue and has_ended and not hold.bars_rescue:
        return None
    return f"Automation waits for an acknowledgement since {format_iso_utc(hold.since)}: {hold.reason}"


def _check_cool_down(proposal: MoveProposal) -> str | None:
    now, until = proposal.context.now, proposal.state.cool_down_until
    if not is_waiting(until, proposal.context.settings.cool_down_seconds, now):
        return None
    return (
        f"The cool-down after the last automatic move lasts {format_duration(until - now)} more, "
        f"until {format_iso_utc(until)}; an acknowledgement ends it."
    )


def list_recent_moves(state: ControllerState, now: Instant) -> tuple[Instant, ...]:
    """Return when the automatic moves of the last day were decided. Older ones are kept: the clock may be wrong."""
    return tuple(at for at in state.automatic_move_times if now - at < DAY_SECONDS)


def remember_move(state: ControllerState, context: RoundContext) -> tuple[Instant, ...]:
    """Return when automatic moves were decided, one more of them now: as many as the daily limit needs."""
    return (*state.automatic_move_times, context.now)[-context.settings.max_automatic_moves_per_day :]


def _check_daily_move_limit(proposal: MoveProposal) -> str | None:
    recent_moves = list_recent_moves(proposal.state, proposal.context.now)
    limit = proposal.context.settings.max_automatic_moves_per_day
    if len(recent_moves) < limit:
        return None
    return (
        f"{len(recent_moves)} automatic moves were made within a day, and the limit is {limit}. "
        f"Move users manually, or acknowledge to allow more."
    )


def _check_failover_reserve(proposal: MoveProposal) -> str | None:
    """Check that a failback leaves one automatic move of the day for another failover."""
    recent_moves = list_recent_moves(proposal.state, proposal.context.now)
    remaining = proposal.context.settings.max_automatic_moves_per_day - len(recent_moves)
    if remaining > 1 or not recent_moves:
        return None
    return (
        f"{len(recent_moves)} automatic moves were made within a day, and the last allowed one is reserved for "
        f"a failover. Users return after {format_iso_utc(min(recent_moves) + DAY_SECONDS)}, or by a manual failback."
    )


def _check_weights_synced(proposal: MoveProposal) -> str | None:
    if proposal.state.pending_weight_sync is None:
        return None
    return "The weights of the records are not synced with the last move yet."


def _check_not_paused(proposal: MoveProposal) -> str | None:
    pause = proposal.state.pause
    if pause is None or pause.until <= proposal.context.now:
        return None
    return f"{pause.requested_by} paused automation until {format_iso_utc(pause.until)}: {pause.reason}"


def _check_not_observe_only(proposal: MoveProposal) -> str | None:
    if proposal.context.settings.observe_only:
        return "The stack is deployed observe-only (parameter ObserveOnly)."
    if proposal.state.is_observe_only:
        return "The controller was set to observe only; the operator action resume ends that."
    return None


SAFETY_RULES: dict[Rule, RuleCheck] = {
    Rule.ONE_MOVE_AT_A_TIME: _check_one_move_at_a_time,
    Rule.ROUTING_READABLE: _check_routing_readable,
    Rule.TARGET_HEALTHY: _check_target_healthy,
    Rule.PREFLIGHT_PASSED: _check_preflight_passed,
    Rule.LAG_WITHIN_LIMIT: _check_replication_lag,
}
"""Rules for each move, manual or automatic."""

AUTOMATION_RULES: dict[Rule, RuleCheck] = {
    Rule.CONTROLLER_CONNECTED: _check_controller_connected,
    Rule.LEVER_AVAILABLE: _check_lever_available,
    Rule.PRIMARY_STABLE: _check_primary_stable,
    Rule.STARTUP_GRACE_PERIOD: _check_startup_grace_period,
    Rule.NO_HOLD: _check_no_hold,
    Rule.COOL_DOWN: _check_cool_down,
    Rule.DAILY_MOVE_LIMIT: _check_daily_move_limit,
    Rule.NOT_PAUSED: _check_not_paused,
    Rule.NOT_OBSERVE_ONLY: _check_not_observe_only,
}
"""Additional rules for an automatic move."""

AUTO_FAILBACK_RULES: dict[Rule, RuleCheck] = {
    Rule.FAILOVER_RESERVE: _check_failover_reserve,
    Rule.WEIGHTS_SYNCED: _check_weights_synced,
}
"""Additional rules for an automatic failback."""

OBSERVE_ONLY_RULES = frozenset({Rule.NOT_PAUSED, Rule.NOT_OBSERVE_ONLY})
"""Rules that a person violates on purpose, to observe only. The controller then reports what it would have done."""

OVERRIDABLE_RULES = frozenset({Rule.TARGET_HEALTHY, Rule.PREFLIGHT_PASSED, Rule.LAG_WITHIN_LIMIT})
"""Safety rules that a person can override by name. Without the others a move is impossible, not only unwise."""


def find_manual_move_violations(proposal: MoveProposal) -> Iterator[Violation]:
    """Yield each safety rule that does not hold."""
    return find_violations(SAFETY_RULES, proposal)


def find_automatic_move_violations(proposal: MoveProposal) -> Iterator[Violation]:
    """Yield each rule for an automatic move that does not hold."""
    return find_violations(SAFETY_RULES | AUTOMATION_RULES, proposal)


def find_automatic_failback_violations(proposal: MoveProposal) -> Iterator[Violation]:
    """Yield each rule for an automatic failback that does not hold."""
    return find_violations(SAFETY_RULES | AUTOMATION_RULES | AUTO_FAILBACK_RULES, proposal)


def find_violations[R: StrEnum](checks: Mapping[R, RuleCheck], proposal: MoveProposal) -> Iterator[Violation]:
    """Yield each rule that does not hold."""
    for rule, check in checks.items():
        if message := check(proposal):
            yield Violation(rule=rule, message=message)
