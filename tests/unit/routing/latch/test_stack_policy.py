"""The stack policy that protects an attached latch, and the handling of another policy."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, cast
from unittest.mock import Mock

import boto3
import pytest
from botocore.exceptions import ConnectTimeoutError
from botocore.stub import Stubber

from cognito_failover.common.errors import LeverUnavailableError
from cognito_failover.routing.latch.stack_policy import IMMUTABLE_TYPES, RETAINED_TYPES, StackPolicy
from tests.unit.template.rendering import load_template

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.client import CloudFormationClient

STACK = "arn:aws:cloudformation:us-east-1:111122223333:stack/cognito-failover/1"
FOREIGN_POLICY = {"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "Update:*", "Resource": "*"}]}


class StubbedStackPolicy:
    """A stubbed CloudFormation client for one stack's policy."""

    def __init__(self) -> None:
        self.client: CloudFormationClient = boto3.client(
            "cloudformation", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
        )
        self.stub = Stubber(self.client)
        self.stub.activate()
        self.policy = StackPolicy(lambda: self.client, stack_id=STACK)

    def expect_read(self, body: object | None) -> None:
        answer = {} if body is None else {"StackPolicyBody": json.dumps(body)}
        self.stub.add_response("get_stack_policy", answer, {"StackName": STACK})

    def expect_write(self) -> Mock:
        written = Mock()
        self.stub.add_response("set_stack_policy", {}, {"StackName": STACK, "StackPolicyBody": _PolicyCapture(written)})
        return written


class _PolicyCapture:
    """Equals every policy, and records it."""

    __hash__ = None  # type: ignore[assignment] # never a key

    def __init__(self, written: Mock) -> None:
        self._written = written

    def __eq__(self, other: object) -> bool:
        self._written(json.loads(cast("str", other)))
        return True


@pytest.fixture
def stack_policy() -> Iterator[StubbedStackPolicy]:
    policies = StubbedStackPolicy()
    yield policies
    policies.stub.assert_no_pending_responses()


def capture_protection(policies: StubbedStackPolicy) -> object:
    policies.expect_read(None)
    written = policies.expect_write()
    assert policies.policy.protect() == ""
    return written.call_args.args[0]


def test_policy_denies_replacing_or_removing_retained_resources(stack_policy: StubbedStackPolicy) -> None:
    allowed, immutable, retained = cast("dict[str, list[dict[str, object]]]", capture_protection(stack_policy))[
        "Statement"
    ]

    assert (allowed["Effect"], allowed["Action"], allowed["Resource"]) == ("Allow", "Update:*", "*")
    assert (immutable["Effect"], immutable["Action"], immutable["Resource"]) == ("Deny", "Update:*", "*")
    assert immutable["Condition"] == {"StringEquals": {"ResourceType": list(IMMUTABLE_TYPES)}}
    assert (retained["Effect"], retained["Action"]) == ("Deny", ["Update:Replace", "Update:Delete"])
    assert retained["Condition"] == {"StringEquals": {"ResourceType": list(RETAINED_TYPES)}}


def test_policy_names_no_resource_that_may_be_absent(stack_policy: StubbedStackPolicy) -> None:
    """CloudFormation refuses a policy that names a logical id which is not in the stack."""
    assert "LogicalResourceId" not in json.dumps(capture_protection(stack_policy))


def test_protected_types_are_those_of_the_latch() -> None:
    """Without this, an edited template could throw or release an attached latch in place."""
    resources = {name: each for name, each in load_template()["Resources"].items() if name != "Ledger"}
    kept_types = {each["Type"] for each in resources.values() if each.get("UpdateReplacePolicy") == "Retain"}

    assert kept_types == {*IMMUTABLE_TYPES, *RETAINED_TYPES}
    others = {each["Type"] for each in resources.values() if each.get("UpdateReplacePolicy") != "Retain"}
    assert not others & kept_types


def test_second_protect_changes_nothing(stack_policy: StubbedStackPolicy) -> None:
    stack_policy.expect_read(capture_protection(stack_policy))
    assert stack_policy.policy.protect() == ""


def test_unprotect_allows_all_and_protect_works_again(stack_policy: StubbedStackPolicy) -> None:
    stack_policy.expect_read(capture_protection(stack_policy))
    written = stack_policy.expect_write()
    stack_policy.policy.unprotect()
    unprotected = written.call_args.args[0]
    assert [statement["Effect"] for statement in unprotected["Statement"]] == ["Allow"]
    stack_policy.expect_read(unprotected)
    stack_policy.expect_write()
    assert stack_policy.policy.protect() == ""


def test_foreign_policy_is_unchanged_and_reported(stack_policy: StubbedStackPolicy) -> None:
    stack_policy.expect_read(FOREIGN_POLICY)
    assert stack_policy.policy.protect().startswith("The stack has another policy, which was not changed. Make sure")
    stack_policy.expect_read(FOREIGN_POLICY)
    stack_policy.policy.unprotect()


@pytest.mark.parametrize("body", [None, FOREIGN_POLICY])
def test_unprotect_without_own_policy_changes_nothing(stack_policy: StubbedStackPolicy, body: object) -> None:
    stack_policy.expect_read(body)
    stack_policy.policy.unprotect()


def test_access_denied_names_permission(stack_policy: StubbedStackPolicy) -> None:
    stack_policy.stub.add_client_error("get_stack_policy", "AccessDenied", "not authorized")
    with pytest.raises(
        LeverUnavailableError, match=r"AccessDenied: not authorized\. Allow cloudformation:GetStackPolicy"
    ):
        stack_policy.policy.protect()


def test_other_error_is_passed_on(stack_policy: StubbedStackPolicy) -> None:
    stack_policy.expect_read(None)
    stack_policy.stub.add_client_error("set_stack_policy", "Throttling", "Rate exceeded")
    with pytest.raises(LeverUnavailableError, match=r"^SetStackPolicy answered Throttling: Rate exceeded\.$"):
        stack_policy.policy.protect()


def test_timeout_is_reported() -> None:
    client = Mock()
    client.get_stack_policy.side_effect = ConnectTimeoutError(
        endpoint_url="https://cloudformation.us-east-1.amazonaws.com"
    )
    with pytest.raises(LeverUnavailableError, match=r"^GetStackPolicy gave no usable answer: "):
        StackPolicy(lambda: client, stack_id=STACK).protect()
