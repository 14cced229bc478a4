"""The dashboard shows what the code emits, all of it and nothing else."""

import json
import re
from collections.abc import Iterator
from typing import Any

from cognito_failover.core.replication_lag import LagState
from cognito_failover.core.verdict import Verdict
from cognito_failover.telemetry.metrics import NAMESPACE, MetricSet, build_round_metrics
from sandbox.dashboards import validate_dashboard
from tests.unit.notifications import examples
from tests.unit.template.rendering import ACCOUNT, ALARMS, STANDBY_REGION, Rendering, list_alarms, load_resources
from tests.unit.template.test_stack import list_metrics

type ShownMetric = tuple[str, frozenset[tuple[str, str]]]

RENDERING = Rendering()
BODY = RENDERING.get_resource("Dashboard")["DashboardBody"]
WIDGETS: list[dict[str, Any]] = json.loads(BODY)["widgets"]
SERVICE = "cognito-failover-controller"
_SEARCH = re.compile(
    rf"SEARCH\('\{{CognitoFailover,(?P<names>[\w,]+)\}} service=\"{SERVICE}\" MetricName=\"(?P<name>\w+)\"'"
)
_DIMENSIONS = re.compile(r"Dim\.(\w+)")


def list_emitted_metrics() -> set[ShownMetric]:
    """Return every metric of rounds in which all is there to measure, at the end of a move, of any verdict."""
    fresh = LagState(lag_seconds=1.0, measured_at=examples.NOW)
    remembered = examples.make_state(lag_state=fresh, undelivered_events=(examples.make_event(),))
    readings = [examples.make_reading(verdict, target_latency_seconds=0.1) for verdict in Verdict]
    reports = [examples.make_round_result(primary=reading, standby=reading, state=remembered) for reading in readings]
    return {
        (metric.name, get_dimensions(metric_set))
        for report in reports
        for metric_set in build_round_metrics(report, examples.make_settings(), took_seconds=1.0)
        for metric in metric_set.metrics
    }


def get_dimensions(metric_set: MetricSet) -> frozenset[tuple[str, str]]:
    return frozenset({("service", SERVICE), *metric_set.dimensions.items()})


def list_widget_lines() -> Iterator[list[Any]]:
    """Yield each line of each graph, without its options."""
    for widget in WIDGETS:
        for metric in widget["properties"].get("metrics", ()):
            yield metric[:-1] if isinstance(metric[-1], dict) else metric


def list_widget_options() -> list[dict[str, Any]]:
    """Return how each line is drawn, where something is said of that."""
    metrics = [metric for widget in WIDGETS for metric in widget["properties"].get("metrics", ())]
    return [metric[-1] for metric in metrics if isinstance(metric[-1], dict)]


def list_shown_metrics() -> set[ShownMetric]:
    named = [line for line in list_widget_lines() if line and line[0] == NAMESPACE]
    return {(line[1], frozenset(zip(line[2::2], line[3::2], strict=True))) for line in named}


def list_searched_metrics() -> set[tuple[str, frozenset[str]]]:
    """Return the names and dimensions of metrics that are searched for."""
    found = [_SEARCH.match(each["expression"]) for each in list_widget_options() if "expression" in each]
    return {(each["name"], frozenset(each["names"].split(","))) for each in found if each}


def get_alarm_arn(logical: str) -> str:
    name = RENDERING.get_resource(logical)["AlarmName"]
    return f"arn:aws:cloudwatch:{STANDBY_REGION}:{ACCOUNT}:alarm:{name}"


def test_dashboard_matches_cloudwatch_schema() -> None:
    assert validate_dashboard(BODY) == []


def test_only_emitted_metrics_are_shown() -> None:
    assert list_shown_metrics() - list_emitted_metrics() == set()
    assert (
        list_searched_metrics()
        - {(name, frozenset(key for key, _ in dimensions)) for name, dimensions in list_emitted_metrics()}
        == set()
    )
    assert len(list_searched_metrics()) == 3


def test_every_emitted_metric_is_shown_or_alarmed() -> None:
    alarmed = {
        (metric["MetricName"], frozenset((each["Name"], each["Value"]) for each in metric["Dimensions"]))
        for alarm in map(RENDERING.get_resource, list_alarms())
        for metric in list_metrics(alarm)
    }
    found = {
        (name, dimensions)
        for name, dimensions in list_emitted_metrics()
        if (name, frozenset(key for key, _ in dimensions)) in list_searched_metrics()
    }

    assert list_emitted_metrics() - list_shown_metrics() - alarmed - found == set()


def test_every_unconditional_alarm_is_shown() -> None:
    [alarms] = [widget["properties"]["alarms"] for widget in WIDGETS if widget["type"] == "alarm"]
    conditions = {name: load_resources()[name].get("Condition") for name in ALARMS}
    always = [name for name, condition in conditions.items() if condition in {None, "HasPreflight"}]

    assert sorted(alarms) == sorted(get_alarm_arn(name) for name in always)


def test_dashboard_without_preflight_shows_no_preflight_alarm() -> None:
    body = json.loads(Rendering(DeployPreflight="false").get_resource("Dashboard")["DashboardBody"])
    [alarms] = [widget["properties"]["alarms"] for widget in body["widgets"] if widget["type"] == "alarm"]

    assert alarms
    assert get_alarm_arn("PreflightFailedAlarm") not in alarms


def test_search_labels_use_searched_dimensions() -> None:
    searched_labels = [each["label"] for each in list_widget_options() if "expression" in each]

    assert {tuple(_DIMENSIONS.findall(label)) for label in searched_labels} == {("region", "observer")}


def test_shown_functions_exist_in_stack() -> None:
    of_lambda = [line for line in list_widget_lines() if line and line[0] == "AWS/Lambda"]

    assert {tuple(line[2:]) for line in of_lambda} == {("FunctionName", "Controller")}


def test_widgets_do_not_overlap() -> None:
    covered: set[tuple[int, int]] = set()
    for widget in WIDGETS:
        columns = range(widget["x"], widget["x"] + widget["width"])
        rows = range(widget["y"], widget["y"] + widget["height"])
        cells = {(column, row) for column in columns for row in rows}
        assert not cells & covered, widget["properties"].get("title")
        covered |= cells
