"""What guards an attached latch: the stack policy, and what it is told of one that is not its own."""

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, cast
from unittest.mock import Mock

import boto3
import pytest
from botocore.exceptions import ConnectTimeoutError
from botocore.stub import Stubber

from failover.errors import LeverUnavailableError
from failover.levers.stack_policy import KEPT, UNCHANGED, StackPolicy
from tests.unit.template.rendering import load

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.client import CloudFormationClient

STACK = "arn:aws:cloudformation:us-east-1:111122223333:stack/cognito-failover/1"
OF_THEIRS = {"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "Update:*", "Resource": "*"}]}


class Policies:
    """CloudFormation as far as one stack's policy goes."""

    def __init__(self) -> None:
        self.client: CloudFormationClient = boto3.client(
            "cloudformation", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
        )
        self.stub = Stubber(self.client)
        self.stub.activate()
        self.policy = StackPolicy(lambda: self.client, stack_id=STACK)

    def finds(self, body: object | None) -> None:
        answer = {} if body is None else {"StackPolicyBody": json.dumps(body)}
        self.stub.add_response("get_stack_policy", answer, {"StackName": STACK})

    def takes(self) -> Mock:
        taken = Mock()
        self.stub.add_response("set_stack_policy", {}, {"StackName": STACK, "StackPolicyBody": _Noted(taken)})
        return taken


class _Noted:
    """Equals every policy, and notes it."""

    __hash__ = None  # type: ignore[assignment] # never a key

    def __init__(self, taken: Mock) -> None:
        self._taken = taken

    def __eq__(self, other: object) -> bool:
        self._taken(json.loads(cast("str", other)))
        return True


@pytest.fixture
def policies() -> Iterator[Policies]:
    policies = Policies()
    yield policies
    policies.stub.assert_no_pending_responses()


def references(value: object) -> set[str]:
    """Return the names that a part of the template refers to, wherever in it."""
    match value:
        case {"Ref": str(name)}:
            return {name}
        case {"Fn::Sub": str(text)}:
            return set(re.findall(r"\$\{([A-Za-z:]+)", text))
        case dict():
            return {name for each in value.values() for name in references(each)}
        case list():
            return {name for each in value for name in references(each)}
        case _:
            return set()


def protected(policies: Policies) -> object:
    policies.finds(None)
    taken = policies.takes()
    assert policies.policy.protect() == ""
    return taken.call_args.args[0]


def test_it_denies_to_replace_or_remove_whatever_the_template_retains_for_the_latch(policies: Policies) -> None:
    allowed, unchanged, kept = cast("dict[str, list[dict[str, object]]]", protected(policies))["Statement"]

    retained = {name for name, each in load()["Resources"].items() if each.get("UpdateReplacePolicy") == "Retain"}
    assert {*UNCHANGED, *KEPT} == retained - {"Ledger", "ReportBucket", "ReportBucketPolicy"}
    assert (allowed["Effect"], allowed["Action"], allowed["Resource"]) == ("Allow", "Update:*", "*")
    assert (unchanged["Effect"], unchanged["Action"]) == ("Deny", "Update:*")
    assert unchanged["Resource"] == [f"LogicalResourceId/{name}" for name in UNCHANGED]
    assert (kept["Effect"], kept["Action"]) == ("Deny", ["Update:Replace", "Update:Delete"])
    assert kept["Resource"] == [f"LogicalResourceId/{name}" for name in KEPT]


def test_every_check_and_alarm_by_which_the_latch_moves_users_may_not_be_changed_at_all() -> None:
    """An edited template could otherwise throw or release an attached latch by changing one in place."""
    of_the_latch = {
        name
        for name, each in load()["Resources"].items()
        if each["Type"] in {"AWS::Route53::HealthCheck", "AWS::CloudWatch::Alarm"}
        and each.get("UpdateReplacePolicy") == "Retain"
    }

    assert set(UNCHANGED) == of_the_latch - {"StandbyTargetCheck"}


@pytest.mark.parametrize("name", UNCHANGED)
def test_no_parameter_changes_what_may_not_be_changed(name: str) -> None:
    """A deploy that only sets another value must not be refused for it."""
    assert not references(load()["Resources"][name]["Properties"]) & load()["Parameters"].keys()


def test_to_protect_twice_changes_nothing(policies: Policies) -> None:
    policies.finds(protected(policies))
    assert policies.policy.protect() == ""


def test_lifted_it_allows_everything_and_can_be_set_again(policies: Policies) -> None:
    policies.finds(protected(policies))
    taken = policies.takes()
    policies.policy.lift()
    lifted = taken.call_args.args[0]
    assert [each["Effect"] for each in lifted["Statement"]] == ["Allow"]
    policies.finds(lifted)
    policies.takes()
    assert policies.policy.protect() == ""


def test_a_policy_of_somebody_elses_is_left_as_it_is_and_told(policies: Policies) -> None:
    policies.finds(OF_THEIRS)
    assert policies.policy.protect().startswith("The stack has a policy of its own, which was left as it is: see that")
    policies.finds(OF_THEIRS)
    policies.policy.lift()


@pytest.mark.parametrize("body", [None, OF_THEIRS])
def test_where_nothing_was_set_nothing_is_lifted(policies: Policies, body: object) -> None:
    policies.finds(body)
    policies.policy.lift()


def test_a_refusal_names_the_permission(policies: Policies) -> None:
    policies.stub.add_client_error("get_stack_policy", "AccessDenied", "not authorized")
    with pytest.raises(
        LeverUnavailableError, match=r"AccessDenied: not authorized\. Allow cloudformation:GetStackPolicy"
    ):
        policies.policy.protect()


def test_another_error_is_told_as_it_came(policies: Policies) -> None:
    policies.finds(None)
    policies.stub.add_client_error("set_stack_policy", "Throttling", "Rate exceeded")
    with pytest.raises(LeverUnavailableError, match=r"^SetStackPolicy answered Throttling: Rate exceeded\.$"):
        policies.policy.protect()


def test_silence_is_told_too() -> None:
    client = Mock()
    client.get_stack_policy.side_effect = ConnectTimeoutError(
        endpoint_url="https://cloudformation.us-east-1.amazonaws.com"
    )
    with pytest.raises(LeverUnavailableError, match=r"^GetStackPolicy gave no answer that can be used: "):
        StackPolicy(lambda: client, stack_id=STACK).protect()
