import pytest

from sandbox.alarms import AlarmRule, AlarmState, MissingDataTreatment, evaluate

MINUTE = 60
NOW = 1_000 * MINUTE + 30  # in the middle of a minute


def build_rule(**changes: object) -> AlarmRule:
    settings: dict[str, object] = {
        "comparison": "GreaterThanOrEqualToThreshold",
        "threshold": 1,
        "period_seconds": MINUTE,
        "evaluation_periods": 3,
        "datapoints_to_alarm": 3,
        "missing_data": MissingDataTreatment.MISSING,
    }
    return AlarmRule(**{**settings, **changes})  # type: ignore[arg-type] # a test's shorthand


def build_series(picture: str) -> dict[int, float]:
    """Return the series of a picture in the documentation: ``0`` OK, ``X`` breaching, ``-`` missing; latest last."""
    marks = picture.split()
    end = NOW // MINUTE * MINUTE
    begins = range(end - len(marks) * MINUTE, end, MINUTE)
    return {begin: float(mark == "X") for begin, mark in zip(begins, marks, strict=True) if mark != "-"}


def evaluate_state(alarm: AlarmRule, picture: str, current: AlarmState = AlarmState.OK) -> AlarmState:
    return evaluate(alarm, build_series(picture), now_seconds=NOW, current=current)


def evaluate_states(alarm: dict[str, object], picture: str) -> str:
    """Return the states by treatment, as a row of the documentation's table: missing, ignore, breaching, notBreaching.

    *Retain* means that the alarm keeps its state.
    """
    treatments = (
        MissingDataTreatment.MISSING,
        MissingDataTreatment.IGNORE,
        MissingDataTreatment.BREACHING,
        MissingDataTreatment.NOT_BREACHING,
    )
    results = [
        {evaluate_state(build_rule(**alarm, missing_data=treatment), picture, current) for current in AlarmState}
        for treatment in treatments
    ]
    return " ".join("Retain" if len(outcomes) > 1 else outcomes.pop() for outcomes in results)


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
def test_three_of_three_alarm_matches_documented_table(picture: str, row: str) -> None:
    assert evaluate_states({}, picture) == row


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
def test_two_of_three_alarm_matches_documented_table(picture: str, row: str) -> None:
    assert evaluate_states({"datapoints_to_alarm": 2}, picture) == row


def test_too_few_recent_breaches_keep_state() -> None:
    assert evaluate_states({}, "- - - X X").startswith("Retain Retain")


def test_current_period_and_periods_out_of_range_do_not_count() -> None:
    alarm = build_rule(missing_data=MissingDataTreatment.NOT_BREACHING, datapoints_to_alarm=1)
    far_ago = min(build_series("X 0 0 0 0 0"))
    assert evaluate(alarm, {far_ago: 1.0}, now_seconds=NOW, current=AlarmState.OK) is AlarmState.OK
    assert evaluate(alarm, {NOW // MINUTE * MINUTE: 1.0}, now_seconds=NOW, current=AlarmState.OK) is AlarmState.OK


def test_breaching_missing_data_alarms_once_no_recent_value_remains() -> None:
    alarm = build_rule(comparison="LessThanThreshold", missing_data=MissingDataTreatment.BREACHING)
    assert evaluate_state(alarm, "X X - - -") is AlarmState.OK
    assert evaluate_state(alarm, "X - - - -") is AlarmState.OK
    assert evaluate_state(alarm, "- - - - -") is AlarmState.ALARM


@pytest.mark.parametrize(
    ("comparison", "breaching"),
    [
        ("GreaterThanThreshold", {2}),
        ("GreaterThanOrEqualToThreshold", {1, 2}),
        ("LessThanThreshold", {0}),
        ("LessThanOrEqualToThreshold", {0, 1}),
    ],
)
def test_value_is_compared_with_alarm_operator(comparison: str, breaching: set[int]) -> None:
    alarm = build_rule(comparison=comparison, evaluation_periods=1, datapoints_to_alarm=1)
    last = NOW // MINUTE * MINUTE - MINUTE
    results = {
        value
        for value in (0, 1, 2)
        if evaluate(alarm, {last: float(value)}, now_seconds=NOW, current=AlarmState.OK) is AlarmState.ALARM
    }
    assert results == breaching
