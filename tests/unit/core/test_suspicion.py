"""How much speaks for a sickness, round by round, against a reckoning of another kind."""

from hypothesis import example, given
from hypothesis import strategies as st

from failover.decision.suspicion import Suspicion, after_round, enough
from failover.probe.verdict import Verdict
from failover.region import Side
from tests.support.settings import settings

SETTINGS = settings(suspect_rounds=4)
SICK, HEALTHY = Verdict.SICK, Verdict.HEALTHY
IN_DOUBT = sorted(set(Verdict) - {SICK, HEALTHY, Verdict.UNVERIFIED})

rounds = st.lists(st.sampled_from([SICK, HEALTHY, Verdict.UNVERIFIED]), max_size=40)


def suspected(seen: list[Verdict]) -> list[Suspicion]:
    """Return the suspicion after each round; they are ten seconds apart."""
    suspicions, suspicion = [], Suspicion(side=Side.STANDBY)
    for number, verdict in enumerate(seen):
        suspicion = after_round(suspicion, verdict, SETTINGS, 10.0 * number)
        suspicions.append(suspicion)
    return suspicions


@given(rounds)
@example([SICK, SICK, HEALTHY, HEALTHY, HEALTHY, SICK, SICK, SICK])
def test_it_is_first_enough_when_in_some_latest_rounds_sickness_outweighs_health_at_three_to_one(
    seen: list[Verdict],
) -> None:
    def says_so(until: int) -> bool:
        tails = (seen[start:until] for start in range(until))
        return any(3 * tail.count(SICK) - (len(tail) - tail.count(SICK)) >= 12 for tail in tails)

    by_tails = next((until for until in range(1, len(seen) + 1) if says_so(until)), None)
    by_sum = next((number for number, each in enumerate(suspected(seen), 1) if each.is_enough(SETTINGS)), None)
    assert by_sum == by_tails


@given(rounds)
def test_so_many_more_sick_rounds_in_a_row_as_are_lacking_are_enough_and_no_fewer(seen: list[Verdict]) -> None:
    suspicion = suspected([HEALTHY, *seen])[-1]
    lacking = suspicion.lacking_rounds(SETTINGS)
    further = suspected([HEALTHY, *seen, *[SICK] * lacking])
    assert further[-1].is_enough(SETTINGS)
    assert lacking == 0 or not further[-2].is_enough(SETTINGS)


@given(rounds, st.sampled_from(IN_DOUBT))
def test_a_round_in_doubt_ends_it(seen: list[Verdict], doubt: Verdict) -> None:
    assert suspected([*seen, doubt])[-1] == Suspicion(side=Side.STANDBY)


def test_it_counts_from_its_first_sick_round() -> None:
    *_, cleared, first, second, third = suspected([SICK, HEALTHY, HEALTHY, HEALTHY, SICK, HEALTHY, SICK])
    assert cleared == Suspicion(side=Side.STANDBY)
    assert (first.since, first.rounds, first.sick_rounds, first.evidence) == (40.0, 1, 1, 3)
    assert (second.since, second.rounds, second.sick_rounds, second.evidence) == (40.0, 2, 1, 2)
    assert (third.since, third.rounds, third.sick_rounds, third.evidence) == (40.0, 3, 2, 5)


def test_it_grows_no_further_than_enough_so_that_it_ends_soon_after_the_sickness() -> None:
    longest = suspected([SICK] * 1000)
    assert longest[-1].evidence == enough(SETTINGS) == 12
    *_, before, ended = suspected([*[SICK] * 1000, *[HEALTHY] * 12])
    assert (before.stands, ended.stands) == (True, False)
