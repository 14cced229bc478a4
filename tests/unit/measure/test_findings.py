import pytest

from failoverctl.measure.findings import Verdict, findings
from failoverctl.measure.measurement import Assumption, Measurement, Sample
from failoverctl.measure.registry import MEASUREMENTS
from tests.unit.measure.examples import measurement

BOUND = Assumption(of="arrived", matters="m", otherwise="o", at_most_seconds=2.0)
WORD = Assumption(of="order", matters="m", otherwise="o", answer="in order")


def verdict(assumption: Assumption, *samples: Sample) -> Verdict:
    (found,) = findings(measurement(assumption), samples)
    return found.verdict


def took(*seconds: float) -> list[Sample]:
    return [Sample(seconds={"arrived": each}) for each in seconds]


def said(*answers: str) -> list[Sample]:
    return [Sample(answers={"order": each}) for each in answers]


def test_an_assumption_holds_if_the_95th_percentile_is_within_its_bound() -> None:
    assert verdict(BOUND, *took(*[1.0] * 19, 9.0)) is Verdict.HOLDS
    assert verdict(BOUND, *took(*[1.0] * 18, 9.0, 9.0)) is Verdict.DIFFERS
    assert verdict(BOUND, *took(2.0)) is Verdict.HOLDS


def test_one_other_answer_is_enough_to_differ() -> None:
    assert verdict(WORD, *said("in order", "in order")) is Verdict.HOLDS
    assert verdict(WORD, *said("in order", "backwards")) is Verdict.DIFFERS


def test_what_was_never_seen_is_not_measured_and_what_nobody_assumed_is_seen() -> None:
    nothing = Assumption(of="arrived", matters="m", otherwise="o")

    assert verdict(BOUND) is Verdict.NOT_MEASURED
    assert verdict(WORD, *took(1.0)) is Verdict.NOT_MEASURED
    assert verdict(nothing, *took(1000.0)) is Verdict.SEEN


def test_answers_are_counted_the_most_frequent_first() -> None:
    (found,) = findings(measurement(WORD), said("b", "a", "a"))

    assert found.answers == (("a", 2), ("b", 1))


@pytest.mark.parametrize("known", MEASUREMENTS, ids=lambda each: each.name)
def test_everything_that_is_assumed_has_its_reason_and_its_way_out(known: Measurement) -> None:
    names = [each.of for each in known.assumptions]

    assert len(names) == len(set(names))
    assert all(each.matters and each.otherwise for each in known.assumptions)
