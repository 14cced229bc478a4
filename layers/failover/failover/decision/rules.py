"""The rules that keep a move from beginning. Each answers why not, as a sentence, or None."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from failover.decision.freshness import lag_of
from failover.decision.knowledge import GOOD, Knowledge
from failover.decision.state import State
from failover.region import Instant, Side
from failover.settings import Settings
from failover.timetext import clock_time, span

DAY_SECONDS = 86_400

PREFLIGHT_FRESH_SECONDS = 2.5 * 3600
"""How old a preflight may be and still count: two of the hourly looks may fail to be made, and the third be late."""


class Rule(StrEnum):
    """The rules by name, as refusals give them and overrides take them."""

    ONE_MOVE_AT_A_TIME = "one-move-at-a-time"
    WORLD_UNDERSTOOD = "world-understood"
    TARGET_SERVES = "target-serves"
    STANDBY_FIT = "standby-fit"
    REPLICA_FRESH = "replica-fresh"
    NOT_CUT_OFF = "not-cut-off"
    RECOVERED = "recovered"
    STARTING_GRACE = "starting-grace"
    ACKNOWLEDGED = "acknowledged"
    COOL_DOWN = "cool-down"
    DAILY_BOUND = "daily-bound"
    LAST_MOVE_KEPT = "last-move-kept"
    WEIGHTS_FOLLOWED = "weights-followed"
    NOT_PAUSED = "not-paused"
    NOT_OBSERVE_ONLY = "not-observe-only"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of every rule: may traffic move to this side, now."""

    state: State
    knowledge: Knowledge
    settings: Settings
    now: Instant
    target: Side

    @property
    def region(self) -> str:
        """The Region that traffic would move to."""
        return self.settings.regions[self.target]


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """A rule that says no, and why."""

    rule: Rule
    sentence: str


def _one_move_at_a_time(question: Question) -> str | None:
    move = question.state.move
    return None if move is None else f"The move {move.id} is under way; wait for its end, or abort it."


def _world_understood(question: Question) -> str | None:
    surveyed = question.state.surveyed
    what = "records have" if question.settings.moves_records else "latch has"
    return surveyed.problem or None if surveyed else f"The {what} not been read yet."


def _target_serves(question: Question) -> str | None:
    known = question.knowledge.sides[question.target]
    if question.knowledge.serves(question.target):
        return None
    return f"{question.region} is not known to be healthy and ready ({known.verdict}): {known.detail}"


def _standby_fit(question: Question) -> str | None:
    """Keep users where they are if the last preflight, still fresh, found that the standby would do them harm.

    Only for what no probe sees: such as tokens that no app accepts. What could not be checked bars nothing.
    """
    preflight = question.state.preflight
    if question.target is not Side.STANDBY or preflight is None or not preflight.bars:
        return None
    if question.now - preflight.at > PREFLIGHT_FRESH_SECONDS:
        return None
    return (
        f"Moving to {question.region} would be worse than waiting, by the preflight of {clock_time(preflight.at)}: "
        f"{' '.join(preflight.bars)}"
    )


def _replica_fresh(question: Question) -> str | None:
    """Keep users from a replica that lacks too much, where a limit is set. What was never measured bars nothing."""
    limit_seconds = question.settings.max_replication_lag_seconds
    if not limit_seconds or question.target is not Side.STANDBY:
        return None
    lag = lag_of(question.state.freshness)
    if lag is None or lag.seconds <= limit_seconds:
        return None
    return f"{lag.sentence} The limit that was set is {span(limit_seconds)} (MaxReplicationLagSeconds)."


def _not_cut_off(question: Question) -> str | None:
    if not question.knowledge.cut_off:
        return None
    return "No third Region answers: the controller itself may be cut off from the world."


def _recovered(question: Question) -> str | None:
    """Believe in the primary's recovery only after longer than it takes to suspect an outage."""
    if question.target is not Side.PRIMARY:
        return None
    streak, settings = question.state.streaks[question.target], question.settings
    healthy_rounds = streak.rounds if streak.verdict in GOOD else 0
    healthy_seconds = question.now - streak.since if healthy_rounds else 0.0
    # Rounds may follow each other sooner than usual; a recovery must have lasted as long as usual ones take.
    needed_seconds = (settings.recovery_rounds - 1) * settings.round_interval_seconds
    if healthy_rounds >= settings.recovery_rounds and healthy_seconds >= needed_seconds:
        return None
    return (
        f"{question.region} has been healthy for {healthy_rounds} rounds in a row ({span(healthy_seconds)}); "
        f"its recovery is believed after {settings.recovery_rounds} ({span(needed_seconds)})."
    )


def starting_grace_seconds(settings: Settings) -> float:
    """Return how long a controller that remembers nothing watches before it judges."""
    return 2.0 * settings.suspect_rounds * settings.round_interval_seconds


def _starting_grace(question: Question) -> str | None:
    remaining_seconds = question.state.born_at + starting_grace_seconds(question.settings) - question.now
    if remaining_seconds <= 0:
        return None
    return f"The controller has just started; it judges in {span(remaining_seconds)}."


def _acknowledged(question: Question) -> str | None:
    hold = question.state.hold
    if hold is None:
        return None
    return f"Automation waits for an acknowledgement since {clock_time(hold.since)}: {hold.reason}"


def _cool_down(question: Question) -> str | None:
    remaining_seconds = question.state.cool_down_until - question.now
    if remaining_seconds <= 0:
        return None
    return (
        f"The cool-down after the last automatic move lasts {span(remaining_seconds)} more, "
        f"until {clock_time(question.state.cool_down_until)}; an acknowledgement ends it."
    )


def _daily_bound(question: Question) -> str | None:
    within_a_day = [at for at in question.state.automatic_moves if question.now - at < DAY_SECONDS]
    bound = question.settings.max_automatic_moves_per_day
    if len(within_a_day) < bound:
        return None
    return (
        f"{len(within_a_day)} automatic moves were made within a day, and {bound} is the bound; "
        f"from here a person decides: move by hand, or acknowledge to allow more."
    )


def _last_move_kept(question: Question) -> str | None:
    """Keep one automatic move of the day for another failover: a failback can wait."""
    within_a_day = [at for at in question.state.automatic_moves if question.now - at < DAY_SECONDS]
    left = question.settings.max_automatic_moves_per_day - len(within_a_day)
    if left > 1 or not within_a_day:
        return None
    return (
        f"{len(within_a_day)} automatic moves were made within a day, and the last of them that is allowed is kept for "
        f"a failover; users are brought back from {clock_time(min(within_a_day) + DAY_SECONDS)} on, or by hand."
    )


def _weights_followed(question: Question) -> str | None:
    if question.state.trailing is None:
        return None
    return "The weights of the records still have to follow the last move."


def _not_paused(question: Question) -> str | None:
    pause = question.state.pause
    if pause is None or pause.until <= question.now:
        return None
    return f"{pause.requested_by} paused automation until {clock_time(pause.until)}: {pause.reason}"


def _not_observe_only(question: Question) -> str | None:
    if question.settings.observe_only:
        return "The stack is deployed observe-only (parameter ObserveOnly)."
    if question.state.observe_only:
        return "The controller was set to observe only; the operator action resume ends that."
    return None


type Check = Callable[[Question], str | None]

SAFETY: dict[Rule, Check] = {
    Rule.ONE_MOVE_AT_A_TIME: _one_move_at_a_time,
    Rule.WORLD_UNDERSTOOD: _world_understood,
    Rule.TARGET_SERVES: _target_serves,
    Rule.STANDBY_FIT: _standby_fit,
    Rule.REPLICA_FRESH: _replica_fresh,
}
"""Rules for every move, by hand too."""

AUTOMATION: dict[Rule, Check] = {
    Rule.NOT_CUT_OFF: _not_cut_off,
    Rule.RECOVERED: _recovered,
    Rule.STARTING_GRACE: _starting_grace,
    Rule.ACKNOWLEDGED: _acknowledged,
    Rule.COOL_DOWN: _cool_down,
    Rule.DAILY_BOUND: _daily_bound,
    Rule.NOT_PAUSED: _not_paused,
    Rule.NOT_OBSERVE_ONLY: _not_observe_only,
}
"""Further rules for a move that nobody asked for."""

RETURNING: dict[Rule, Check] = {
    Rule.LAST_MOVE_KEPT: _last_move_kept,
    Rule.WEIGHTS_FOLLOWED: _weights_followed,
}
"""Rules for a failback that nobody asked for, beyond all others."""

ABSTAINING = frozenset({Rule.NOT_PAUSED, Rule.NOT_OBSERVE_ONLY})
"""Rules by which a person told the controller to watch only; it then reports what it would have done."""

OVERRIDABLE = frozenset({Rule.TARGET_SERVES, Rule.STANDBY_FIT, Rule.REPLICA_FRESH})
"""Safety rules that a person can override by name: the others would make the move impossible, not unwise."""


def obstacles_to_a_manual_move(question: Question) -> Iterator[Obstacle]:
    """Give every safety rule that says no."""
    return _obstacles(SAFETY, question)


def obstacles_to_an_automatic_move(question: Question) -> Iterator[Obstacle]:
    """Give every rule that says no."""
    return _obstacles(SAFETY | AUTOMATION, question)


def obstacles_to_an_automatic_failback(question: Question) -> Iterator[Obstacle]:
    """Give every rule that says no to bringing users back to a primary that has recovered."""
    return _obstacles(SAFETY | AUTOMATION | RETURNING, question)


def _obstacles(checks: dict[Rule, Check], question: Question) -> Iterator[Obstacle]:
    for rule, check in checks.items():
        if sentence := check(question):
            yield Obstacle(rule=rule, sentence=sentence)
