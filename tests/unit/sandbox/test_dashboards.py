import json
from typing import Any

import pytest

from sandbox.dashboards import validate_dashboard


def build_metric_body(**properties: Any) -> str:
    usual = {"metrics": [["AWS/Lambda", "Errors", "FunctionName", "one"]], "region": "us-east-1"}
    widget = {"type": "metric", "x": 0, "y": 0, "width": 12, "height": 6, "properties": {**usual, **properties}}
    return json.dumps({"start": "-PT3H", "periodOverride": "inherit", "widgets": [widget]})


def build_widget_body(widget: Any, **dashboard: Any) -> str:
    return json.dumps({"widgets": [widget], **dashboard})


@pytest.mark.parametrize(
    "dashboard",
    [
        '{"widgets": []}',
        build_metric_body(view="singleValue", stat="Sum", title="Errors", sparkline=True),
        build_metric_body(
            metrics=[["AWS/Lambda", "Errors", {"label": "errors"}], [{"expression": "m1 / 2", "id": "e1"}]]
        ),
        build_metric_body(metrics=[], annotations={"alarms": ["arn"]}),
        build_widget_body({"type": "text", "properties": {"markdown": "# Hello"}}),
        build_widget_body({"type": "alarm", "properties": {"alarms": ["arn"], "title": "Alarms"}}),
    ],
)
def test_documented_body_is_accepted(dashboard: str) -> None:
    assert validate_dashboard(dashboard) == []


@pytest.mark.parametrize(
    ("dashboard", "words"),
    [
        ("{", "not valid JSON"),
        ("[]", "array 'widgets'"),
        ('{"widgets": {}}', "array 'widgets'"),
        (build_widget_body({"type": "text", "properties": {"markdown": ""}}, colour="blue"), "/colour: unknown field"),
        (build_widget_body({"type": "text", "properties": {"markdown": ""}}, periodOverride="on"), "auto or inherit"),
        (build_widget_body({"type": "picture", "properties": {}}), "one of the types"),
        (build_widget_body({"type": "text", "properties": {"markdown": ""}, "colour": "blue"}), "/widgets/0/colour"),
        (build_widget_body({"type": "text", "x": 20, "width": 6, "properties": {"markdown": ""}}), "24 columns"),
        (build_widget_body({"type": "text", "properties": {}}), "/properties/markdown: must be given"),
        (build_widget_body({"type": "alarm", "properties": {"alarms": ["arn"] * 101}}), "at most 100"),
        (build_metric_body(colour="blue"), "/properties/colour: unknown field"),
        (build_metric_body(metrics=[]), "metrics, or an alarm"),
        (build_metric_body(view="cube"), "/properties/view"),
        (build_metric_body(metrics=["Errors"]), "must be an array"),
        (build_metric_body(metrics=[["AWS/Lambda"]]), "must have a namespace, a name"),
        (build_metric_body(metrics=[["AWS/Lambda", "Errors", "FunctionName"]]), "must have a namespace, a name"),
        (build_metric_body(metrics=[["AWS/Lambda", 1]]), "must be text"),
        (build_metric_body(metrics=[["AWS/Lambda", "Errors", {"colour": "blue"}]]), "unknown option colour"),
        (build_metric_body(metrics=[["AWS/Lambda", "Errors", {"expression": "m1"}]]), "not both"),
        (json.dumps({"widgets": [{"type": "text", "properties": {"markdown": ""}}] * 501}), "at most 500"),
    ],
)
def test_invalid_body_is_rejected_with_reason(dashboard: str, words: str) -> None:
    assert words in "; ".join(validate_dashboard(dashboard))
