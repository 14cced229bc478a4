"""Evaluation of CloudWatch alarms over the last completed periods, with the alarm's treatment of missing data.

Source of the rules, and of the tables in the tests: "Configuring how CloudWatch alarms treat missing data" in the
CloudWatch documentation.
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
"""Periods that an alarm reads in addition to its evaluation periods.

The documentation's example reads 5 periods for an alarm that evaluates 3. Other cases are not documented.
"""


class AlarmState(StrEnum):
    """The state of an alarm."""

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
    """The comparison that an alarm makes, and its periods."""

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

    If enough of the periods read have a value, the latest of them count, and the treatment of missing data has no
    effect. Otherwise the treatment fills in as few missing periods as possible.
    """
    breaches = _list_breaches(rule, series, now_seconds, rule.evaluation_periods + extra_periods)
    known = [breach for breach in breaches if breach is not None]
    if len(known) >= rule.evaluation_periods:
        return _compute_state(rule, sum(known[-rule.evaluation_periods :]))
    missing_count = rule.evaluation_periods - len(known)
    match rule.missing_data:
        case MissingDataTreatment.BREACHING:
            return _compute_state(rule, sum(known) + missing_count)
        case MissingDataTreatment.NOT_BREACHING:
            return _compute_state(rule, sum(known))
        case MissingDataTreatment.IGNORE | MissingDataTreatment.MISSING:
            return _evaluate_sparse_data(rule, breaches, known, current)


def _list_breaches(rule: AlarmRule, series: Series, now_seconds: float, periods: int) -> list[bool | None]:
    """Return whether each completed period breaches, oldest first; None for a period without a value."""
    end = int(now_seconds // rule.period_seconds) * rule.period_seconds
    begins = range(end - periods * rule.period_seconds, end, rule.period_seconds)
    compare = _COMPARISONS[rule.comparison]
    return [compare(series[begin], rule.threshold) if begin in series else None for begin in begins]


def _compute_state(rule: AlarmRule, breaching: int) -> AlarmState:
    return AlarmState.ALARM if breaching >= rule.datapoints_to_alarm else AlarmState.OK


def _evaluate_sparse_data(
    rule: AlarmRule, breaches: Sequence[bool | None], known: Sequence[bool], current: AlarmState
) -> AlarmState:
    """Return the state if too few periods have a value and the treatment fills in none."""
    if not known:
        return current if rule.missing_data is MissingDataTreatment.IGNORE else AlarmState.INSUFFICIENT_DATA
    if sum(known) >= rule.datapoints_to_alarm:
        return AlarmState.ALARM
    if not all(known):
        return AlarmState.OK
    # All known values breach. The documentation calls this a premature alarm: the state becomes ALARM when the oldest
    # breaching period is at least datapoints_to_alarm periods old.
    age = len(breaches) - breaches.index(True)
    is_old_enough = rule.missing_data is MissingDataTreatment.MISSING and age >= rule.datapoints_to_alarm
    return AlarmState.ALARM if is_old_enough else current
