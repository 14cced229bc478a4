import json

import pytest

from sandbox.embedded_metrics import MetricDatum, parse_embedded_metrics

LINE = {
    "_aws": {
        "Timestamp": 1,
        "CloudWatchMetrics": [
            {
                "Namespace": "CognitoFailover",
                "Dimensions": [["service"], ["service", "region"]],
                "Metrics": [{"Name": "LoginLatency", "Unit": "Milliseconds"}, {"Name": "Rounds"}],
            }
        ],
    },
    "service": "controller",
    "region": "us-east-1",
    "LoginLatency": [80, 90],
    "Rounds": 1,
}


def test_each_value_is_published_under_each_set_of_dimensions() -> None:
    log = f"START RequestId: 1\n{json.dumps(LINE)}\nEND"
    published = list(parse_embedded_metrics(log))
    assert len(published) == 6
    assert published[0] == MetricDatum(
        namespace="CognitoFailover",
        name="LoginLatency",
        unit="Milliseconds",
        value=80,
        dimensions={"service": "controller"},
        at_seconds=0.001,
    )
    assert published[-1].dimensions == {"service": "controller", "region": "us-east-1"}
    assert published[-1].unit == "None"


@pytest.mark.parametrize("line", ["", "plain text", '{"message": "no metrics"}', '{"_aws": broken', '{"_aws": {}}'])
def test_other_lines_publish_nothing(line: str) -> None:
    assert list(parse_embedded_metrics(line)) == []


def test_value_has_timestamp_of_its_line() -> None:
    assert {datum.at_seconds for datum in parse_embedded_metrics(json.dumps(LINE))} == {0.001}
    without = {**LINE, "_aws": {"CloudWatchMetrics": LINE["_aws"]["CloudWatchMetrics"]}}  # type: ignore[index] # JSON
    assert {datum.at_seconds for datum in parse_embedded_metrics(json.dumps(without))} == {None}
