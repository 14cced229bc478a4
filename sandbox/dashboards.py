"""Validation of a CloudWatch dashboard body. Source: "Dashboard body structure and syntax" in the API reference."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

_COLUMNS = 24
_MAX_HEIGHT = 1000
_MAX_WIDGETS = 500
_MAX_ALARMS = 100

_BODY_FIELDS = {"widgets", "start", "end", "periodOverride", "variables"}
_WIDGET_FIELDS = {"type", "x", "y", "width", "height", "properties"}
_VIEWS = {"timeSeries", "singleValue", "gauge", "bar", "pie", "table"}
_PROPERTIES = {
    "metric": {"accountId", "annotations", "legend", "liveData", "metrics", "period", "region", "setPeriodToTimeRange"}
    | {
        "singleValueFullPrecision",
        "sparkline",
        "stacked",
        "stat",
        "table",
        "timezone",
        "title",
        "trend",
        "view",
        "yAxis",
    },
    "alarm": {"alarms", "sortBy", "states", "title"},
    "text": {"background", "markdown"},
    "log": {"accountId", "query", "region", "stacked", "title", "view", "queryLanguage"},
    "explorer": {"aggregateBy", "labels", "metrics", "period", "splitBy", "title", "widgetOptions"},
}
_REQUIRED_PROPERTIES = {"metric": {"region"}, "alarm": {"alarms"}, "text": {"markdown"}, "log": {"query", "region"}}
_METRIC_OPTIONS = {"accountId", "color", "expression", "id", "label", "period", "region", "stat", "visible", "yAxis"}


def validate_dashboard(body: str) -> list[str]:
    """Return the problems of a dashboard's body, one sentence each."""
    try:
        dashboard = json.loads(body)
    except ValueError as error:
        return [f"The dashboard body is not valid JSON: {error}"]
    if not isinstance(dashboard, dict) or not isinstance(dashboard.get("widgets"), list):
        return ["The dashboard body must be an object with an array 'widgets'."]
    return list(_validate_body(dashboard))


def _validate_body(dashboard: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"/{name}: unknown field" for name in sorted(dashboard.keys() - _BODY_FIELDS))
    if dashboard.get("periodOverride", "auto") not in {"auto", "inherit"}:
        yield "/periodOverride: must be auto or inherit"
    if len(dashboard["widgets"]) > _MAX_WIDGETS:
        yield f"/widgets: at most {_MAX_WIDGETS}"
    for number, widget in enumerate(dashboard["widgets"]):
        yield from (f"/widgets/{number}{problem}" for problem in _validate_widget(widget))


def _validate_widget(widget: Mapping[str, Any]) -> Iterator[str]:
    kind, properties = widget.get("type"), widget.get("properties")
    if kind not in _PROPERTIES or not isinstance(properties, dict):
        yield f": must have properties and one of the types {', '.join(sorted(_PROPERTIES))}"
        return
    yield from (f"/{name}: unknown field" for name in sorted(widget.keys() - _WIDGET_FIELDS))
    x, width, height = widget.get("x", 0), widget.get("width", 6), widget.get("height", 6)
    if not (
        0 <= x < _COLUMNS and 1 <= width <= _COLUMNS - x and 1 <= height <= _MAX_HEIGHT and widget.get("y", 0) >= 0
    ):
        yield f": does not fit into {_COLUMNS} columns"
    yield from (f"/properties/{name}: unknown field" for name in sorted(properties.keys() - _PROPERTIES[kind]))
    missing = _REQUIRED_PROPERTIES.get(kind, set()) - properties.keys()
    yield from (f"/properties/{name}: must be given" for name in sorted(missing))
    if kind == "metric":
        yield from _validate_metric_widget(properties)
    if kind == "alarm" and len(properties.get("alarms", ())) > _MAX_ALARMS:
        yield f"/properties/alarms: at most {_MAX_ALARMS}"


def _validate_metric_widget(properties: Mapping[str, Any]) -> Iterator[str]:
    if not properties.get("metrics") and not properties.get("annotations", {}).get("alarms"):
        yield "/properties: metrics, or an alarm in annotations, must be given"
    if properties.get("view", "timeSeries") not in _VIEWS:
        yield f"/properties/view: must be one of {', '.join(sorted(_VIEWS))}"
    for number, metric in enumerate(properties.get("metrics", ())):
        yield from (f"/properties/metrics/{number}{problem}" for problem in _validate_metric(metric))


def _validate_metric(metric: Any) -> Iterator[str]:
    if not isinstance(metric, list) or not metric:
        yield ": must be an array"
        return
    options = metric[-1] if isinstance(metric[-1], dict) else {}
    names = metric[:-1] if options else metric
    yield from (f": unknown option {name}" for name in sorted(options.keys() - _METRIC_OPTIONS))
    if not all(isinstance(name, str) for name in names):
        yield ": namespace, name and dimensions must be text"
    if names and "expression" in options:
        yield ": is a metric or an expression, not both"
    # Namespace and name, then pairs of dimension name and value.
    if (not names and "expression" not in options) or len(names) % 2:
        yield ": must have a namespace, a name, and for each dimension a name and a value"
