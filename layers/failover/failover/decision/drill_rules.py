"""The rules that keep a drill from beginning. Each answers why not, as a sentence, or None. Pure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from failover.decision.adoption import describe
from failover.decision.drill import Drill
from failover.decision.knowledge import GOOD, Knowledge
from failover.decision.preflight import is_fresh
from failover.decision.rules import Question, obstacles_to_an_automatic_move
from failover.decision.state import State
from failover.decision.suspicion import MAX_GAP_INTERVALS
from failover.region import Instant, Side, all_to
from failover.settings import Settings
from failover.timetext import clock_time, span
from failover.timewindow import TimeWindow


class DrillRule(StrEnum):
    """The rules by name, beside those of an automatic move, all of which hold for a drill, too."""

    ONE_DRILL_AT_A_TIME = "one-drill-at-a-time"
    ROUNDS_RUN = "rounds-run"
    USERS_AT_HOME = "users-at-home"
    BOTH_SERVE = "both-serve"
    PREFLIGHT_CLEAN = "preflight-clean"
    DRILL_WINDOW = "drill-window"


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillQuestion:
    """What is asked of every rule: may this drill begin, now."""

    drill: Drill
    state: State
    knowledge: Knowledge
    settings: Settings
    now: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillObstacle:
    """A rule that says no, by name, and why."""

    rule: str
    sentence: str


def _one_drill_at_a_time(question: DrillQuestion) -> str | None:
    drill = question.state.drill
    return None if drill is None else f"The drill {drill.id} is on; wait for its end, or abort it."


def _rounds_run(question: DrillQuestion) -> str | None:
    """See that the controller makes rounds: they carry a drill, and without them nobody would bring users home."""
    last_round_at = question.state.last_round_at or question.state.born_at
    silence_seconds = question.now - last_round_at
    if silence_seconds <= MAX_GAP_INTERVALS * question.settings.round_interval_seconds:
        return None
    return f"The controller's last round was {span(silence_seconds)} ago, and its rounds carry a drill."


def _users_at_home(question: DrillQuestion) -> str | None:
    state, settings = question.state, question.settings
    thrown = any(latch.thrown and latch.sight for latch in state.latches.values())
    at_home = state.active is Side.PRIMARY and state.weights == all_to(Side.PRIMARY) and not thrown
    if at_home and not state.trailing:
        return None
    found = describe(state.weights, settings, state.latches)
    return f"All users must be on {settings.regions.primary} by every lever, and they are not: {found}."


def _both_serve(question: DrillQuestion) -> str | None:
    needed = question.settings.suspect_rounds
    for side in Side:
        known, streak = question.knowledge.sides[side], question.state.streaks[side]
        region = question.settings.regions[side]
        if not question.knowledge.serves(side):
            return f"{region} is not known to be healthy and ready ({known.verdict}): {known.detail}"
        if streak.verdict not in GOOD or streak.rounds < needed:
            return f"{region} was {streak.verdict} in {streak.rounds} rounds in a row; it must be healthy for {needed}."
    if question.state.suspected.stands:
        return f"{question.settings.regions[question.state.active]} is suspect."
    return None


def _preflight_clean(question: DrillQuestion) -> str | None:
    preflight = question.state.preflight
    if preflight is None or not is_fresh(preflight.at, question.now) or not preflight.failing:
        return None
    return (
        f"The preflight of {clock_time(preflight.at)} has failed: {', '.join(preflight.failing)}. "
        f"Run failoverctl preflight, which says what to do."
    )


def why_preflight_is_unknown(question: DrillQuestion) -> str:
    """Say that no preflight tells whether a failover would work; empty if one does. It is no bar to a drill."""
    preflight = question.state.preflight
    if preflight is None:
        return "Note: no preflight is known yet (rounds learn of one within a minute), nor what it would find."
    if not is_fresh(preflight.at, question.now):
        return f"Note: the last preflight was {span(question.now - preflight.at)} ago, too long to count."
    return ""


def _drill_window(question: DrillQuestion) -> str | None:
    text = question.settings.drill_window
    if not text:
        return None
    open_seconds, hold_seconds = TimeWindow.parse(text).open_for_seconds(question.now), question.drill.hold_seconds
    if not open_seconds:
        return f"Drills are allowed only {text} (parameter DrillWindow)."
    if open_seconds < hold_seconds:
        return (
            f"Drills are allowed only {text} (parameter DrillWindow), which ends in {span(open_seconds)}; users would "
            f"stay on the standby for {span(hold_seconds)}."
        )
    return None


type Check = Callable[[DrillQuestion], str | None]

CHECKS: dict[DrillRule, Check] = {
    DrillRule.ONE_DRILL_AT_A_TIME: _one_drill_at_a_time,
    DrillRule.ROUNDS_RUN: _rounds_run,
    DrillRule.USERS_AT_HOME: _users_at_home,
    DrillRule.BOTH_SERVE: _both_serve,
    DrillRule.PREFLIGHT_CLEAN: _preflight_clean,
    DrillRule.DRILL_WINDOW: _drill_window,
}
"""Rules for a drill only."""


def obstacles_to_a_drill(question: DrillQuestion) -> Iterator[DrillObstacle]:
    """Give every rule that says no: a drill asks for a calm day, and never makes a bad one worse."""
    for rule, check in CHECKS.items():
        if sentence := check(question):
            yield DrillObstacle(rule=rule, sentence=sentence)
    there = Question(
        state=question.state,
        knowledge=question.knowledge,
        settings=question.settings,
        now=question.now,
        target=Side.STANDBY,
    )
    for obstacle in obstacles_to_an_automatic_move(there):
        yield DrillObstacle(rule=obstacle.rule, sentence=obstacle.sentence)
