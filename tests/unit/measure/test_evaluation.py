import pytest

from failoverctl.measure.evaluation import AssumptionVerdict, evaluate
from failoverctl.measure.measurement import Assumption, Measurement, MeasurementSample
from failoverctl.measure.registry import MEASUREMENTS
from tests.unit.measure.examples import make_measurement

BOUND_ASSUMPTION = Assumption(name="arrived", rationale="m", if_violated="o", max_p95_seconds=2.0)
ANSWER_ASSUMPTION = Assumption(name="order", rationale="m", if_violated="o", expected_answer="in order")


def evaluate_verdict(assumption: Assumption, *samples: MeasurementSample) -> AssumptionVerdict:
    (found,) = evaluate(make_measurement(assumption), samples)
    return found.verdict


def make_timed_samples(*seconds: float) -> list[MeasurementSample]:
    return [MeasurementSample(seconds={"arrived": each}) for each in seconds]


def make_answer_samples(*answers: str) -> list[MeasurementSample]:
    return [MeasurementSample(answers={"order": each}) for each in answers]


def test_an_assumption_holds_if_the_95th_percentile_is_within_its_bound() -> None:
    assert evaluate_verdict(BOUND_ASSUMPTION, *make_timed_samples(*[1.0] * 19, 9.0)) is AssumptionVerdict.HOLDS
    assert evaluate_verdict(BOUND_ASSUMPTION, *make_timed_samples(*[1.0] * 18, 9.0, 9.0)) is AssumptionVerdict.DIFFERS
    assert evaluate_verdict(BOUND_ASSUMPTION, *make_timed_samples(2.0)) is AssumptionVerdict.HOLDS


def test_one_different_answer_is_a_difference() -> None:
    assert evaluate_verdict(ANSWER_ASSUMPTION, *make_answer_samples("in order", "in order")) is AssumptionVerdict.HOLDS
    assert (
        evaluate_verdict(ANSWER_ASSUMPTION, *make_answer_samples("in order", "backwards")) is AssumptionVerdict.DIFFERS
    )


def test_verdict_without_samples_or_without_assumption() -> None:
    nothing = Assumption(name="arrived", rationale="m", if_violated="o")

    assert evaluate_verdict(BOUND_ASSUMPTION) is AssumptionVerdict.NOT_MEASURED
    assert evaluate_verdict(ANSWER_ASSUMPTION, *make_timed_samples(1.0)) is AssumptionVerdict.NOT_MEASURED
    assert evaluate_verdict(nothing, *make_timed_samples(1000.0)) is AssumptionVerdict.OBSERVED


def test_answers_are_counted_the_most_frequent_first() -> None:
    (found,) = evaluate(make_measurement(ANSWER_ASSUMPTION), make_answer_samples("b", "a", "a"))

    assert found.answers == (("a", 2), ("b", 1))


@pytest.mark.parametrize("known", MEASUREMENTS, ids=lambda each: each.name)
def test_every_assumption_has_reason_and_alternative(known: Measurement) -> None:
    names = [each.name for each in known.assumptions]

    assert len(names) == len(set(names))
    assert all(each.rationale and each.if_violated for each in known.assumptions)
