"""Compares samples with the assumptions of the code. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from failoverctl.measure.measurement import Assumption, Measurement, MeasurementSample
from failoverctl.measure.percentiles import Percentiles, compute_percentiles


class AssumptionVerdict(StrEnum):
    """Result of comparing samples with an assumption."""

    HOLDS = "holds"
    DIFFERS = "differs"
    OBSERVED = "seen"
    """The code assumes nothing."""
    NOT_MEASURED = "not measured"


@dataclass(frozen=True, slots=True, kw_only=True)
class AssumptionResult:
    """The result for one assumption.

    Attributes
    ----------
    percentiles
        Durations of a stage, in seconds; None for a question, and without samples.
    answers
        Answers to a question, each with its count.

    """

    assumption: Assumption
    verdict: AssumptionVerdict
    percentiles: Percentiles | None = None
    answers: tuple[tuple[str, int], ...] = ()


def evaluate(measurement: Measurement, samples: Sequence[MeasurementSample]) -> list[AssumptionResult]:
    """Return the result for each assumption of a measurement."""
    return [_evaluate_assumption(assumption, samples) for assumption in measurement.assumptions]


def _evaluate_assumption(assumption: Assumption, samples: Sequence[MeasurementSample]) -> AssumptionResult:
    seconds = [sample.seconds[assumption.name] for sample in samples if assumption.name in sample.seconds]
    if seconds:
        percentiles = compute_percentiles(seconds)
        limit_seconds = assumption.max_p95_seconds
        verdict = (
            AssumptionVerdict.OBSERVED
            if limit_seconds is None
            else AssumptionVerdict.HOLDS
            if percentiles.p95 <= limit_seconds
            else AssumptionVerdict.DIFFERS
        )
        return AssumptionResult(assumption=assumption, verdict=verdict, percentiles=percentiles)
    answers = Counter(sample.answers[assumption.name] for sample in samples if assumption.name in sample.answers)
    if answers:
        matches_assumption = set(answers) == {assumption.expected_answer}
        verdict = (
            AssumptionVerdict.OBSERVED
            if not assumption.expected_answer
            else AssumptionVerdict.HOLDS
            if matches_assumption
            else AssumptionVerdict.DIFFERS
        )
        return AssumptionResult(assumption=assumption, verdict=verdict, answers=tuple(answers.most_common()))
    return AssumptionResult(assumption=assumption, verdict=AssumptionVerdict.NOT_MEASURED)
