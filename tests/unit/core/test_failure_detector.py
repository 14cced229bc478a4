"""The failure detector, compared with another calculation of its score."""

import random
import statistics

from hypothesis import example, given
from hypothesis import strategies as st

from cognito_failover.common.region import RegionRole
from cognito_failover.core.failure_detector import MAX_GAP_INTERVALS, Suspicion, compute_threshold, update_suspicion
from cognito_failover.core.verdict import Verdict
from tests.support.settings import make_settings

SETTINGS = make_settings(suspect_rounds=4)
SICK, HEALTHY = Verdict.SICK, Verdict.HEALTHY
UNKNOWN = sorted(set(Verdict) - {SICK, HEALTHY, Verdict.UNVERIFIED, Verdict.INACTIVE})

rounds = st.lists(st.sampled_from([SICK, HEALTHY, Verdict.UNVERIFIED]), max_size=40)


def apply_verdicts(seen: list[Verdict]) -> list[Suspicion]:
    """Return the suspicion after each round, with rounds ten seconds apart."""
    suspicions, suspicion = [], Suspicion(role=RegionRole.STANDBY)
    for number, verdict in enumerate(seen):
        suspicion = update_suspicion(suspicion, verdict, SETTINGS, 10.0 * number)
        suspicions.append(suspicion)
    return suspicions


@given(rounds)
@example([SICK, SICK, HEALTHY, HEALTHY, HEALTHY, SICK, SICK, SICK])
def test_threshold_is_first_reached_when_sick_outweighs_healthy_3_to_1(
    seen: list[Verdict],
) -> None:
    def score_until(until: int) -> bool:
        tails = (seen[start:until] for start in range(until))
        return any(3 * tail.count(SICK) - (len(tail) - tail.count(SICK)) >= 12 for tail in tails)

    by_tails = next((until for until in range(1, len(seen) + 1) if score_until(until)), None)
    by_sum = next(
        (
            number
            for number, suspicion in enumerate(apply_verdicts(seen), 1)
            if suspicion.is_threshold_reached(SETTINGS)
        ),
        None,
    )
    assert by_sum == by_tails


@given(rounds)
def test_rounds_to_threshold_is_exact(seen: list[Verdict]) -> None:
    suspicion = apply_verdicts([HEALTHY, *seen])[-1]
    missing_rounds = suspicion.compute_rounds_to_threshold(SETTINGS)
    suspicions = apply_verdicts([HEALTHY, *seen, *[SICK] * missing_rounds])
    assert suspicions[-1].is_threshold_reached(SETTINGS)
    assert missing_rounds == 0 or not suspicions[-2].is_threshold_reached(SETTINGS)


@given(rounds, st.lists(st.sampled_from(UNKNOWN), min_size=1, max_size=3))
def test_doubtful_rounds_neither_add_nor_erase_evidence(seen: list[Verdict], doubtful: list[Verdict]) -> None:
    before = apply_verdicts([HEALTHY, *seen])[-1]
    after = apply_verdicts([HEALTHY, *seen, *doubtful])[-1]
    assert (after.score, after.sick_rounds, after.since) == (before.score, before.sick_rounds, before.since)


@given(rounds, st.sampled_from(UNKNOWN), st.sampled_from(list(Verdict)))
def test_evidence_before_many_doubtful_rounds_is_forgotten(
    seen: list[Verdict], doubtful: Verdict, last: Verdict
) -> None:
    suspicion = apply_verdicts([*seen, *[doubtful] * MAX_GAP_INTERVALS, last])[-1]
    assert suspicion.sick_rounds == suspicion.rounds == (last is SICK)


def find_move_seconds(shares: dict[Verdict, float], seed: int) -> float:
    """Return after how many seconds a Region with these shares of verdicts reaches the threshold."""
    source, suspicion, now = random.Random(seed), Suspicion(), 0.0  # noqa: S311 - repeatable rounds
    settings = make_settings(suspect_rounds=3)
    while not suspicion.is_threshold_reached(settings):
        [verdict] = source.choices(list(shares), list(shares.values()))
        suspicion = update_suspicion(suspicion, verdict, settings, now)
        now += 5.0 if suspicion.is_active else 10.0
    return now


def test_worse_region_is_left_sooner() -> None:
    def compute_median(shares: dict[Verdict, float]) -> float:
        return statistics.median(find_move_seconds(shares, seed) for seed in range(300))

    lets_most_in = compute_median({SICK: 0.4, HEALTHY: 0.6})
    for doubtful in UNKNOWN:
        assert compute_median({SICK: 0.4, doubtful: 0.6}) < lets_most_in
        assert compute_median({SICK: 0.4, doubtful: 0.3, HEALTHY: 0.3}) <= lets_most_in


def test_suspicion_counts_from_first_sick_round() -> None:
    *_, cleared, first, second, third = apply_verdicts([SICK, HEALTHY, HEALTHY, HEALTHY, SICK, HEALTHY, SICK])
    assert cleared == Suspicion(role=RegionRole.STANDBY)
    assert (first.since, first.rounds, first.sick_rounds, first.score) == (40.0, 1, 1, 3)
    assert (second.since, second.rounds, second.sick_rounds, second.score) == (40.0, 2, 1, 2)
    assert (third.since, third.rounds, third.sick_rounds, third.score) == (40.0, 3, 2, 5)


def test_score_is_capped_at_threshold() -> None:
    longest = apply_verdicts([SICK] * 1000)
    assert longest[-1].score == compute_threshold(SETTINGS) == 12
    *_, before, ended = apply_verdicts([*[SICK] * 1000, *[HEALTHY] * 12])
    assert (before.is_active, ended.is_active) == (True, False)
