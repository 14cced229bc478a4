"""Two stacks in one account, even in one Region, do not touch or watch each other's resources."""

from typing import Any

from tests.unit.template.rendering import load_resources

DASHBOARD_ONLY = {"DisplayName"}
GROUPED_SCHEDULES = "AWS::Scheduler::Schedule"
NAMED_WITHIN_ANOTHER = {GROUPED_SCHEDULES, "AWS::Lambda::Alias"}
"""Types whose names are unique within their group or their function."""
RESOURCES: dict[str, dict[str, Any]] = load_resources()


def list_given_names() -> dict[str, Any]:
    """Return all explicit names of resources in the template, by resource and property."""
    return {
        f"{logical}.{name}": value
        for logical, resource in RESOURCES.items()
        for name, value in resource.get("Properties", {}).items()
        if name == "Name" or (name.endswith("Name") and name not in DASHBOARD_ONLY | {"MetricName"})
        if not (resource["Type"] in NAMED_WITHIN_ANOTHER and name == "Name")
    }


def is_derived_from_stack_name(name: Any) -> bool:
    """Return whether a name contains the stack's name, or refers to another resource of the stack."""
    return isinstance(name, dict) and (
        any(stack in name.get("Fn::Sub", "") for stack in STACK_NAMES) or name.get("Ref") in OWN
    )


STACK_NAMES = ("${AWS::StackName}", "${RootStackName}")
OWN = {"AWS::StackName", "RootStackName", "ControllerName", "ReporterArn", "ReporterName", *RESOURCES}


def test_given_names_contain_stack_name() -> None:
    assert [where for where, name in list_given_names().items() if not is_derived_from_stack_name(name)] == []
    assert len(list_given_names()) > 30


def test_schedules_with_fixed_names_are_in_stack_group() -> None:
    groups = [each["Properties"]["GroupName"] for each in RESOURCES.values() if each["Type"] == GROUPED_SCHEDULES]

    assert groups == [{"Ref": "ScheduleGroup"}] * 3
    assert RESOURCES["ScheduleGroup"]["Properties"]["Name"] == {"Ref": "RootStackName"}


def test_alarmed_custom_metrics_are_of_the_stack() -> None:
    dimensions = [
        each
        for resource in RESOURCES.values()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
        for each in resource["Properties"].get("Dimensions", ())
        if each["Name"] == "service"
    ]

    assert len(dimensions) > 10
    assert all(is_derived_from_stack_name(each["Value"]) for each in dimensions)
