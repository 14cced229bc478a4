"""The rules that keep a move from beginning. Each answers why not, as a sentence, or None."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from cognito_failover.common.region import Instant, RegionRole
from cognito_failover.common.text import format_duration, format_iso_utc
from cognito_failover.core.consensus import Consensus
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.replication_lag import get_current_lag
from cognito_failover.core.verdict import SERVING_VERDICTS
from cognito_failover.settings.controller import Settings

DAY_SECONDS = 86_400

PREFLIGHT_MAX_AGE_SECONDS = 2.5 * 3600
"""How old a preflight may be and still count: two of the hourly looks may fail to be made, and the third be late."""


class Rule(StrEnum):
    """The rules by name, as refusals give them and overrides take them."""

    ONE_MOVE_AT_A_TIME = "one-move-at-a-time"
    ROUTING_READABLE = "routing-readable"
    TARGET_HEALTHY = "target-healthy"
    PREFLIGHT_PASSED = "preflight-passed"
    LAG_WITHIN_LIMIT = "lag-within-limit"
    CONTROLLER_CONNECTED = "controller-connected"
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
    """What is asked of every rule: may traffic move to this side, now."""

    state: ControllerState
    consensus: Consensus
    settings: Settings
    now: Instant
    target: RegionRole

    @property
    def target_region(self) -> str:
        """The Region that traffic would move to."""
        return self.settings.regions[self.target]


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A rule that says no, and why."""

    rule: Rule
    message: str


def _check_one_move_at_a_time(proposal: MoveProposal) -> str | None:
    move = proposal.state.move
    return None if move is None else f"The move {move.id} is under way; wait for its end, or abort it."


def _check_routing_readable(proposal: MoveProposal) -> str | None:
    records = proposal.state.records
    subject = "records have" if proposal.settings.has_managed_records else "latch has"
    return records.problem or None if records else f"The {subject} not been read yet."


def _check_target_healthy(proposal: MoveProposal) -> str | None:
    region_consensus = proposal.consensus.roles[proposal.target]
    if proposal.consensus.is_serving(proposal.target):
        return None
    return f"{proposal.target_region} is not known to be healthy and ready ({region_consensus.verdict}): {region_consensus.detail}"


def _check_preflight_passed(proposal: MoveProposal) -> str | None:
    """Keep users where they are if the last preflight, still fresh, found that the standby would do them harm.

    Only for what no probe sees: such as tokens that no app accepts. What could not be checked bars nothing.
    """
    preflight = proposal.state.preflight
    if proposal.target is not RegionRole.STANDBY or preflight is None or not preflight.failover_blockers:
        return None
    if proposal.now - preflight.at > PREFLIGHT_MAX_AGE_SECONDS:
        return None
    return (
        f"Moving to {proposal.target_region} would be worse than waiting, by the preflight of {format_iso_utc(preflight.at)}: "
        f"{' '.join(preflight.failover_blockers)}"
    )


def _check_replication_lag(proposal: MoveProposal) -> str | None:
    """Keep users from a replica that lacks too much, where a limit is set. What was never measured bars nothing."""
    limit_seconds = proposal.settings.max_replication_lag_seconds
    if not limit_seconds or proposal.target is not RegionRole.STANDBY:
        return None
    lag = get_current_lag(proposal.state.lag_state)
    if lag is None or lag.seconds <= limit_seconds:
        return None
    return f"{lag.message} The limit that was set is {format_duration(limit_seconds)} (MaxReplicationLagSeconds)."


def _check_controller_connected(proposal: MoveProposal) -> str | None:
    if not proposal.consensus.is_isolated:
        return None
    return "No third Region answers: the controller itself may be cut off from the world."


def _check_primary_stable(proposal: MoveProposal) -> str | None:
    """Believe in the primary's recovery only after longer than it takes to suspect an outage."""
    if proposal.target is not RegionRole.PRIMARY:
        return None
    streak, settings = proposal.state.streaks[proposal.target], proposal.settings
    healthy_rounds = streak.rounds if streak.verdict in SERVING_VERDICTS else 0
    healthy_seconds = proposal.now - streak.since if healthy_rounds else 0.0
    # Rounds may follow each other sooner than usual; a recovery must have lasted as long as usual ones take.
    required_seconds = (settings.recovery_rounds - 1) * settings.round_interval_seconds
    if healthy_rounds >= settings.recovery_rounds and healthy_seconds >= required_seconds:
        return None
    return (
        f"{proposal.target_region} has been healthy for {healthy_rounds} rounds in a row ({format_duration(healthy_seconds)}); "
        f"its recovery is believed after {settings.recovery_rounds} ({format_duration(required_seconds)})."
    )


def compute_startup_grace_seconds(settings: Settings) -> float:
    """Return how long a controller that remembers nothing watches before it judges."""
    return 2.0 * settings.suspect_rounds * settings.round_interval_seconds


def _check_startup_grace_period(proposal: MoveProposal) -> str | None:
    remaining_seconds = proposal.state.created_at + compute_startup_grace_seconds(proposal.settings) - proposal.now
    if remaining_seconds <= 0:
        return None
    return f"The controller has just started; it judges in {format_duration(remaining_seconds)}."


def _check_no_hold(proposal: MoveProposal) -> str | None:
    hold = proposal.state.hold
    if hold is None:
        return None
    return f"Automation waits for an acknowledgement since {format_iso_utc(hold.since)}: {hold.reason}"


def _check_cool_down(proposal: MoveProposal) -> str | None:
    remaining_seconds = proposal.state.cool_down_until - proposal.now
    if remaining_seconds <= 0:
        return None
    return (
        f"The cool-down after the last automatic move lasts {format_duration(remaining_seconds)} more, "
        f"until {format_iso_utc(proposal.state.cool_down_until)}; an acknowledgement ends it."
    )


def _check_daily_move_limit(proposal: MoveProposal) -> str | None:
    recent_moves = [at for at in proposal.state.automatic_move_times if proposal.now - at < DAY_SECONDS]
    limit = proposal.settings.max_automatic_moves_per_day
    if len(recent_moves) < limit:
        return None
    return (
        f"{len(recent_moves)} automatic moves were made within a day, and {limit} is the bound; "
        f"from here a person decides: move by hand, or acknowledge to allow more."
    )


def _check_failover_reserve(proposal: MoveProposal) -> str | None:
    """Keep one automatic move of the day for another failover: a failback can wait."""
    recent_moves = [at for at in proposal.state.automatic_move_times if proposal.now - at < DAY_SECONDS]
    remaining = proposal.settings.max_automatic_moves_per_day - len(recent_moves)
    if remaining > 1 or not recent_moves:
        return None
    return (
        f"{len(recent_moves)} automatic moves were made within a day, and the last of them that is allowed is kept for "
        f"a failover; users are brought back from {format_iso_utc(min(recent_moves) + DAY_SECONDS)} on, or by hand."
    )


def _check_weights_synced(proposal: MoveProposal) -> str | None:
    if proposal.state.pending_weight_sync is None:
        return None
    return "The weights of the records still have to follow the last move."


def _check_not_paused(proposal: MoveProposal) -> str | None:
    pause = proposal.state.pause
    if pause is None or pause.until <= proposal.now:
        return None
    return f"{pause.requested_by} paused automation until {format_iso_utc(pause.until)}: {pause.reason}"


def _check_not_observe_only(proposal: MoveProposal) -> str | None:
    if proposal.settings.observe_only:
        return "The stack is deployed observe-only (parameter ObserveOnly)."
    if proposal.state.is_observe_only:
        return "The controller was set to observe only; the operator action resume ends that."
    return None


type RuleCheck = Callable[[MoveProposal], str | None]

SAFETY_RULES: dict[Rule, RuleCheck] = {
    Rule.ONE_MOVE_AT_A_TIME: _check_one_move_at_a_time,
    Rule.ROUTING_READABLE: _check_routing_readable,
    Rule.TARGET_HEALTHY: _check_target_healthy,
    Rule.PREFLIGHT_PASSED: _check_preflight_passed,
    Rule.LAG_WITHIN_LIMIT: _check_replication_lag,
}
"""Rules for every move, by hand too."""

AUTOMATION_RULES: dict[Rule, RuleCheck] = {
    Rule.CONTROLLER_CONNECTED: _check_controller_connected,
    Rule.PRIMARY_STABLE: _check_primary_stable,
    Rule.STARTUP_GRACE_PERIOD: _check_startup_grace_period,
    Rule.NO_HOLD: _check_no_hold,
    Rule.COOL_DOWN: _check_cool_down,
    Rule.DAILY_MOVE_LIMIT: _check_daily_move_limit,
    Rule.NOT_PAUSED: _check_not_paused,
    Rule.NOT_OBSERVE_ONLY: _check_not_observe_only,
}
"""Further rules for a move that nobody asked for."""

AUTO_FAILBACK_RULES: dict[Rule, RuleCheck] = {
    Rule.FAILOVER_RESERVE: _check_failover_reserve,
    Rule.WEIGHTS_SYNCED: _check_weights_synced,
}
"""Rules for a failback that nobody asked for, beyond all others."""

OBSERVE_ONLY_RULES = frozenset({Rule.NOT_PAUSED, Rule.NOT_OBSERVE_ONLY})
"""Rules by which a person told the controller to watch only; it then reports what it would have done."""

OVERRIDABLE_RULES = frozenset({Rule.TARGET_HEALTHY, Rule.PREFLIGHT_PASSED, Rule.LAG_WITHIN_LIMIT})
"""Safety rules that a person can override by name: the others would make the move impossible, not unwise."""


def find_manual_move_violations(proposal: MoveProposal) -> Iterator[Violation]:
    """Give every safety rule that says no."""
    return _find_violations(SAFETY_RULES, proposal)


def find_automatic_move_violations(proposal: MoveProposal) -> Iterator[Violation]:
    """Give every rule that says no."""
    return _find_violations(SAFETY_RULES | AUTOMATION_RULES, proposal)


def find_automatic_failback_violations(proposal: MoveProposal) -> Iterator[Violation]:
    """Give every rule that says no to bringing users back to a primary that has recovered."""
    return _find_violations(SAFETY_RULES | AUTOMATION_RULES | AUTO_FAILBACK_RULES, proposal)


def _find_violations(checks: dict[Rule, RuleCheck], proposal: MoveProposal) -> Iterator[Violation]:
    for rule, check in checks.items():
        if sentence := check(proposal):
            yield Violation(rule=rule, message=sentence)
