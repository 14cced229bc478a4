"""Answers have moved once they lead to the new Region for good; sign-ins count as users would."""

import pytest

from failover.outside.sample import Outside, Sample, SignIn, Tally
from failover.region import Side
from failover.report.arrival import arrival, name_servers, resolvers, share_of, sign_ins
from tests.unit.outside.examples import NOW, sample


def looks(*shares: float | None) -> list[Sample]:
    def one(at: float, share: float | None) -> Outside:
        tally = Tally(missing=20) if share is None else Tally(standby=round(20 * share), primary=20 - round(20 * share))
        return Outside(at=at, took_seconds=0.1, name_servers={"ns-1": tally})

    return [sample(NOW + 5 * n, outside=one(NOW + 5 * n, share)) for n, share in enumerate(shares)]


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
def test_the_moment_from_which_on_it_stays_so_is_found(
    shares: tuple[float | None, ...], half: float | None, most: float | None
) -> None:
    found = arrival(looks(*shares), name_servers, Side.STANDBY, decided_at=NOW)
    assert (found.half_seconds, found.most_seconds) == (half, most)


def test_answers_and_those_left_out_are_counted() -> None:
    found = arrival(looks(0.5, None), name_servers, Side.STANDBY, decided_at=NOW)
    assert (found.servers, found.answers, found.missing) == (["ns-1"], 20, 20)
    assert arrival(looks(0.5), resolvers, Side.STANDBY, decided_at=NOW).servers == []


def test_an_unclear_answer_has_not_moved() -> None:
    assert share_of([Tally(standby=1, unclear=3)], Side.STANDBY) == 0.25


def tried(*oks: bool | None) -> list[Sample]:
    return [
        sample(
            NOW + n,
            outside=Outside(at=NOW + n, took_seconds=0.1, sign_in=SignIn(at=NOW + n, ok=ok, code="" if ok else "c")),
        )
        for n, ok in enumerate(oks)
    ]


def test_sign_ins_that_say_nothing_are_neither_good_nor_bad() -> None:
    found = sign_ins([*tried(True, False, None, False, True, True), sample(NOW + 9)])
    assert (found.tried, found.failed, found.unclear) == (5, 2, 1)
    assert found.back_at == "2027-01-15T08:00:04.000Z"
    assert found.codes == {"c": 3}


def test_where_none_failed_none_is_back() -> None:
    assert sign_ins(tried(True, True)).back_at is None
    assert sign_ins(tried(True, False)).back_at is None
    assert sign_ins([]).tried == 0
