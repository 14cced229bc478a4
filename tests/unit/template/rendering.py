"""The template as CloudFormation sees it: its functions worked out for one set of parameters."""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import yaml

TEMPLATE = Path(__file__).parents[3] / "template.yaml"
STANDBY_REGION = "us-east-1"
ACCOUNT = "123456789012"

REQUIRED_PARAMETERS = {
    "PrimaryRegion": "ap-northeast-1",
    "UserPoolId": "ap-northeast-1_AbCdEfGhI",
    "ClientId": "1h57kf5cpq17m0eml12EXAMPLE",
    "CanarySecretArn": f"arn:aws:secretsmanager:{STANDBY_REGION}:{ACCOUNT}:secret:canary-AbCdEf",
    "HostedZoneId": "Z0123456789ABCDEFGHIJ",
}
"""An example of what only the person who deploys knows."""

RECORDS = {
    "DomainName": "auth.example.com",
    "PrimaryTarget": "primary.target.example.com",
    "StandbyTarget": "standby.target.example.com",
}
"""An example of what is given where a domain's records are moved, as is usual."""

MANAGED_LOGIN = {"ManagedLoginDomain": "login.example.com"}
"""An example of what is given where Cognito's own domain is moved."""

DOMAIN_ONLY = {**dict.fromkeys(RECORDS, ""), **MANAGED_LOGIN}
"""An example of what is given where nothing else is."""

_NO_VALUE = object()


class _TemplateLoader(yaml.SafeLoader):
    """Reads ``!Sub`` and its like in their long form."""


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
    """Return a template with every function in its long form; it is read once and not to be changed."""
    document = yaml.load(path.read_text(encoding="utf-8"), Loader=_TemplateLoader)  # noqa: S506 - a SafeLoader
    assert isinstance(document, dict)
    return document


class Rendering:
    """A template, deployed with these parameters beside the ones that the controller's requires.

    A resource's attribute is rendered as ``Resource.Attribute``, a reference to a resource as its logical name.
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

    def get_resource(self, name: str) -> dict[str, Any]:
        """Return a resource's properties."""
        properties = self.evaluate(self.template["Resources"][name].get("Properties", {}))
        assert isinstance(properties, dict)
        return properties

    @property
    def deployed_resources(self) -> list[str]:
        """The resources that there are with these parameters."""
        declared = self.template["Resources"].items()
        return [name for name, each in declared if "Condition" not in each or self.is_condition_met(each["Condition"])]

    def read_environment(self, function: str) -> dict[str, str]:
        """Return the environment variables of a function."""
        everywhere = self.template["Globals"]["Function"]["Environment"]["Variables"]
        own = self.template["Resources"][function]["Properties"]["Environment"]["Variables"]
        return {name: str(value) for name, value in self.evaluate({**everywhere, **own}).items()}

    def list_rule_violations(self) -> list[str]:
        """Return what the rules have against a deploy with these parameters."""
        return [
            assertion["AssertDescription"]
            for rule in self.template["Rules"].values()
            for assertion in rule["Assertions"]
            if not self.evaluate(assertion["Assert"])
        ]

    def evaluate(self, node: Any) -> Any:
        """Work out a part of the template."""
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
            "Fn::GetAtt": lambda name: name,
            "Fn::Sub": lambda text: re.sub(r"\$\{([^}]+)\}", self._substitute, text),
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
        """Tell whether one of the template's conditions holds."""
        return bool(self.evaluate(self.template["Conditions"][name]))

    def _substitute(self, found: re.Match[str]) -> str:
        if found[1].startswith("!"):  # is to stay as it is, without the exclamation mark
            return f"${{{found[1][1:]}}}"
        return str(self._values.get(found[1], found[1]))


_ALARM_TYPES = {"AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"}


def list_alarms(path: Path = TEMPLATE) -> dict[str, str]:
    """Return the alarms of a template by their logical names: their own, without the stack's.

    The latch's are left out: CloudFormation names them, and no person goes by them.
    """
    return {
        logical: each["Properties"]["AlarmName"]["Fn::Sub"].removeprefix("${AWS::StackName}-")
        for logical, each in load_template(path)["Resources"].items()
        if each["Type"] in _ALARM_TYPES and "AlarmName" in each["Properties"]
    }


def has_alarm_actions(path: Path, logical: str) -> bool:
    """Tell whether an alarm rings, rather than being a part of one that does."""
    return "AlarmActions" in load_template(path)["Resources"][logical]["Properties"]


ALARMS = [logical for logical in list_alarms() if has_alarm_actions(TEMPLATE, logical)]
"""The controller's alarms that tell people."""
