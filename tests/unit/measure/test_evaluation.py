import pytest

from failoverctl.measure.evaluation import AssumptionVerdict, evaluate
from failoverctl.measure.measurement import Assumption, Measurement, MeasurementSample
from failoverctl.measure.registry import MEASUREMENTS
from tests.unit.measure.examples import make_measurement

BOUND_ASSUMPTION = Assumption(name="arrived", rationale="m", if_violated="o", max_p95_seconds=2.0)
ANSWER_ASSUMPTION = Assumption(name="order", rationale="m", if_violated="o", expected_answer="in order")


def evaluate_verdict(assumption: Assumption, *samples: MeasurementSample) -> AssumptionVerdict:
    (result,) = evaluate(make_measurement(assumption), samples)
    return result.verdict


def make_timed_samples(*seconds: float) -> list[MeasurementSample]:
    return [MeasurementSample(seconds={"arrived": value}) for value in seconds]


def make_answer_samples(*answers: str) -> list[MeasurementSample]:
    return [MeasurementSample(answers={"order": answer}) for answer in answers]


def test_assumption_holds_if_95th_percentile_is_within_bound() -> None:
    assert evaluate_verdict(BOUND_ASSUMPTION, *make_timed_samples(*[1.0] * 19, 9.0)) is AssumptionVerdict.HOLDS
    assert evaluate_verdict(BOUND_ASSUMPTION, *make_timed_samples(*[1.0] * 18, 9.0, 9.0)) is AssumptionVerdict.DIFFERS
    assert evaluate_verdict(BOUND_ASSUMPTION, *make_timed_samples(2.0)) is AssumptionVerdict.HOLDS


def test_one_different_answer_violates_the_assumption() -> None:
    assert evaluate_verdict(ANSWER_ASSUMPTION, *make_answer_samples("in order", "in order")) is AssumptionVerdict.HOLDS
    assert (
        evaluate_verdict(ANSWER_ASSUMPTION, *make_answer_samples("in order", "backwards")) is AssumptionVerdict.DIFFERS
    )


def test_verdict_without_samples_or_without_assumption() -> None:
    unbounded = Assumption(name="arrived", rationale="m", if_violated="o")

    assert evaluate_verdict(BOUND_ASSUMPTION) is AssumptionVerdict.NOT_MEASURED
    assert evaluate_verdict(ANSWER_ASSUMPTION, *make_timed_samples(1.0)) is AssumptionVerdict.NOT_MEASURED
    assert evaluate_verdict(unbounded, *make_timed_samples(1000.0)) is AssumptionVerdict.OBSERVED


def test_answers_are_counted_most_frequent_first() -> None:
    (result,) = evaluate(make_measurement(ANSWER_ASSUMPTION), make_answer_samples("b", "a", "a"))

    assert result.answers == (("a", 2), ("b", 1))


@pytest.mark.parametrize("measurement", MEASUREMENTS, ids=lambda measurement: measurement.name)
def test_every_assumption_has_unique_name_reason_and_consequence(measurement: Measurement) -> None:
    names = [assumption.name for assumption in measurement.assumptions]

    assert len(names) == len(set(names))
    assert all(assumption.rationale and assumption.if_violated for assumption in measurement.assumptions)
