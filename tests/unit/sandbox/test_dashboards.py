import json
from typing import Any

import pytest

from sandbox.dashboards import problems_of


def body(**properties: Any) -> str:
    usual = {"metrics": [["AWS/Lambda", "Errors", "FunctionName", "one"]], "region": "us-east-1"}
    widget = {"type": "metric", "x": 0, "y": 0, "width": 12, "height": 6, "properties": {**usual, **properties}}
    return json.dumps({"start": "-PT3H", "periodOverride": "inherit", "widgets": [widget]})


def of(widget: Any, **dashboard: Any) -> str:
    return json.dumps({"widgets": [widget], **dashboard})


@pytest.mark.parametrize(
    "dashboard",
    [
        '{"widgets": []}',
        body(view="singleValue", stat="Sum", title="Errors", sparkline=True),
        body(metrics=[["AWS/Lambda", "Errors", {"label": "errors"}], [{"expression": "m1 / 2", "id": "e1"}]]),
        body(metrics=[], annotations={"alarms": ["arn"]}),
        of({"type": "text", "properties": {"markdown": "# Hello"}}),
        of({"type": "alarm", "properties": {"alarms": ["arn"], "title": "Alarms"}}),
    ],
)
def test_a_body_as_documented_is_taken(dashboard: str) -> None:
    assert problems_of(dashboard) == []


@pytest.mark.parametrize(
    ("dashboard", "words"),
    [
        ("{", "not valid JSON"),
        ("[]", "array 'widgets'"),
        ('{"widgets": {}}', "array 'widgets'"),
        (of({"type": "text", "properties": {"markdown": ""}}, colour="blue"), "/colour: unknown field"),
        (of({"type": "text", "properties": {"markdown": ""}}, periodOverride="on"), "auto or inherit"),
        (of({"type": "picture", "properties": {}}), "one of the types"),
        (of({"type": "text", "properties": {"markdown": ""}, "colour": "blue"}), "/widgets/0/colour"),
        (of({"type": "text", "x": 20, "width": 6, "properties": {"markdown": ""}}), "24 columns"),
        (of({"type": "text", "properties": {}}), "/properties/markdown: must be given"),
        (of({"type": "alarm", "properties": {"alarms": ["arn"] * 101}}), "at most 100"),
        (body(colour="blue"), "/properties/colour: unknown field"),
        (body(metrics=[]), "metrics, or an alarm"),
        (body(view="cube"), "/properties/view"),
        (body(metrics=["Errors"]), "must be an array"),
        (body(metrics=[["AWS/Lambda"]]), "needs a namespace and a name"),
        (body(metrics=[["AWS/Lambda", "Errors", "FunctionName"]]), "needs a namespace and a name"),
        (body(metrics=[["AWS/Lambda", 1]]), "must be text"),
        (body(metrics=[["AWS/Lambda", "Errors", {"colour": "blue"}]]), "unknown option colour"),
        (body(metrics=[["AWS/Lambda", "Errors", {"expression": "m1"}]]), "not both"),
        (json.dumps({"widgets": [{"type": "text", "properties": {"markdown": ""}}] * 501}), "at most 500"),
    ],
)
def test_a_slip_is_found_and_named(dashboard: str, words: str) -> None:
    assert words in "; ".join(problems_of(dashboard))
