"""Propagation counts when answers lead to the new Region permanently; sign-ins count as a user's."""

import pytest

from cognito_failover.common.region import RegionRole
from cognito_failover.core.model.location import AnswerCounts
from cognito_failover.reports.propagation_stats import (
    compute_role_share,
    measure_propagation,
    select_name_servers,
    select_resolvers,
    summarize_sign_ins,
)
from cognito_failover.timeline.sample import RoundSample, SignInSample, UserView
from tests.unit.timeline.examples import NOW, make_sample


def make_samples(*shares: float | None) -> list[RoundSample]:
    def make_user_view(at: float, share: float | None) -> UserView:
        counts = (
            AnswerCounts(missing=20)
            if share is None
            else AnswerCounts(standby=round(20 * share), primary=20 - round(20 * share))
        )
        return UserView(at=at, duration_seconds=0.1, name_servers={"ns-1": counts})

    return [make_sample(NOW + 5 * n, user_view=make_user_view(NOW + 5 * n, share)) for n, share in enumerate(shares)]


@pytest.mark.parametrize(
    ("shares", "half", "most"),
    [
        ((0, 0.5, 0.95, 1), 5.0, 10.0),
        ((0, 0.6, 0.4, 0.6, 1), 15.0, 20.0),
        ((0, 1, 0.9), 5.0, None),
        ((0, 0.2), None, None),
        ((1, 1), 0.0, 0.0),
        ((0, None, 1, None), 10.0, 10.0),
        ((None, None), None, None),
        ((), None, None),
    ],
)
def test_answers_have_moved_when_no_later_share_is_lower(
    shares: tuple[float | None, ...], half: float | None, most: float | None
) -> None:
    propagation = measure_propagation(make_samples(*shares), select_name_servers, RegionRole.STANDBY, decided_at=NOW)
    assert (propagation.half_seconds, propagation.most_seconds) == (half, most)


def test_answers_and_missing_answers_are_counted() -> None:
    propagation = measure_propagation(make_samples(0.5, None), select_name_servers, RegionRole.STANDBY, decided_at=NOW)
    assert (propagation.servers, propagation.answers, propagation.missing) == (["ns-1"], 20, 20)
    assert measure_propagation(make_samples(0.5), select_resolvers, RegionRole.STANDBY, decided_at=NOW).servers == []


def test_unclear_answers_count_as_not_moved() -> None:
    assert compute_role_share([AnswerCounts(standby=1, unclear=3)], RegionRole.STANDBY) == 0.25


def make_sign_in_samples(*oks: bool | None) -> list[RoundSample]:
    return [
        make_sample(
            NOW + n,
            user_view=UserView(
                at=NOW + n, duration_seconds=0.1, sign_in=SignInSample(at=NOW + n, ok=ok, code="" if ok else "c")
            ),
        )
        for n, ok in enumerate(oks)
    ]


def test_inconclusive_sign_ins_are_ignored() -> None:
    summary = summarize_sign_ins([*make_sign_in_samples(True, False, None, False, True, True), make_sample(NOW + 9)])
    assert (summary.tried, summary.failed, summary.unclear) == (5, 2, 1)
    assert summary.recovered_at == "2027-01-15T08:00:04.000Z"
    assert summary.codes == {"c": 3}


def test_no_failure_means_no_recovery_time() -> None:
    assert summarize_sign_ins(make_sign_in_samples(True, True)).recovered_at is None
    assert summarize_sign_ins(make_sign_in_samples(True, False)).recovered_at is None
    assert summarize_sign_ins([]).tried == 0
