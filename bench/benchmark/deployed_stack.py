"""The resources of the templates that cost money by existing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from bench.steady_state_metrics import count_controller_metrics, count_observer_metrics, count_preflight_metrics
from failoverctl.cost.deployed import DeployedResources, StackResources

ROOT = Path(__file__).parents[2]


class _CloudFormationLoader(yaml.SafeLoader):
    """A YAML loader that reads CloudFormation's short forms, such as ``!Sub``, as their arguments."""


def _construct_argument(loader: yaml.SafeLoader, _name: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    raise yaml.constructor.ConstructorError(problem="a short form with a mapping", problem_mark=node.start_mark)


_CloudFormationLoader.add_multi_constructor("!", _construct_argument)


def read_deployed() -> DeployedResources:
    """Return the resources of the templates, with the number of metrics that their functions write."""
    return DeployedResources(
        controller=read_stack(ROOT / "template.yaml", metrics=count_controller_metrics() + count_preflight_metrics()),
        observer=read_stack(ROOT / "infra" / "observer.yaml", metrics=count_observer_metrics()),
    )


def read_stack(path: Path, *, metrics: int) -> StackResources:
    """Return the resources of a template and its nested templates, including all optional parts.

    Parameters
    ----------
    path
        The template.
    metrics
        The number of metrics that its functions write.

    """
    template = _load_template(path)
    defaults = {name: parameter.get("Default") for name, parameter in template["Parameters"].items()}
    resources = list(_list_resources(path))
    # The latch's alarms have no name and exist only with LatchType=metric.
    alarms = [resource["Properties"] for resource in resources if resource["Type"] == "AWS::CloudWatch::Alarm"]
    alarms = [alarm for alarm in alarms if "AlarmName" in alarm]
    kinds = [resource["Type"] for resource in resources]
    return StackResources(
        metrics=metrics,
        alarm_metrics=sum(map(_count_metrics, alarms)),
        composite_alarms=kinds.count("AWS::CloudWatch::CompositeAlarm"),
        dashboards=kinds.count("AWS::CloudWatch::Dashboard"),
        log_retention_days=int(defaults["LogRetentionDays"]),
        memory_mb=int(defaults["MemorySizeMb"]),
        interval_seconds=int(defaults["RoundIntervalSeconds"]),
    )


def _load_template(path: Path) -> dict[str, Any]:
    template: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=_CloudFormationLoader)  # noqa: S506 - a SafeLoader
    return template


def _list_resources(path: Path) -> Iterator[dict[str, Any]]:
    for resource in _load_template(path)["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Application":
            yield from _list_resources(path.parent / resource["Properties"]["Location"])
        else:
            yield resource


def _count_metrics(alarm: dict[str, Any]) -> int:
    return sum("MetricStat" in query for query in alarm["Metrics"]) if "Metrics" in alarm else 1
