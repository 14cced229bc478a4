"""What the samples say of what the code assumes. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from failoverctl.measure.measurement import Assumption, Measurement, Sample
from failoverctl.measure.percentiles import Spread, spread


class Verdict(StrEnum):
    """How an assumption fares."""

    HOLDS = "holds"
    DIFFERS = "differs"
    SEEN = "seen"
    """Nothing was assumed."""
    NOT_MEASURED = "not measured"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was found of one stage or question.

    Attributes
    ----------
    spread
        Of a stage, in seconds; None of a question, and without samples.
    answers
        What a question was answered, each with how often.

    """

    assumption: Assumption
    verdict: Verdict
    spread: Spread | None = None
    answers: tuple[tuple[str, int], ...] = ()


def findings(measurement: Measurement, samples: Sequence[Sample]) -> list[Finding]:
    """Return what the samples say, for each thing that is assumed."""
    return [_finding(assumption, samples) for assumption in measurement.assumptions]


def _finding(assumption: Assumption, samples: Sequence[Sample]) -> Finding:
    seconds = [sample.seconds[assumption.of] for sample in samples if assumption.of in sample.seconds]
    if seconds:
        found = spread(seconds)
        bound = assumption.at_most_seconds
        verdict = Verdict.SEEN if bound is None else Verdict.HOLDS if found.p95 <= bound else Verdict.DIFFERS
        return Finding(assumption=assumption, verdict=verdict, spread=found)
    answers = Counter(sample.answers[assumption.of] for sample in samples if assumption.of in sample.answers)
    if answers:
        is_as_assumed = set(answers) == {assumption.answer}
        verdict = Verdict.SEEN if not assumption.answer else Verdict.HOLDS if is_as_assumed else Verdict.DIFFERS
        return Finding(assumption=assumption, verdict=verdict, answers=tuple(answers.most_common()))
    return Finding(assumption=assumption, verdict=Verdict.NOT_MEASURED)
