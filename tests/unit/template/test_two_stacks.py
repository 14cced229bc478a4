"""Two pools in one account are two stacks, perhaps in one Region: neither touches or watches what is the other's."""

from typing import Any

from tests.unit.template.rendering import load

SHOWN_ONLY = {"DisplayName"}
IN_A_GROUP_OF_THE_STACK = "AWS::Scheduler::Schedule"
RESOURCES: dict[str, dict[str, Any]] = load()["Resources"]


def given_names() -> dict[str, Any]:
    """Return every name that the template gives to a resource, by resource and property."""
    return {
        f"{logical}.{name}": value
        for logical, resource in RESOURCES.items()
        for name, value in resource.get("Properties", {}).items()
        if name == "Name" or (name.endswith("Name") and name not in SHOWN_ONLY | {"MetricName"})
        if not (resource["Type"] == IN_A_GROUP_OF_THE_STACK and name == "Name")
    }


def is_of_the_stack(name: Any) -> bool:
    """Tell whether a name holds the stack's, or is that of another of its resources."""
    return isinstance(name, dict) and ("${AWS::StackName}" in name.get("Fn::Sub", "") or name.get("Ref") in OWN)


OWN = {"AWS::StackName", *RESOURCES}


def test_every_name_that_a_stack_gives_is_its_own() -> None:
    assert [where for where, name in given_names().items() if not is_of_the_stack(name)] == []
    assert len(given_names()) > 30


def test_schedules_whose_names_are_fixed_are_in_a_group_of_the_stack() -> None:
    groups = [each["Properties"]["GroupName"] for each in RESOURCES.values() if each["Type"] == IN_A_GROUP_OF_THE_STACK]

    assert groups == [{"Ref": "ScheduleGroup"}] * 3
    assert RESOURCES["ScheduleGroup"]["Properties"]["Name"] == {"Ref": "AWS::StackName"}


def test_every_metric_of_our_own_that_an_alarm_watches_is_of_the_stack() -> None:
    dimensions = [
        each
        for resource in RESOURCES.values()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
        for each in resource["Properties"].get("Dimensions", ())
        if each["Name"] == "service"
    ]

    assert len(dimensions) > 10
    assert all(is_of_the_stack(each["Value"]) for each in dimensions)
