"""When a CloudWatch alarm fires: the last periods that are over, missing ones treated as the alarm says.

The rules, and the tables that the tests hold them to, are those of "Configuring how CloudWatch alarms treat missing
data" in the service's documentation.
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sandbox.metric_series import Series

_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
COMPARISONS = frozenset(_COMPARISONS)

EXTRA_LOOKBACK_PERIODS = 2
"""How many periods more than it needs an alarm looks back: the documentation's examples have 5 for 3, and leave open
how many there are elsewhere."""


class AlarmState(StrEnum):
    """What an alarm is in."""

    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


class MissingDataTreatment(StrEnum):
    """How an alarm treats a period without a value."""

    BREACHING = "breaching"
    NOT_BREACHING = "notBreaching"
    IGNORE = "ignore"
    MISSING = "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmRule:
    """What an alarm compares, over which periods."""

    comparison: str
    threshold: float
    period_seconds: int
    evaluation_periods: int
    datapoints_to_alarm: int
    missing_data: MissingDataTreatment


def evaluate(
    rule: AlarmRule,
    series: Series,
    *,
    now_seconds: float,
    current: AlarmState,
    extra_periods: int = EXTRA_LOOKBACK_PERIODS,
) -> AlarmState:
    """Return the state of an alarm now.

    Where enough periods within reach have a value, the latest of those count, and how a missing one is treated doesn't
    matter. Otherwise as few missing ones as possible are made up.
    """
    breaches = _list_breaches(rule, series, now_seconds, rule.evaluation_periods + extra_periods)
    known = [breach for breach in breaches if breach is not None]
    if len(known) >= rule.evaluation_periods:
        return _compute_state(rule, sum(known[-rule.evaluation_periods :]))
    lacking = rule.evaluation_periods - len(known)
    match rule.missing_data:
        case MissingDataTreatment.BREACHING:
            return _compute_state(rule, sum(known) + lacking)
        case MissingDataTreatment.NOT_BREACHING:
            return _compute_state(rule, sum(known))
        case MissingDataTreatment.IGNORE | MissingDataTreatment.MISSING:
            return _evaluate_sparse_data(rule, breaches, known, current)


def _list_breaches(rule: AlarmRule, series: Series, now_seconds: float, periods: int) -> list[bool | None]:
    """Tell of each period, the oldest first, whether it breaches; the present one is not over, and doesn't count."""
    end = int(now_seconds // rule.period_seconds) * rule.period_seconds
    begins = range(end - periods * rule.period_seconds, end, rule.period_seconds)
    compare = _COMPARISONS[rule.comparison]
    return [compare(series[begin], rule.threshold) if begin in series else None for begin in begins]


def _compute_state(rule: AlarmRule, breaching: int) -> AlarmState:
    return AlarmState.ALARM if breaching >= rule.datapoints_to_alarm else AlarmState.OK


def _evaluate_sparse_data(
    rule: AlarmRule, breaches: Sequence[bool | None], known: Sequence[bool], current: AlarmState
) -> AlarmState:
    """Return the state where too few periods have a value, and none is made up."""
    if not known:
        return current if rule.missing_data is MissingDataTreatment.IGNORE else AlarmState.INSUFFICIENT_DATA
    if sum(known) >= rule.datapoints_to_alarm:
        return AlarmState.ALARM
    if not all(known):
        return AlarmState.OK
    # Only breaching ones: it alarms "prematurely" once the oldest is old enough for all that follow to have been so.
    age = len(breaches) - breaches.index(True)
    is_old_enough = rule.missing_data is MissingDataTreatment.MISSING and age >= rule.datapoints_to_alarm
    return AlarmState.ALARM if is_old_enough else current
