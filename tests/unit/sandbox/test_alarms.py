import pytest

from sandbox.alarms import Missing, Rule, State, evaluate

MINUTE = 60
NOW = 1_000 * MINUTE + 30  # in the middle of a minute


def rule(**changes: object) -> Rule:
    settings: dict[str, object] = {
        "comparison": "GreaterThanOrEqualToThreshold",
        "threshold": 1,
        "period_seconds": MINUTE,
        "evaluation_periods": 3,
        "datapoints_to_alarm": 3,
        "missing": Missing.MISSING,
    }
    return Rule(**{**settings, **changes})  # type: ignore[arg-type] # a test's shorthand


def series(picture: str) -> dict[int, float]:
    """Read a picture as the documentation has it: ``0`` is fine, ``X`` breaches, ``-`` is missing, the latest last."""
    marks = picture.split()
    end = NOW // MINUTE * MINUTE
    begins = range(end - len(marks) * MINUTE, end, MINUTE)
    return {begin: float(mark == "X") for begin, mark in zip(begins, marks, strict=True) if mark != "-"}


def state(alarm: Rule, picture: str, current: State = State.OK) -> State:
    return evaluate(alarm, series(picture), now_seconds=NOW, current=current)


def states(alarm: dict[str, object], picture: str) -> str:
    """Return the states by treatment, as a row of the documentation's table: missing, ignore, breaching, notBreaching.

    *Retain* is what keeps whatever state the alarm is in.
    """
    treatments = (Missing.MISSING, Missing.IGNORE, Missing.BREACHING, Missing.NOT_BREACHING)
    found = [
        {state(rule(**alarm, missing=treatment), picture, current) for current in State} for treatment in treatments
    ]
    return " ".join("Retain" if len(each) > 1 else each.pop() for each in found)


@pytest.mark.parametrize(
    ("picture", "row"),
    [
        ("0 - X - X", "OK OK OK OK"),
        ("- - - - 0", "OK OK OK OK"),
        ("- - - - -", "INSUFFICIENT_DATA Retain ALARM OK"),
        ("0 X X - X", "ALARM ALARM ALARM ALARM"),
        ("- - X - -", "ALARM Retain ALARM OK"),
    ],
)
def test_three_of_three_go_by_the_documentations_table(picture: str, row: str) -> None:
    assert states({}, picture) == row


@pytest.mark.parametrize(
    ("picture", "row"),
    [
        ("0 - X - X", "ALARM ALARM ALARM ALARM"),
        ("0 0 X 0 X", "ALARM ALARM ALARM ALARM"),
        ("0 - X - -", "OK OK ALARM OK"),
        ("- - - - 0", "OK OK ALARM OK"),
        ("- - - X -", "ALARM Retain ALARM OK"),
    ],
)
def test_two_of_three_go_by_the_documentations_table(picture: str, row: str) -> None:
    assert states({"datapoints_to_alarm": 2}, picture) == row


def test_breaching_values_that_are_too_few_and_too_young_change_nothing() -> None:
    assert states({}, "- - - X X").startswith("Retain Retain")


def test_the_present_period_and_those_out_of_reach_do_not_count() -> None:
    alarm = rule(missing=Missing.NOT_BREACHING, datapoints_to_alarm=1)
    far_ago = min(series("X 0 0 0 0 0"))
    assert evaluate(alarm, {far_ago: 1.0}, now_seconds=NOW, current=State.OK) is State.OK
    assert evaluate(alarm, {NOW // MINUTE * MINUTE: 1.0}, now_seconds=NOW, current=State.OK) is State.OK


def test_a_dead_mans_alarm_fires_once_nothing_recent_is_within_reach() -> None:
    alarm = rule(comparison="LessThanThreshold", missing=Missing.BREACHING)
    assert state(alarm, "X X - - -") is State.OK
    assert state(alarm, "X - - - -") is State.OK
    assert state(alarm, "- - - - -") is State.ALARM


@pytest.mark.parametrize(
    ("comparison", "breaching"),
    [
        ("GreaterThanThreshold", {2}),
        ("GreaterThanOrEqualToThreshold", {1, 2}),
        ("LessThanThreshold", {0}),
        ("LessThanOrEqualToThreshold", {0, 1}),
    ],
)
def test_a_value_is_compared_as_the_alarm_says(comparison: str, breaching: set[int]) -> None:
    alarm = rule(comparison=comparison, evaluation_periods=1, datapoints_to_alarm=1)
    last = NOW // MINUTE * MINUTE - MINUTE
    found = {
        value
        for value in (0, 1, 2)
        if evaluate(alarm, {last: float(value)}, now_seconds=NOW, current=State.OK) is State.ALARM
    }
    assert found == breaching
