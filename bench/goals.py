"""The goals of the default settings, and whether they are met."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.explanations import MISSED_GOAL_REASONS, explain
from bench.policies.all import ORACLE, OURS
from bench.rows import ComparisonRow, compute_rate_upper_bound
from bench.scenarios.all import SCENARIOS_BY_NAME
from bench.scenarios.background_noise import SCENARIOS as WEATHER
from bench.scenarios.outages import LENGTHS_SECONDS, make_hard_outage, make_outage_of_length
from bench.totals import compute_totals, find_far_from_optimum, find_outperformed
from bench.world.region_health import FailureMode

LONG_OUTAGE_SECONDS = 300.0

DECISION_GOAL_SECONDS = {
    FailureMode.REFUSED: 20.0,
    FailureMode.ERRORS: 20.0,
    FailureMode.HANGS_ON_CONNECT: 20.0,
    FailureMode.HANGS_LATER: 25.0,
}
"""Limit of the 95th percentile of the decision time, for each kind of hard outage."""

LOSS_GOAL_FACTOR = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyGoal:
    """One goal of the default settings.

    Attributes
    ----------
    description, measured
        Text, with the figures.
    is_met
        Whether the goal is met.
    missed_reason
        The reason if it is not met, where known.

    """

    description: str
    measured: str
    is_met: bool
    missed_reason: str = ""


def evaluate_goals(rows: Sequence[ComparisonRow]) -> Iterator[PolicyGoal]:
    """Yield the goals that these rows cover."""
    ours = {row.scenario: row for row in rows if row.policy == OURS}
    for failure_mode, seconds in DECISION_GOAL_SECONDS.items():
        row = ours.get(make_hard_outage(failure_mode).name)
        if row and row.decide_p95_seconds is not None:
            yield PolicyGoal(
                description=f"{row.scenario}: decided within {seconds:.0f} s at the 95th percentile",
                measured=f"{row.decide_p95_seconds:.1f} s",
                is_met=row.decide_p95_seconds <= seconds,
                missed_reason=MISSED_GOAL_REASONS.get(row.scenario, ""),
            )
    for seconds in LENGTHS_SECONDS:
        row = ours.get(make_outage_of_length(seconds).name)
        if row and row.times_oracle is not None and seconds > LONG_OUTAGE_SECONDS:
            yield PolicyGoal(
                description=f"{row.scenario}: within {LOSS_GOAL_FACTOR} times the oracle's lost sign-ins",
                measured=f"{row.times_oracle:.2f} times",
                is_met=row.times_oracle <= LOSS_GOAL_FACTOR,
            )
    for weather in (ours[scenario.name] for scenario in WEATHER if scenario.name in ours):
        wrong = round(weather.wrong_moves * weather.seeds)
        bound = compute_rate_upper_bound(wrong, weather.seeds)
        yield PolicyGoal(
            description=f"no wrong move in {weather.seeds} years, each {weather.scenario}",
            measured=f"{wrong}; with 95 % confidence at most {bound:.2f} a year",
            is_met=not wrong,
            missed_reason=MISSED_GOAL_REASONS.get(weather.scenario, ""),
        )
    yield from _evaluate_overall_goals(rows)


def _evaluate_overall_goals(rows: Sequence[ComparisonRow]) -> Iterator[PolicyGoal]:
    by_policy = {total.policy: total for total in compute_totals(rows)}
    own = by_policy[OURS]
    better = [
        total.policy
        for policy, total in by_policy.items()
        if policy != ORACLE
        and not policy.startswith(OURS)
        and total.lost_sign_ins < own.lost_sign_ins
        and total.wrong_moves <= own.wrong_moves
    ]
    yield PolicyGoal(
        description="over all scenarios no peer has both fewer lost sign-ins and no more wrong moves",
        measured=f"better on both: {', '.join(better)}" if better else "none",
        is_met=not better,
    )
    worse_in = [item.ours.scenario for item in find_outperformed(rows) if item.has_no_more_wrong_moves]
    yield _evaluate_explanations("each scenario in which a peer is better on both has an explanation", worse_in)
    far_in = [row.scenario for row in find_far_from_optimum(rows)]
    yield _evaluate_explanations("each scenario far from the oracle has an explanation", far_in)


def _evaluate_explanations(description: str, scenarios: Sequence[str]) -> PolicyGoal:
    unexplained = [name for name in scenarios if not explain(name, SCENARIOS_BY_NAME[name].group)]
    measured = f"{len(scenarios)} scenarios, explained below"
    return PolicyGoal(
        description=description,
        measured=f"{measured}, except {', '.join(unexplained)}" if unexplained else measured,
        is_met=not unexplained,
    )
