"""What the templates deploy, as far as it costs by being there."""

from pathlib import Path
from typing import Any

import yaml

from bench.steady_state_metrics import count_controller_metrics, count_observer_metrics, count_preflight_metrics
from failoverctl.cost.deployed import DeployedResources, StackResources

ROOT = Path(__file__).parents[2]


class _CloudFormationLoader(yaml.SafeLoader):
    """Reads CloudFormation's short forms, such as ``!Sub``, as their bare arguments: none is needed here."""


def _construct_argument(loader: yaml.SafeLoader, _name: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    raise yaml.constructor.ConstructorError(problem="a short form with a mapping", problem_mark=node.start_mark)


_CloudFormationLoader.add_multi_constructor("!", _construct_argument)


def read_deployed() -> DeployedResources:
    """Read the templates, and count what their functions measure."""
    return DeployedResources(
        controller=read_stack(ROOT / "template.yaml", metrics=count_controller_metrics() + count_preflight_metrics()),
        observer=read_stack(ROOT / "observer.yaml", metrics=count_observer_metrics()),
    )


def read_stack(path: Path, *, metrics: int) -> StackResources:
    """Read one template: what it deploys whatever is optional in it.

    Parameters
    ----------
    metrics
        How many its function writes.

    """
    template = yaml.load(path.read_text(encoding="utf-8"), Loader=_CloudFormationLoader)  # noqa: S506 - a SafeLoader
    defaults = {name: parameter.get("Default") for name, parameter in template["Parameters"].items()}
    resources = template["Resources"].values()
    # The latch's own, without a name, are there in its metric form only.
    alarms = [each["Properties"] for each in resources if each["Type"] == "AWS::CloudWatch::Alarm"]
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


def _count_metrics(alarm: dict[str, Any]) -> int:
    return sum("MetricStat" in query for query in alarm["Metrics"]) if "Metrics" in alarm else 1
