"""The dashboard shows what the code emits, all of it and nothing else."""

import json
import re
from collections.abc import Iterator
from typing import Any

from failover.decision.freshness import Freshness
from failover.probe.verdict import Verdict
from failover.signals.metrics import NAMESPACE, MetricSet, measure
from sandbox.dashboards import problems_of
from tests.unit.signals import examples
from tests.unit.template.rendering import ALARMS, Rendering, alarms_in, load
from tests.unit.template.test_stack import metrics_of

type Shown = tuple[str, frozenset[tuple[str, str]]]

RENDERING = Rendering()
BODY = RENDERING.resource("Dashboard")["DashboardBody"]
WIDGETS: list[dict[str, Any]] = json.loads(BODY)["widgets"]
SERVICE = "cognito-failover-controller"
_SEARCH = re.compile(
    rf"SEARCH\('\{{CognitoFailover,(?P<names>[\w,]+)\}} service=\"{SERVICE}\" MetricName=\"(?P<name>\w+)\"'"
)
_DIMENSIONS = re.compile(r"Dim\.(\w+)")


def emitted() -> set[Shown]:
    """Return every metric of rounds in which all is there to measure, at the end of a move, of any verdict."""
    fresh = Freshness(lag_seconds=1.0, measured_at=examples.NOW)
    remembered = examples.state(freshness=fresh, untold=(examples.announcement(),))
    readings = [examples.reading(verdict, target_latency_seconds=0.1) for verdict in Verdict]
    reports = [examples.report(primary=reading, standby=reading, state=remembered) for reading in readings]
    return {
        (metric.name, dimensions_of(metric_set))
        for report in reports
        for metric_set in measure(report, examples.settings(), took_seconds=1.0)
        for metric in metric_set.metrics
    }


def dimensions_of(metric_set: MetricSet) -> frozenset[tuple[str, str]]:
    return frozenset({("service", SERVICE), *metric_set.dimensions.items()})


def lines() -> Iterator[list[Any]]:
    """Yield each line of each graph, without its options."""
    for widget in WIDGETS:
        for metric in widget["properties"].get("metrics", ()):
            yield metric[:-1] if isinstance(metric[-1], dict) else metric


def options() -> list[dict[str, Any]]:
    """Return how each line is drawn, where something is said of that."""
    metrics = [metric for widget in WIDGETS for metric in widget["properties"].get("metrics", ())]
    return [metric[-1] for metric in metrics if isinstance(metric[-1], dict)]


def shown() -> set[Shown]:
    named = [line for line in lines() if line and line[0] == NAMESPACE]
    return {(line[1], frozenset(zip(line[2::2], line[3::2], strict=True))) for line in named}


def searched() -> set[tuple[str, frozenset[str]]]:
    """Return the names and dimensions of metrics that are searched for."""
    found = [_SEARCH.match(each["expression"]) for each in options() if "expression" in each]
    return {(each["name"], frozenset(each["names"].split(","))) for each in found if each}


def test_it_is_one_as_cloudwatch_documents_it() -> None:
    assert problems_of(BODY) == []


def test_nothing_is_shown_that_is_not_emitted() -> None:
    assert shown() - emitted() == set()
    assert searched() - {(name, frozenset(key for key, _ in dimensions)) for name, dimensions in emitted()} == set()
    assert len(searched()) == 3


def test_whatever_is_emitted_is_shown_or_alarmed() -> None:
    alarmed = {
        (metric["MetricName"], frozenset((each["Name"], each["Value"]) for each in metric["Dimensions"]))
        for alarm in map(RENDERING.resource, alarms_in())
        for metric in metrics_of(alarm)
    }
    found = {
        (name, dimensions)
        for name, dimensions in emitted()
        if (name, frozenset(key for key, _ in dimensions)) in searched()
    }

    assert emitted() - shown() - alarmed - found == set()


def test_it_shows_every_alarm_that_is_always_there() -> None:
    [alarms] = [widget["properties"]["alarms"] for widget in WIDGETS if widget["type"] == "alarm"]
    always = [name for name in ALARMS if "Condition" not in load()["Resources"][name]]

    assert sorted(alarms) == sorted(f"{name}.Arn" for name in always)


def test_a_label_names_the_dimensions_that_a_search_has() -> None:
    searched_labels = [each["label"] for each in options() if "expression" in each]

    assert {tuple(_DIMENSIONS.findall(label)) for label in searched_labels} == {("region", "observer")}


def test_the_functions_it_shows_are_the_stacks() -> None:
    of_lambda = [line for line in lines() if line and line[0] == "AWS/Lambda"]

    assert {tuple(line[2:]) for line in of_lambda} == {("FunctionName", "Controller")}


def test_no_widget_covers_another() -> None:
    covered: set[tuple[int, int]] = set()
    for widget in WIDGETS:
        columns = range(widget["x"], widget["x"] + widget["width"])
        rows = range(widget["y"], widget["y"] + widget["height"])
        cells = {(column, row) for column in columns for row in rows}
        assert not cells & covered, widget["properties"].get("title")
        covered |= cells
