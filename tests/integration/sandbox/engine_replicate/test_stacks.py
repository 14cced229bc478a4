"""The same by CloudFormation: the two templates and the stack that owns the pool, in the order of docs/replicate.md."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from sandbox.attached import Sandbox
from tests.integration.sandbox.engine_replicate.command import ROOT, replicate, states
from tests.support import patience

POLL_SECONDS, PATIENCE_SECONDS = 0.05, patience.wait_limit()
MADE_BY_STACKS = {"key", "standby-key", "pool", "issuer", "replica", "activation"}


@dataclass
class Stack:
    """A stack of a test's own."""

    cloudformation: Any
    name: str
    body: str
    made: bool = field(default=False)

    def deploy(self, **parameters: str) -> str:
        """Create or change it; return the status it ends in."""
        given = [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]
        change = self.cloudformation.update_stack if self.made else self.cloudformation.create_stack
        change(StackName=self.name, TemplateBody=self.body, Parameters=given)
        self.made = True
        return self._ended()

    def delete(self) -> str:
        self.cloudformation.delete_stack(StackName=self.name)
        return self._ended()

    def output(self, key: str) -> str:
        return next(str(each["OutputValue"]) for each in self._seen()["Outputs"] if each["OutputKey"] == key)

    def reasons(self) -> str:
        events = self.cloudformation.describe_stack_events(StackName=self.name)["StackEvents"]
        return " ".join(event.get("ResourceStatusReason", "") for event in events)

    def _seen(self) -> dict[str, Any]:
        try:
            return dict(self.cloudformation.describe_stacks(StackName=self.name)["Stacks"][0])
        except self.cloudformation.exceptions.ClientError:
            return {"StackStatus": "DELETE_COMPLETE"}

    def _ended(self) -> str:
        until(lambda: not self._seen()["StackStatus"].endswith("IN_PROGRESS"))
        return str(self._seen()["StackStatus"])


@dataclass
class Place:
    """The stacks of both Regions and the one that owns the pool."""

    sandbox: Sandbox
    pool: Stack
    in_primary: Stack
    in_standby: Stack

    @property
    def pool_id(self) -> str:
        return self.pool.output("PoolId")

    def cognito(self, side: str = "primary") -> Any:
        return self.sandbox.client("cognito-idp", self.sandbox.description[side])

    def replica_status(self) -> str | None:
        replicas = self.cognito().list_user_pool_replicas(UserPoolId=self.pool_id)["UserPoolReplicas"]
        return next((str(each["Status"]) for each in replicas if each["Role"] == "SECONDARY"), None)


def until(seen: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not seen():
        assert time.monotonic() < deadline
        time.sleep(POLL_SECONDS)


def owner() -> str:
    """Return the template of a stack that owns a pool, and may give it a key and an issuer."""
    key = {"KeyType": "CUSTOMER_MANAGED_KEY", "KmsKeyArn": {"Ref": "KeyArn"}}
    none = {"Ref": "AWS::NoValue"}
    properties = {
        "UserPoolName": "owned",
        "UserPoolTier": "ESSENTIALS",
        "UserPoolTags": {"team": "identity"},
        "Policies": {"PasswordPolicy": {"MinimumLength": 12}},
        "KeyConfiguration": {"Fn::If": ["HasKey", key, none]},
        "IssuerConfiguration": {"Fn::If": ["HasKey", {"Type": "UPDATED"}, none]},
    }
    return json.dumps(
        {
            "Parameters": {"KeyArn": {"Type": "String", "Default": ""}},
            "Conditions": {"HasKey": {"Fn::Not": [{"Fn::Equals": [{"Ref": "KeyArn"}, ""]}]}},
            "Resources": {"Pool": {"Type": "AWS::Cognito::UserPool", "Properties": properties}},
            "Outputs": {"PoolId": {"Value": {"Ref": "Pool"}}},
        }
    )


def text(name: str) -> str:
    return Path(ROOT / "cloudformation" / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def place(sandbox: Sandbox) -> Place:
    primary, standby = (sandbox.client("cloudformation", sandbox.description[side]) for side in ("primary", "standby"))
    made = Place(
        sandbox=sandbox,
        pool=Stack(primary, "pool", owner()),
        in_primary=Stack(primary, "replica", text("replica-primary.yaml")),
        in_standby=Stack(standby, "replica", text("replica-standby.yaml")),
    )
    assert made.pool.deploy() == "CREATE_COMPLETE"
    return made


@pytest.fixture(scope="module")
def key_arn(place: Place) -> str:
    assert place.in_primary.deploy(UserPoolId=place.pool_id) == "CREATE_COMPLETE", place.in_primary.reasons()
    return place.in_primary.output("KeyArn")


@pytest.fixture(scope="module")
def deployed(place: Place, key_arn: str) -> Place:
    """Deploy everything in its order."""
    pool_id, standby = place.pool_id, place.sandbox.description["standby"]
    in_standby = {"UserPoolId": pool_id, "PrimaryKeyArn": key_arn}
    assert place.in_standby.deploy(**in_standby) == "CREATE_COMPLETE", place.in_standby.reasons()
    assert place.pool.deploy(KeyArn=key_arn) == "UPDATE_COMPLETE", place.pool.reasons()
    assert place.in_primary.deploy(UserPoolId=pool_id, StandbyRegion=standby) == "UPDATE_COMPLETE"
    until(lambda: place.replica_status() == "INACTIVE")
    assert place.in_standby.deploy(**in_standby, UserPoolIsReplicated="yes") == "UPDATE_COMPLETE"
    return place


def test_a_replica_before_its_time_is_refused_with_the_reason(place: Place) -> None:
    kms = place.sandbox.client("kms", place.sandbox.description["primary"])
    key_arn = kms.create_key(MultiRegion=True)["KeyMetadata"]["Arn"]
    early = Stack(place.in_standby.cloudformation, "early", text("replica-standby.yaml"))

    ended = early.deploy(UserPoolId="ap-northeast-1_Unknown00", PrimaryKeyArn=key_arn, UserPoolIsReplicated="yes")

    assert ended == "ROLLBACK_COMPLETE"
    assert "ap-northeast-1_Unknown00 has no replica in us-east-1" in early.reasons()


def test_a_replica_of_a_key_that_is_in_one_region_only_is_refused(place: Place) -> None:
    kms = place.sandbox.client("kms", place.sandbox.description["primary"])
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    single = Stack(
        place.in_standby.cloudformation,
        "single",
        json.dumps(
            {
                "Resources": {
                    "Key": {
                        "Type": "AWS::KMS::ReplicaKey",
                        "Properties": {"PrimaryKeyArn": arn, "KeyPolicy": {"Version": "2012-10-17", "Statement": []}},
                    }
                }
            }
        ),
    )

    assert single.deploy() == "ROLLBACK_COMPLETE"
    assert "is not a multi-Region key" in single.reasons()


def test_the_replica_is_active_with_the_key_and_the_issuer_that_the_templates_give(
    deployed: Place, key_arn: str
) -> None:
    described = deployed.cognito().describe_user_pool(UserPoolId=deployed.pool_id)["UserPool"]

    assert deployed.replica_status() == "ACTIVE"
    assert described["KeyConfiguration"] == {"KeyType": "CUSTOMER_MANAGED_KEY", "KmsKeyArn": key_arn}
    assert described["IssuerConfiguration"] == {"Type": "UPDATED"}
    assert described["Policies"]["PasswordPolicy"]["MinimumLength"] == 12


def test_the_command_afterwards_finds_what_the_stacks_made_and_adds_the_canary(deployed: Place) -> None:
    planned = states(replicate(deployed.sandbox, deployed.pool_id))
    made = replicate(deployed.sandbox, deployed.pool_id, "--apply", "--yes")

    assert {name for name, state in planned.items() if state == "done"} >= MADE_BY_STACKS
    assert {name for name in planned if name.startswith("key-policy")} <= {
        name for name, state in planned.items() if state == "done"
    }
    assert set(states(made).values()) == {"done"}


def test_deleting_the_stacks_leaves_replica_and_keys(deployed: Place, key_arn: str) -> None:
    assert deployed.in_standby.delete() == "DELETE_COMPLETE"
    assert deployed.in_primary.delete() == "DELETE_COMPLETE"

    assert deployed.replica_status() == "ACTIVE"
    for side in ("primary", "standby"):
        kms = deployed.sandbox.client("kms", deployed.sandbox.description[side])
        assert kms.describe_key(KeyId=key_arn.rpartition("/")[2])["KeyMetadata"]["KeyState"] == "Enabled"
