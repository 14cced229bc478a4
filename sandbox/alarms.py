"""When a CloudWatch alarm fires: the last whole periods, missing ones treated as the alarm says."""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
COMPARISONS = frozenset(_COMPARISONS)


class State(StrEnum):
    """What an alarm is in."""

    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One published value."""

    at_seconds: float
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What an alarm compares, over which periods.

    Attributes
    ----------
    missing
        ``breaching``, ``notBreaching``, ``ignore`` or ``missing``.

    """

    statistic: str
    comparison: str
    threshold: float
    period_seconds: int
    evaluation_periods: int
    datapoints_to_alarm: int
    missing: str


def evaluate(rule: Rule, samples: Sequence[Sample], *, now_seconds: float, current: State) -> State:
    """Return the state of an alarm now."""
    found = [_breaches(rule, values) for values in _periods(rule, samples, now_seconds)]
    if all(breach is None for breach in found) and rule.missing in ("missing", "ignore"):
        return State.INSUFFICIENT_DATA if rule.missing == "missing" else current
    filler = {"breaching": True, "notBreaching": False}.get(rule.missing)
    breaching = sum(1 for breach in found if (filler if breach is None else breach))
    return State.ALARM if breaching >= rule.datapoints_to_alarm else State.OK


def _periods(rule: Rule, samples: Sequence[Sample], now_seconds: float) -> list[list[float]]:
    """Group the samples of the last whole periods; the present one is not over, and doesn't count."""
    end = now_seconds // rule.period_seconds * rule.period_seconds
    begin = end - rule.evaluation_periods * rule.period_seconds
    periods: list[list[float]] = [[] for _ in range(rule.evaluation_periods)]
    for sample in samples:
        if begin <= sample.at_seconds < end:
            periods[int((sample.at_seconds - begin) // rule.period_seconds)].append(sample.value)
    return periods


def _breaches(rule: Rule, values: Sequence[float]) -> bool | None:
    if not values:
        return None
    statistics: Mapping[str, float] = {
        "Average": sum(values) / len(values),
        "Maximum": max(values),
        "Minimum": min(values),
        "SampleCount": len(values),
        "Sum": sum(values),
    }
    return _COMPARISONS[rule.comparison](statistics[rule.statistic], rule.threshold)
