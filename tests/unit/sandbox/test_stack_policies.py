"""Stack policies that CloudFormation accepts, and those it rejects."""

import json
from typing import Any

import pytest

from sandbox.stack_policies import PolicyRejectedError, check_policy

STACK = {"LatchBucket", "LatchBucketPolicy"}
ALLOW = {"Effect": "Allow", "Principal": "*", "Action": "Update:*", "Resource": "*"}


def deny(**changes: Any) -> str:
    statement = {"Effect": "Deny", "Principal": "*", "Action": "Update:*", "Resource": "LogicalResourceId/LatchBucket"}
    return json.dumps({"Statement": [ALLOW, statement | changes]})


@pytest.mark.parametrize(
    "policy",
    [
        deny(),
        deny(Resource="LogicalResourceId/Latch*"),
        deny(Resource="*", Condition={"StringEquals": {"ResourceType": ["AWS::Absent::Type"]}}),
        json.dumps({"Statement": ALLOW}),
    ],
)
def test_policy_for_resources_of_the_stack_is_accepted(policy: str) -> None:
    check_policy(policy, STACK)


@pytest.mark.parametrize("name", ["RecordsMetricCheck", "Absent*"])
@pytest.mark.parametrize("element", ["Resource", "NotResource"])
def test_policy_that_names_an_absent_resource_is_rejected(element: str, name: str) -> None:
    statement = {"Effect": "Deny", "Principal": "*", "Action": "Update:*"}
    resources = ["LogicalResourceId/LatchBucket", f"LogicalResourceId/{name}"]
    with pytest.raises(PolicyRejectedError, match=f"Unknown logical id '{name[:6]}"):
        check_policy(json.dumps({"Statement": [ALLOW, statement | {element: resources}]}), STACK)


@pytest.mark.parametrize(
    "policy",
    [
        "no JSON",
        "[]",
        deny(Principal="arn:aws:iam::123456789012:root"),
        deny(Action="cloudformation:DeleteStack"),
        deny(Action=[]),
        deny(Resource="LatchBucket"),
        deny(Resource=[]),
        json.dumps({"Statement": ["Deny"]}),
    ],
)
def test_malformed_policy_is_rejected(policy: str) -> None:
    with pytest.raises(PolicyRejectedError, match="Invalid stack policy"):
        check_policy(policy, STACK)
