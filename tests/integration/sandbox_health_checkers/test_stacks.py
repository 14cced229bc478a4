"""A latch in a stack: bucket, policy and health check."""

import json
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from sandbox.client import SandboxClient
from tests.integration.sandbox_health_checkers.s3_latch import STANDBY, TIMEOUT_SECONDS, LatchClients

CHECKER_RANGE_CONDITION = {"IpAddress": {"aws:SourceIp": ["15.177.0.0/18"]}}


def build_template(
    *, interval_seconds: int = 10, policy: str = "Delete", condition: dict[str, Any] = CHECKER_RANGE_CONDITION
) -> str:
    policies = {"DeletionPolicy": policy, "UpdateReplacePolicy": policy.removesuffix("ExceptOnCreate")}
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": {"Fn::Sub": "${Bucket.Arn}/records"},
        "Condition": condition,
    }
    check = {
        "Type": "HTTPS_STR_MATCH",
        "FullyQualifiedDomainName": {"Fn::GetAtt": ["Bucket", "RegionalDomainName"]},
        "ResourcePath": "/records",
        "SearchString": "failed over",
        "RequestInterval": interval_seconds,
        "FailureThreshold": 1,
        "Inverted": True,
    }
    resources = {
        "Bucket": {"Type": "AWS::S3::Bucket", **policies},
        "Policy": {
            "Type": "AWS::S3::BucketPolicy",
            "Properties": {
                "Bucket": {"Ref": "Bucket"},
                "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]},
            },
        },
        "Check": {"Type": "AWS::Route53::HealthCheck", **policies, "Properties": {"HealthCheckConfig": check}},
    }
    outputs = {"Bucket": {"Value": {"Ref": "Bucket"}}, "Check": {"Value": {"Fn::GetAtt": ["Check", "HealthCheckId"]}}}
    return json.dumps({"Resources": resources, "Outputs": outputs})


@dataclass
class LatchStack:
    """A stack for one test, in the standby Region."""

    cloudformation: Any
    name: str = field(default_factory=lambda: f"latch-{uuid.uuid4().hex[:8]}")

    def create(self, body: str) -> str:
        """Create the stack and return its final status."""
        self.cloudformation.create_stack(StackName=self.name, TemplateBody=body)
        return self.wait_until_settled()

    def update(self, body: str) -> str:
        """Update the stack and return its final status."""
        self.cloudformation.update_stack(StackName=self.name, TemplateBody=body)
        return self.wait_until_settled()

    def delete(self) -> str:
        """Delete the stack and return its final status."""
        stack_id = self.describe()["StackId"]
        self.cloudformation.delete_stack(StackName=self.name)
        return self.wait_until_settled(stack_id)

    def wait_until_settled(self, stack_id: str | None = None) -> str:
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while (status := str(self.describe(stack_id)["StackStatus"])).endswith("IN_PROGRESS"):
            assert time.monotonic() < deadline, status
            time.sleep(0.05)
        return status

    def describe(self, stack_id: str | None = None) -> dict[str, Any]:
        """Return the stack's description."""
        stacks = self.cloudformation.describe_stacks(StackName=stack_id or self.name)["Stacks"]
        return dict(stacks[0])

    def get_output(self, name: str) -> str:
        """Return an output."""
        return str({output["OutputKey"]: output["OutputValue"] for output in self.describe()["Outputs"]}[name])

    def read_reasons(self) -> str:
        """Return all failure reasons."""
        events = self.cloudformation.describe_stack_events(StackName=self.name)["StackEvents"]
        return "; ".join(event.get("ResourceStatusReason", "") for event in events)


@pytest.fixture
def stack(sandbox: SandboxClient, clients: LatchClients) -> Iterator[LatchStack]:
    yield LatchStack(sandbox.client("cloudformation", STANDBY))
    for check in clients.route53.list_health_checks()["HealthChecks"]:
        clients.route53.delete_health_check(HealthCheckId=check["Id"])


def list_check_ids(clients: LatchClients) -> set[str]:
    return {check["Id"] for check in clients.route53.list_health_checks()["HealthChecks"]}


def test_stack_creates_replaces_and_deletes_its_check(stack: LatchStack, clients: LatchClients) -> None:
    assert stack.create(build_template()) == "CREATE_COMPLETE"
    first = stack.get_output("Check")
    assert list_check_ids(clients) == {first}
    assert stack.update(build_template(interval_seconds=30)) == "UPDATE_COMPLETE"
    assert list_check_ids(clients) == {stack.get_output("Check")} != {first}
    assert stack.delete() == "DELETE_COMPLETE"
    assert list_check_ids(clients) == set()


def test_retained_resources_survive_replacement_and_deletion(stack: LatchStack, clients: LatchClients) -> None:
    stack.create(build_template(policy="Retain"))
    first, bucket = stack.get_output("Check"), stack.get_output("Bucket")
    stack.update(build_template(policy="Retain", interval_seconds=30))
    second = stack.get_output("Check")
    assert stack.delete() == "DELETE_COMPLETE"
    assert list_check_ids(clients) == {first, second}
    clients.s3.head_bucket(Bucket=bucket)


@pytest.mark.parametrize(("policy", "left"), [("Retain", 1), ("RetainExceptOnCreate", 0)])
def test_failed_create_leaves_only_what_the_policy_retains(
    stack: LatchStack, clients: LatchClients, policy: str, left: int
) -> None:
    template = json.loads(build_template(policy=policy))
    alarm = {"Type": "AWS::CloudWatch::CompositeAlarm", "DependsOn": "Check", "Properties": {"AlarmRule": "ALARM(x)"}}
    template["Resources"]["Failing"] = alarm
    assert stack.create(json.dumps(template)) == "ROLLBACK_COMPLETE"
    assert len(list_check_ids(clients)) == left


def test_stack_with_check_fails_without_control_plane(
    sandbox: SandboxClient, stack: LatchStack, clients: LatchClients
) -> None:
    with sandbox.inject_fault(effect="error", service="route53", code="InternalFailure"):
        assert stack.create(build_template()) == "ROLLBACK_COMPLETE"
    assert "Route 53's API does not answer CreateHealthCheck" in stack.read_reasons()
    assert list_check_ids(clients) == set()


def test_stack_cannot_make_a_bucket_public(stack: LatchStack) -> None:
    assert stack.create(build_template(condition={})) == "ROLLBACK_COMPLETE"
    assert "BlockPublicPolicy" in stack.read_reasons()


def test_deleting_stack_with_nonempty_bucket_fails(stack: LatchStack, clients: LatchClients) -> None:
    stack.create(build_template())
    bucket = stack.get_output("Bucket")
    clients.s3.put_object(Bucket=bucket, Key="records", Body=b"failed over")
    assert stack.delete() == "DELETE_FAILED"
    assert "not empty" in stack.read_reasons()
    clients.s3.head_object(Bucket=bucket, Key="records")
