import pytest

from sandbox.alarms import Rule, Sample, State, evaluate

MINUTE = 60.0
NOW = 1_000 * MINUTE + 30  # in the middle of a minute


def rule(**changes: object) -> Rule:
    settings: dict[str, object] = {
        "statistic": "Sum",
        "comparison": "GreaterThanOrEqualToThreshold",
        "threshold": 1,
        "period_seconds": 60,
        "evaluation_periods": 3,
        "datapoints_to_alarm": 2,
        "missing": "missing",
    }
    return Rule(**{**settings, **changes})  # type: ignore[arg-type] # a test's shorthand


def minutes_ago(*values: tuple[int, float]) -> list[Sample]:
    """Make one sample for each (whole minutes ago, value)."""
    return [Sample(at_seconds=NOW - 30 - minutes * MINUTE, value=value) for minutes, value in values]


def state(alarm: Rule, samples: list[Sample], current: State = State.OK) -> State:
    return evaluate(alarm, samples, now_seconds=NOW, current=current)


def test_enough_breaching_periods_of_those_looked_at_alarm() -> None:
    assert state(rule(), minutes_ago((3, 1), (2, 0), (1, 2))) is State.ALARM
    assert state(rule(), minutes_ago((3, 1), (2, 0), (1, 0))) is State.OK


def test_the_present_period_and_older_ones_do_not_count() -> None:
    assert state(rule(), minutes_ago((5, 1), (4, 1), (1, 1), (0, 1))) is State.OK


@pytest.mark.parametrize(
    ("missing", "expected"),
    [
        ("breaching", State.ALARM),
        ("notBreaching", State.OK),
        ("missing", State.INSUFFICIENT_DATA),
        ("ignore", State.OK),
    ],
)
def test_silence_is_treated_as_the_alarm_says(missing: str, expected: State) -> None:
    assert state(rule(missing=missing), []) is expected


def test_a_dead_mans_alarm_fires_once_the_invocations_stop() -> None:
    alarm = rule(comparison="LessThanThreshold", missing="breaching", datapoints_to_alarm=3)
    assert state(alarm, minutes_ago((3, 1))) is State.OK
    assert state(alarm, minutes_ago((4, 1))) is State.ALARM


@pytest.mark.parametrize(
    ("statistic", "threshold", "expected"),
    [
        ("Sum", 5, State.ALARM),
        ("Average", 3, State.OK),
        ("Maximum", 4, State.ALARM),
        ("Minimum", 2, State.OK),
        ("SampleCount", 2, State.ALARM),
    ],
)
def test_a_period_is_summed_up_by_the_statistic(statistic: str, threshold: float, expected: State) -> None:
    alarm = rule(statistic=statistic, threshold=threshold, evaluation_periods=1, datapoints_to_alarm=1)
    assert state(alarm, minutes_ago((1, 1), (1, 4))) is expected
