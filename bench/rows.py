"""Rows of the comparison table: the scores of one policy over all seeds of a scenario."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import fmean, quantiles, stdev
from typing import Any

from bench.score import PolicyScore

NORMAL_95_QUANTILE = 1.96
"""Half the width of a 95 % interval, in standard errors of a mean."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonRow:
    """One policy in one scenario.

    Attributes
    ----------
    scenario, policy, seeds
        The scenario, the policy, and the number of simulated instances.
    lost_sign_ins
        Mean of the lost sign-ins.
    lost_sign_ins_low, lost_sign_ins_high
        The 95 % interval of that mean.
    lost_sign_ins_p5, lost_sign_ins_p50, lost_sign_ins_p95
        Percentiles of the lost sign-ins over the seeds.
    lost_share
        Mean share of lost sign-ins among all sign-ins of the simulated time.
    times_oracle
        Mean as a multiple of the oracle's mean. None if the oracle loses less than one sign-in.
    detect_p50_seconds, detect_p95_seconds and so on
        Percentiles over the seeds with such an event. None if there is no such seed. See `PolicyScore`.
    moved_share
        Share of the seeds with an automatic move.
    wrong_moves, flaps, missed
        Means per seed.

    """

    scenario: str
    policy: str
    seeds: int
    lost_sign_ins: float
    lost_sign_ins_low: float
    lost_sign_ins_high: float
    lost_sign_ins_p5: float
    lost_sign_ins_p50: float
    lost_sign_ins_p95: float
    lost_share: float
    times_oracle: float | None
    detect_p50_seconds: float | None
    detect_p95_seconds: float | None
    decide_p50_seconds: float | None
    decide_p95_seconds: float | None
    authoritative_p50_seconds: float | None
    authoritative_p95_seconds: float | None
    half_of_users_p95_seconds: float | None
    most_users_p95_seconds: float | None
    moved_share: float
    wrong_moves: float
    flaps: float
    missed: float

    def to_json(self) -> dict[str, Any]:
        """Return the row as JSON values, rounded to 4 decimals."""
        return {name: round(value, 4) if isinstance(value, float) else value for name, value in asdict(self).items()}


def build_row(
    scenario: str, policy: str, scores: Sequence[PolicyScore], oracle: Sequence[PolicyScore]
) -> ComparisonRow:
    """Summarize a policy's scores. The oracle's scores must come from the same seeds."""
    lost = [score.lost for score in scores]
    mean, margin = fmean(lost), _compute_margin(lost)
    oracle_mean = fmean(score.lost for score in oracle)
    return ComparisonRow(
        scenario=scenario,
        policy=policy,
        seeds=len(scores),
        lost_sign_ins=mean,
        lost_sign_ins_low=max(0.0, mean - margin),
        lost_sign_ins_high=mean + margin,
        lost_sign_ins_p5=_compute_percentile(lost, 5),
        lost_sign_ins_p50=_compute_percentile(lost, 50),
        lost_sign_ins_p95=_compute_percentile(lost, 95),
        lost_share=mean / fmean(score.attempted for score in scores),
        times_oracle=mean / oracle_mean if oracle_mean >= 1 else None,
        detect_p50_seconds=_compute_optional_percentile([score.detected for score in scores], 50),
        detect_p95_seconds=_compute_optional_percentile([score.detected for score in scores], 95),
        decide_p50_seconds=_compute_optional_percentile([score.decided for score in scores], 50),
        decide_p95_seconds=_compute_optional_percentile([score.decided for score in scores], 95),
        authoritative_p50_seconds=_compute_optional_percentile([score.authoritative for score in scores], 50),
        authoritative_p95_seconds=_compute_optional_percentile([score.authoritative for score in scores], 95),
        half_of_users_p95_seconds=_compute_optional_percentile([score.half_of_users for score in scores], 95),
        most_users_p95_seconds=_compute_optional_percentile([score.most_users for score in scores], 95),
        moved_share=fmean(score.decided is not None for score in scores),
        wrong_moves=fmean(score.wrong_moves for score in scores),
        flaps=fmean(score.flaps for score in scores),
        missed=fmean(score.missed for score in scores),
    )


def compute_rate_upper_bound(events: int, duration: float) -> float:
    """Return the 95 % upper bound on a rate, given the events in a duration. For 0 events: the "rule of three"."""
    low, high = float(events), events + 10.0 * math.sqrt(events + 1.0)
    for _ in range(60):
        middle = (low + high) / 2
        if _compute_poisson_cdf(events, middle) > 1 - 0.95:
            low = middle
        else:
            high = middle
    return high / duration


def _compute_poisson_cdf(events: int, mean: float) -> float:
    return sum(math.exp(-mean + count * math.log(mean) - math.lgamma(count + 1)) for count in range(events + 1))


def _compute_margin(values: Sequence[float]) -> float:
    return NORMAL_95_QUANTILE * stdev(values) / math.sqrt(len(values)) if len(values) > 1 else 0.0


def _compute_optional_percentile(values: Sequence[float | None], percent: int) -> float | None:
    known = [value for value in values if value is not None]
    return _compute_percentile(known, percent) if known else None


def _compute_percentile(values: Sequence[float], percent: int) -> float:
    if len(values) == 1:
        return values[0]
    return quantiles(values, n=100, method="inclusive")[percent - 1]
