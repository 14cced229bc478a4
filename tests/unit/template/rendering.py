"""The template and its nested ones as CloudFormation sees them, with their functions evaluated for given parameters."""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import yaml

TEMPLATE = Path(__file__).parents[3] / "template.yaml"
INFRA = TEMPLATE.parent / "infra"
STANDBY_REGION = "us-east-1"
ACCOUNT = "123456789012"

REQUIRED_PARAMETERS = {
    "PrimaryRegion": "ap-northeast-1",
    "UserPoolId": "ap-northeast-1_AbCdEfGhI",
    "ClientId": "1h57kf5cpq17m0eml12EXAMPLE",
    "CanarySecretArn": f"arn:aws:secretsmanager:{STANDBY_REGION}:{ACCOUNT}:secret:canary-AbCdEf",
    "HostedZoneId": "Z0123456789ABCDEFGHIJ",
}
"""Example values of the parameters without a default."""

RECORDS = {
    "DomainName": "auth.example.com",
    "PrimaryTarget": "primary.target.example.com",
    "StandbyTarget": "standby.target.example.com",
}
"""Example values for moving a domain's records, the usual case."""

MANAGED_LOGIN = {"ManagedLoginDomain": "login.example.com"}
"""An example value for moving Cognito's own domain."""

DOMAIN_ONLY = {**dict.fromkeys(RECORDS, ""), **MANAGED_LOGIN}
"""Example values for moving Cognito's own domain only."""

_NO_VALUE = object()


class _TemplateLoader(yaml.SafeLoader):
    """Reads short forms such as ``!Sub`` as their long forms."""


def _construct_function(loader: yaml.Loader, name: str, node: yaml.Node) -> dict[str, Any]:
    match node:
        case yaml.ScalarNode():
            argument: Any = loader.construct_scalar(node)
        case yaml.SequenceNode():
            argument = loader.construct_sequence(node, deep=True)
        case _:
            raise ValueError(f"!{name} takes a string or a list")
    return {name if name == "Ref" else f"Fn::{name}": argument}


_TemplateLoader.add_multi_constructor("!", _construct_function)


@cache
def load_template(path: Path = TEMPLATE) -> dict[str, Any]:
    """Return a template with every function in its long form. It is read once; do not change it."""
    document = yaml.load(path.read_text(encoding="utf-8"), Loader=_TemplateLoader)  # noqa: S506 - a SafeLoader
    assert isinstance(document, dict)
    return document


_FUNCTION = "AWS::Serverless::Function"
_NESTED_STACK = "AWS::Serverless::Application"


def list_nested_templates(path: Path = TEMPLATE) -> dict[str, Path]:
    """Return the templates of a template's nested stacks, by logical id."""
    return {
        logical: path.parent / resource["Properties"]["Location"]
        for logical, resource in load_template(path)["Resources"].items()
        if resource["Type"] == _NESTED_STACK
    }


@cache
def load_resources(path: Path = TEMPLATE) -> dict[str, dict[str, Any]]:
    """Return the resources of a template, with those of nested stacks in the place of these; not to be changed."""
    nested = list_nested_templates(path)
    resources: dict[str, dict[str, Any]] = {
        logical: resource for logical, resource in load_template(path)["Resources"].items() if logical not in nested
    }
    for child in nested.values():
        own = load_resources(child)
        assert not resources.keys() & own.keys(), "a logical id occurs twice"
        resources |= own
    return resources


class Rendering:
    """A template and its nested ones, deployed with these parameters and those that template.yaml requires.

    A resource's attribute is rendered as ``Resource.Attribute``, a reference to a resource as its logical id.
    """

    def __init__(self, path: Path = TEMPLATE, /, *, region: str = STANDBY_REGION, **parameters: str) -> None:
        self.template = load_template(path)
        self._values: dict[str, Any] = {
            "AWS::Region": region,
            "AWS::AccountId": ACCOUNT,
            "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::StackName": "cognito-failover",
            "AWS::StackId": f"arn:aws:cloudformation:{region}:{ACCOUNT}:stack/cognito-failover/1234",
            "AWS::NoValue": _NO_VALUE,
        }
        given = {**(REQUIRED_PARAMETERS | RECORDS if path == TEMPLATE else {}), **parameters}
        for name, declared in self.template["Parameters"].items():
            text = str(given.pop(name, declared.get("Default", "")))
            self._values[name] = text.split(",") if declared["Type"] == "CommaDelimitedList" else text
        assert not given, f"no such parameters: {', '.join(given)}"
        self._path = path
        self._nested_templates = list_nested_templates(path)

    def get_resource(self, name: str) -> dict[str, Any]:
        """Return the properties of a resource of this template or a nested one."""
        if name not in self.template["Resources"] or name in self._nested_templates:
            return self._find_nested_stack(name).get_resource(name)
        resource = self.template["Resources"][name]
        common = self.template.get("Globals", {}).get("Function", {}) if resource["Type"] == _FUNCTION else {}
        properties = self.evaluate({**common, **resource.get("Properties", {})})
        assert isinstance(properties, dict)
        return properties

    @property
    def deployed_resources(self) -> list[str]:
        """The resources that exist with these parameters, those of nested stacks included."""
        declared = self.template["Resources"].items()
        own = [name for name, each in declared if "Condition" not in each or self.is_condition_met(each["Condition"])]
        return [
            resource
            for name in own
            for resource in (
                self.get_nested_stack(name).deployed_resources if name in self._nested_templates else (name,)
            )
        ]

    @property
    def deployed_resource_types(self) -> dict[str, str]:
        """The types of the resources that exist with these parameters, by logical id."""
        declared = load_resources(self._path)
        return {name: declared[name]["Type"] for name in self.deployed_resources}

    def get_nested_stack(self, logical: str) -> "Rendering":
        """Return a nested stack with the parameters that this template passes to it."""
        given = self.evaluate(self.template["Resources"][logical]["Properties"]["Parameters"])
        assert all(isinstance(value, str) for value in given.values()), "CloudFormation accepts strings only"
        child = Rendering(self._nested_templates[logical], region=self._values["AWS::Region"], **given)
        child._values["AWS::StackName"] += f"-{logical}-1A2B3C4D5E6F7"
        return child

    def _find_nested_stack(self, resource: str) -> "Rendering":
        [logical] = [name for name, path in self._nested_templates.items() if resource in load_resources(path)]
        return self.get_nested_stack(logical)

    def _get_attribute(self, name: str) -> Any:
        logical, _, output = name.partition(".Outputs.")
        if not output:
            return name
        child = self.get_nested_stack(logical)
        declared = child.template["Outputs"][output]
        assert "Condition" not in declared or child.is_condition_met(declared["Condition"]), f"there is no {name}"
        return child.evaluate(declared["Value"])

    def read_environment(self, function: str) -> dict[str, str]:
        """Return the environment variables of a function."""
        everywhere = self.template["Globals"]["Function"]["Environment"]["Variables"]
        own = self.template["Resources"][function]["Properties"]["Environment"]["Variables"]
        return {name: str(value) for name, value in self.evaluate({**everywhere, **own}).items()}

    def list_rule_violations(self) -> list[str]:
        """Return the messages of the rules that refuse these parameters."""
        return [
            assertion["AssertDescription"]
            for rule in self.template["Rules"].values()
            for assertion in rule["Assertions"]
            if not self.evaluate(assertion["Assert"])
        ]

    def evaluate(self, node: Any) -> Any:
        """Evaluate a part of the template."""
        if isinstance(node, list):
            return [item for item in map(self.evaluate, node) if item is not _NO_VALUE]
        if not isinstance(node, dict):
            return node
        for name, argument in node.items():
            if name == "Ref" or name.startswith("Fn::"):
                return self._functions[name](argument)
        rendered = {key: self.evaluate(item) for key, item in node.items()}
        return {key: item for key, item in rendered.items() if item is not _NO_VALUE}

    @property
    def _functions(self) -> dict[str, Callable[[Any], Any]]:
        return {
            "Ref": lambda name: self._values.get(name, name),
            "Fn::GetAtt": self._get_attribute,
            "Fn::Sub": self._substitute,
            "Fn::Select": lambda args: self.evaluate(args[1])[int(args[0])],
            "Fn::Split": lambda args: self.evaluate(args[1]).split(args[0]),
            "Fn::Join": lambda args: args[0].join(self.evaluate(args[1])),
            "Fn::FindInMap": lambda args: self.template["Mappings"][args[0]][self.evaluate(args[1])][args[2]],
            "Fn::Condition": self.is_condition_met,
            "Fn::If": lambda args: self.evaluate(args[1] if self.is_condition_met(args[0]) else args[2]),
            "Fn::Equals": lambda args: str(self.evaluate(args[0])) == str(self.evaluate(args[1])),  # as texts
            "Fn::Contains": lambda args: self.evaluate(args[1]) in self.evaluate(args[0]),
            "Fn::Not": lambda args: not self.evaluate(args[0]),
            "Fn::And": lambda args: all(map(self.evaluate, args)),
            "Fn::Or": lambda args: any(map(self.evaluate, args)),
        }

    def is_condition_met(self, name: str) -> bool:
        """Return whether one of the template's conditions holds."""
        return bool(self.evaluate(self.template["Conditions"][name]))

    def _substitute(self, argument: str | list[Any]) -> str:
        text, given = (argument, {}) if isinstance(argument, str) else (argument[0], self.evaluate(argument[1]))
        values = {**self._values, **given}

        def replace(found: re.Match[str]) -> str:
            name = found[1]
            # An exclamation mark keeps the rest as it is.
            return f"${{{name[1:]}}}" if name.startswith("!") else str(values.get(name, name))

        return re.sub(r"\$\{([^}]+)\}", replace, text)


_STACK_NAME = re.compile(r"^\$\{(AWS::StackName|RootStackName)\}-")
_ALARM_TYPES = {"AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"}


def list_alarms(path: Path = TEMPLATE) -> dict[str, str]:
    """Return the alarms of a template and its nested ones by logical id: their names without the stack's.

    The latch's alarms are left out: they have no name in the template, and do not notify people.
    """
    return {
        logical: _STACK_NAME.sub("", resource["Properties"]["AlarmName"]["Fn::Sub"])
        for logical, resource in load_resources(path).items()
        if resource["Type"] in _ALARM_TYPES and "AlarmName" in resource["Properties"]
    }


def has_alarm_actions(path: Path, logical: str) -> bool:
    """Return whether an alarm notifies people. One that does not is a part of a composite alarm."""
    return "AlarmActions" in load_resources(path)[logical]["Properties"]


ALARMS = [logical for logical in list_alarms() if has_alarm_actions(TEMPLATE, logical)]
"""The controller's alarms that notify people."""
