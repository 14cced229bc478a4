"""Nested stacks: created, updated, rolled back and deleted with their parent."""

import json
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.client import SandboxClient
from tests.support import load_scaling

REGION, TEMPLATES = "us-east-1", "nested-templates"
ALL_CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
_POLL_SECONDS = 0.05

TOPIC = {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Ref": "Label"}}}
FAILING = {"Type": "AWS::CloudWatch::CompositeAlarm", "Properties": {"AlarmRule": 'ALARM("absent")'}}
ROLE = {
    "Type": "AWS::IAM::Role",
    "Properties": {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []}},
}


def build_child(*, transform: str = "", **further: dict[str, Any]) -> str:
    template = {
        "Parameters": {"Label": {"Type": "String"}},
        "Resources": {"Topic": TOPIC, **further},
        "Outputs": {"TopicArn": {"Value": {"Ref": "Topic"}}},
    }
    return json.dumps({**template, "Transform": transform} if transform else template)


@dataclass
class ParentStack:
    """A stack with one nested stack, and a topic that needs the nested one's output."""

    sandbox: SandboxClient
    name: str = field(default_factory=lambda: f"parent-{uuid.uuid4().hex[:8]}")

    def __post_init__(self) -> None:
        self.cloudformation = self.sandbox.client("cloudformation", REGION)

    def build_body(self, child: str, *, label: str = "first", **further: dict[str, Any]) -> str:
        """Upload the nested template as sam does, and return the parent's."""
        key = f"{uuid.uuid4().hex}.template"
        self.sandbox.client("s3", REGION).put_object(Bucket=TEMPLATES, Key=key, Body=child.encode())
        nested = {
            "Type": "AWS::CloudFormation::Stack",
            "Condition": "HasNested",
            "Properties": {
                "TemplateURL": f"https://s3.{REGION}.amazonaws.com/{TEMPLATES}/{key}",
                "Parameters": {"Label": label},
            },
        }
        return json.dumps(
            {
                "Parameters": {"DeployNested": {"Type": "String", "Default": "true"}},
                "Conditions": {"HasNested": {"Fn::Equals": [{"Ref": "DeployNested"}, "true"]}},
                "Resources": {"Nested": nested, **further},
                "Outputs": {
                    "Topic": {
                        "Condition": "HasNested",
                        "Value": {"Fn::GetAtt": ["Nested", "Outputs.TopicArn"]},
                    }
                },
            }
        )

    def create(self, body: str, capabilities: list[str] = ALL_CAPABILITIES) -> str:
        self.cloudformation.create_stack(StackName=self.name, TemplateBody=body, Capabilities=capabilities)
        return self.wait_until_settled()

    def update(self, body: str, **parameters: str) -> str:
        given = [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]
        self.cloudformation.update_stack(
            StackName=self.name, TemplateBody=body, Capabilities=ALL_CAPABILITIES, Parameters=given
        )
        return self.wait_until_settled()

    def delete(self) -> str:
        self.cloudformation.delete_stack(StackName=self.name)
        return self.wait_until_settled()

    def wait_until_settled(self) -> str:
        wait_until(lambda: not self._read_status().endswith("IN_PROGRESS"))
        return self._read_status()

    def _read_status(self) -> str:
        try:
            return str(self.cloudformation.describe_stacks(StackName=self.name)["Stacks"][0]["StackStatus"])
        except ClientError:
            return "DELETE_COMPLETE"

    def get_topic_arn(self) -> str | None:
        [stack] = self.cloudformation.describe_stacks(StackName=self.name)["Stacks"]
        return next((str(each["OutputValue"]) for each in stack.get("Outputs", ())), None)

    def get_nested_id(self) -> str:
        [nested] = self.cloudformation.describe_stack_resources(StackName=self.name, LogicalResourceId="Nested")[
            "StackResources"
        ]
        return str(nested["PhysicalResourceId"])

    def describe_nested(self, nested_id: str) -> dict[str, Any]:
        return dict(self.cloudformation.describe_stacks(StackName=nested_id)["Stacks"][0])

    def read_reasons(self) -> str:
        events = self.cloudformation.describe_stack_events(StackName=self.name)["StackEvents"]
        return " ".join(event.get("ResourceStatusReason", "") for event in events)

    def list_own_topics(self) -> dict[str, str]:
        """Return the display names of the topics of this stack and its nested one, by ARN."""
        sns = self.sandbox.client("sns", REGION)
        arns = [topic["TopicArn"] for topic in sns.list_topics()["Topics"] if self.name in topic["TopicArn"]]
        return {arn: sns.get_topic_attributes(TopicArn=arn)["Attributes"]["DisplayName"] for arn in arns}


def wait_until(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + load_scaling.get_wait_limit()
    while not condition():
        assert time.monotonic() < until
        time.sleep(_POLL_SECONDS)


@pytest.fixture(scope="module", autouse=True)
def _create_template_bucket(sandbox: SandboxClient) -> None:
    sandbox.client("s3", REGION).create_bucket(Bucket=TEMPLATES)


@pytest.fixture
def parent(sandbox: SandboxClient) -> Iterator[ParentStack]:
    stack = ParentStack(sandbox)
    yield stack
    stack.delete()


def test_outputs_of_nested_stack_reach_parent(parent: ParentStack) -> None:
    assert parent.create(parent.build_body(build_child())) == "CREATE_COMPLETE"

    topic_arn = parent.get_topic_arn()
    assert parent.list_own_topics() == {topic_arn: "first"}
    nested = parent.describe_nested(parent.get_nested_id())
    assert nested["StackStatus"] == "CREATE_COMPLETE"
    assert nested["StackName"].startswith(f"{parent.name}-Nested-")
    assert nested["Outputs"][0]["OutputValue"] == topic_arn


def test_changed_parameter_updates_nested_stack_in_place(parent: ParentStack) -> None:
    parent.create(parent.build_body(build_child()))
    nested_id, topic_arn = parent.get_nested_id(), parent.get_topic_arn()

    assert parent.update(parent.build_body(build_child(), label="second")) == "UPDATE_COMPLETE"

    assert parent.list_own_topics() == {topic_arn: "second"}
    assert parent.get_nested_id() == nested_id
    assert parent.describe_nested(nested_id)["StackStatus"] == "UPDATE_COMPLETE"


def test_condition_that_no_longer_holds_deletes_nested_stack(parent: ParentStack) -> None:
    body = parent.build_body(build_child())
    parent.create(body)
    nested_id = parent.get_nested_id()

    assert parent.update(body, DeployNested="false") == "UPDATE_COMPLETE"

    assert parent.list_own_topics() == {}
    assert parent.describe_nested(nested_id)["StackStatus"] == "DELETE_COMPLETE"
    assert parent.update(body, DeployNested="true") == "UPDATE_COMPLETE"
    assert list(parent.list_own_topics().values()) == ["first"]


def test_change_set_lists_what_condition_removes(parent: ParentStack) -> None:
    body = parent.build_body(build_child())
    parent.create(body)
    given = {"StackName": parent.name, "ChangeSetName": "without-nested"}
    parameters = [{"ParameterKey": "DeployNested", "ParameterValue": "false"}]

    parent.cloudformation.create_change_set(
        **given, TemplateBody=body, Parameters=parameters, Capabilities=ALL_CAPABILITIES
    )

    [change] = parent.cloudformation.describe_change_set(**given)["Changes"]
    assert (change["ResourceChange"]["Action"], change["ResourceChange"]["LogicalResourceId"]) == ("Remove", "Nested")


def test_failing_nested_create_rolls_parent_back(parent: ParentStack) -> None:
    assert parent.create(parent.build_body(build_child(Failing={**FAILING, "DependsOn": "Topic"}))) == (
        "ROLLBACK_COMPLETE"
    )

    assert parent.list_own_topics() == {}
    assert (
        "was not successfully created: The following resource(s) failed to create: [Failing]" in parent.read_reasons()
    )


def test_failing_nested_update_restores_nested_stack_and_parent(parent: ParentStack) -> None:
    parent.create(parent.build_body(build_child()))
    nested_id, topic_arn = parent.get_nested_id(), parent.get_topic_arn()
    failing = build_child(Failing={**FAILING, "DependsOn": "Topic"})

    assert parent.update(parent.build_body(failing, label="second")) == "UPDATE_ROLLBACK_COMPLETE"

    assert parent.list_own_topics() == {topic_arn: "first"}
    assert parent.get_nested_id() == nested_id
    assert "was not successfully updated. Currently in UPDATE_ROLLBACK_COMPLETE" in parent.read_reasons()


def test_later_failure_of_parent_reverts_nested_stack(parent: ParentStack) -> None:
    parent.create(parent.build_body(build_child()))
    topic_arn = parent.get_topic_arn()
    body = parent.build_body(build_child(), label="second", Failing={**FAILING, "DependsOn": "Nested"})

    assert parent.update(body) == "UPDATE_ROLLBACK_COMPLETE"

    assert parent.list_own_topics() == {topic_arn: "first"}


def test_deletion_keeps_what_nested_template_retains(parent: ParentStack) -> None:
    kept = {**TOPIC, "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
    parent.create(parent.build_body(build_child(Kept=kept)))
    assert len(parent.list_own_topics()) == 2

    assert parent.delete() == "DELETE_COMPLETE"

    [arn] = parent.list_own_topics()
    assert "-Kept-" in arn
    parent.sandbox.client("sns", REGION).delete_topic(TopicArn=arn)


@pytest.mark.parametrize(
    ("child", "missing"),
    [
        (build_child(Role=ROLE), "CAPABILITY_IAM"),
        (build_child(transform="AWS::Serverless-2016-10-31"), "CAPABILITY_AUTO_EXPAND"),
    ],
    ids=("role", "macro"),
)
def test_nested_stack_needs_capability_of_parent(parent: ParentStack, child: str, missing: str) -> None:
    given = [capability for capability in ALL_CAPABILITIES if capability != missing]

    assert parent.create(parent.build_body(child), given) == "ROLLBACK_COMPLETE"
    assert f"Requires capabilities : [{missing}]" in parent.read_reasons()


def test_nested_template_is_transformed(parent: ParentStack) -> None:
    layer = {"Type": "AWS::Serverless::SimpleTable"}

    child = build_child(transform="AWS::Serverless-2016-10-31", Table=layer)

    assert parent.create(parent.build_body(child)) == "CREATE_COMPLETE"
    resources = parent.cloudformation.describe_stack_resources(StackName=parent.get_nested_id())["StackResources"]
    assert "AWS::DynamoDB::Table" in {resource["ResourceType"] for resource in resources}


def test_unknown_parameter_is_refused(parent: ParentStack) -> None:
    child = json.loads(build_child())
    del child["Parameters"]
    child["Resources"]["Topic"] = {"Type": "AWS::SNS::Topic"}

    assert parent.create(parent.build_body(json.dumps(child))) == "ROLLBACK_COMPLETE"
    assert "Parameters: [Label] do not exist in the template" in parent.read_reasons()


def test_absent_template_is_refused(parent: ParentStack) -> None:
    body = json.loads(parent.build_body(build_child()))
    body["Resources"]["Nested"]["Properties"]["TemplateURL"] += ".absent"

    assert parent.create(json.dumps(body)) == "ROLLBACK_COMPLETE"
    assert "cannot be read" in parent.read_reasons()


def test_stack_policy_that_names_an_absent_resource_is_rejected(parent: ParentStack) -> None:
    parent.create(parent.build_body(build_child()))
    statement = {"Effect": "Deny", "Principal": "*", "Action": "Update:*"}

    def set_policy(name: str) -> None:
        policy = {"Statement": [{**statement, "Resource": f"LogicalResourceId/{name}"}]}
        parent.cloudformation.set_stack_policy(StackName=parent.name, StackPolicyBody=json.dumps(policy))

    set_policy("Nested")
    with pytest.raises(ClientError, match="Unknown logical id 'Absent'"):
        set_policy("Absent")
    assert "Nested" in parent.cloudformation.get_stack_policy(StackName=parent.name)["StackPolicyBody"]
