"""A latch made by a stack: bucket, policy and health check."""

import json
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from sandbox.attached import Sandbox
from tests.integration.sandbox_checks.latch import PATIENCE_SECONDS, STANDBY, Clients

RANGE = {"IpAddress": {"aws:SourceIp": ["15.177.0.0/18"]}}


def template(*, interval_seconds: int = 10, policy: str = "Delete", condition: dict[str, Any] = RANGE) -> str:
    kept = {"DeletionPolicy": policy, "UpdateReplacePolicy": policy}
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
        "Bucket": {"Type": "AWS::S3::Bucket", **kept},
        "Policy": {
            "Type": "AWS::S3::BucketPolicy",
            "Properties": {
                "Bucket": {"Ref": "Bucket"},
                "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]},
            },
        },
        "Check": {"Type": "AWS::Route53::HealthCheck", **kept, "Properties": {"HealthCheckConfig": check}},
    }
    outputs = {"Bucket": {"Value": {"Ref": "Bucket"}}, "Check": {"Value": {"Fn::GetAtt": ["Check", "HealthCheckId"]}}}
    return json.dumps({"Resources": resources, "Outputs": outputs})


@dataclass
class Stack:
    """A stack of a test's own, in the standby Region."""

    cloudformation: Any
    name: str = field(default_factory=lambda: f"latch-{uuid.uuid4().hex[:8]}")

    def create(self, body: str) -> str:
        """Create it; gives the status it ends in."""
        self.cloudformation.create_stack(StackName=self.name, TemplateBody=body)
        return self.settled()

    def update(self, body: str) -> str:
        """Update it; gives the status it ends in."""
        self.cloudformation.update_stack(StackName=self.name, TemplateBody=body)
        return self.settled()

    def delete(self) -> str:
        """Delete it; gives the status it ends in."""
        stack_id = self.described()["StackId"]
        self.cloudformation.delete_stack(StackName=self.name)
        return self.settled(stack_id)

    def settled(self, stack_id: str | None = None) -> str:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (status := str(self.described(stack_id)["StackStatus"])).endswith("IN_PROGRESS"):
            assert time.monotonic() < deadline, status
            time.sleep(0.05)
        return status

    def described(self, stack_id: str | None = None) -> dict[str, Any]:
        """Give the stack as it is."""
        stacks = self.cloudformation.describe_stacks(StackName=stack_id or self.name)["Stacks"]
        return dict(stacks[0])

    def output(self, name: str) -> str:
        """Give an output."""
        return str({one["OutputKey"]: one["OutputValue"] for one in self.described()["Outputs"]}[name])

    def reasons(self) -> str:
        """Give all that went wrong."""
        events = self.cloudformation.describe_stack_events(StackName=self.name)["StackEvents"]
        return "; ".join(event.get("ResourceStatusReason", "") for event in events)


@pytest.fixture
def stack(sandbox: Sandbox, clients: Clients) -> Iterator[Stack]:
    yield Stack(sandbox.client("cloudformation", STANDBY))
    for check in clients.route53.list_health_checks()["HealthChecks"]:
        clients.route53.delete_health_check(HealthCheckId=check["Id"])


def check_ids(clients: Clients) -> set[str]:
    return {check["Id"] for check in clients.route53.list_health_checks()["HealthChecks"]}


def test_a_stack_makes_replaces_and_deletes_its_check(stack: Stack, clients: Clients) -> None:
    assert stack.create(template()) == "CREATE_COMPLETE"
    first = stack.output("Check")
    assert check_ids(clients) == {first}
    assert stack.update(template(interval_seconds=30)) == "UPDATE_COMPLETE"
    assert check_ids(clients) == {stack.output("Check")} != {first}
    assert stack.delete() == "DELETE_COMPLETE"
    assert check_ids(clients) == set()


def test_what_is_retained_outlives_replacement_and_deletion(stack: Stack, clients: Clients) -> None:
    stack.create(template(policy="Retain"))
    first, bucket = stack.output("Check"), stack.output("Bucket")
    stack.update(template(policy="Retain", interval_seconds=30))
    second = stack.output("Check")
    assert stack.delete() == "DELETE_COMPLETE"
    assert check_ids(clients) == {first, second}
    clients.s3.head_bucket(Bucket=bucket)


def test_without_the_control_plane_a_stack_with_a_check_fails(sandbox: Sandbox, stack: Stack, clients: Clients) -> None:
    with sandbox.fault(effect="error", service="route53", code="InternalFailure"):
        assert stack.create(template()) == "ROLLBACK_COMPLETE"
    assert "Route 53's API does not answer CreateHealthCheck" in stack.reasons()
    assert check_ids(clients) == set()


def test_a_stack_can_not_make_a_bucket_public(stack: Stack) -> None:
    assert stack.create(template(condition={})) == "ROLLBACK_COMPLETE"
    assert "BlockPublicPolicy" in stack.reasons()


def test_a_bucket_with_an_object_in_it_is_not_deleted_with_its_stack(stack: Stack, clients: Clients) -> None:
    stack.create(template())
    bucket = stack.output("Bucket")
    clients.s3.put_object(Bucket=bucket, Key="records", Body=b"failed over")
    assert stack.delete() == "DELETE_FAILED"
    assert "not empty" in stack.reasons()
    clients.s3.head_object(Bucket=bucket, Key="records")
