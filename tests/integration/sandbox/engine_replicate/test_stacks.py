"""Replication by CloudFormation: the two templates and the pool's stack, in the order of docs/replicate.md."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.client import SandboxClient
from tests.integration.sandbox.engine_replicate.command import ROOT, parse_step_states, replicate_to_completion
from tests.support import load_scaling

POLL_SECONDS, TIMEOUT_SECONDS = 0.05, load_scaling.get_wait_limit()
STACK_STEPS = {"key", "standby-key", "pool", "issuer", "replica", "activation"}


@dataclass
class ReplicaStack:
    """A stack for one test."""

    cloudformation: Any
    name: str
    body: str
    is_created: bool = field(default=False)

    def deploy(self, **parameters: str) -> str:
        """Create or update the stack and return its final status."""
        given = [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]
        change = self.cloudformation.update_stack if self.is_created else self.cloudformation.create_stack
        change(StackName=self.name, TemplateBody=self.body, Parameters=given)
        self.is_created = True
        return self._wait_until_settled()

    def delete(self) -> str:
        self.cloudformation.delete_stack(StackName=self.name)
        return self._wait_until_settled()

    def get_output(self, key: str) -> str:
        return next(str(entry["OutputValue"]) for entry in self._describe()["Outputs"] if entry["OutputKey"] == key)

    def read_reasons(self) -> str:
        events = self.cloudformation.describe_stack_events(StackName=self.name)["StackEvents"]
        return " ".join(event.get("ResourceStatusReason", "") for event in events)

    def _describe(self) -> dict[str, Any]:
        try:
            return dict(self.cloudformation.describe_stacks(StackName=self.name)["Stacks"][0])
        except self.cloudformation.exceptions.ClientError:
            return {"StackStatus": "DELETE_COMPLETE"}

    def _wait_until_settled(self) -> str:
        wait_until(lambda: not self._describe()["StackStatus"].endswith("IN_PROGRESS"))
        return str(self._describe()["StackStatus"])


@dataclass
class ReplicationStacks:
    """The stacks of both Regions and the pool's stack."""

    sandbox: SandboxClient
    pool: ReplicaStack
    primary_stack: ReplicaStack
    standby_stack: ReplicaStack

    @property
    def pool_id(self) -> str:
        return self.pool.get_output("PoolId")

    def build_cognito_client(self, role: str = "primary") -> Any:
        return self.sandbox.client("cognito-idp", self.sandbox.description[role])

    def read_replica_status(self) -> str | None:
        replicas = self.build_cognito_client().list_user_pool_replicas(UserPoolId=self.pool_id)["UserPoolReplicas"]
        return next((str(entry["Status"]) for entry in replicas if entry["Role"] == "SECONDARY"), None)


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(POLL_SECONDS)


def build_owner_template() -> str:
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


def read_template(name: str) -> str:
    return Path(ROOT / "infra" / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def place(sandbox: SandboxClient) -> ReplicationStacks:
    primary, standby = (sandbox.client("cloudformation", sandbox.description[side]) for side in ("primary", "standby"))
    answer = ReplicationStacks(
        sandbox=sandbox,
        pool=ReplicaStack(primary, "pool", build_owner_template()),
        primary_stack=ReplicaStack(primary, "replica", read_template("replica-primary.yaml")),
        standby_stack=ReplicaStack(standby, "replica", read_template("replica-standby.yaml")),
    )
    assert answer.pool.deploy() == "CREATE_COMPLETE"
    return answer


@pytest.fixture(scope="module")
def key_arn(place: ReplicationStacks) -> str:
    assert place.primary_stack.deploy(UserPoolId=place.pool_id) == "CREATE_COMPLETE", place.primary_stack.read_reasons()
    return place.primary_stack.get_output("KeyArn")


@pytest.fixture(scope="module")
def deployed(place: ReplicationStacks, key_arn: str) -> ReplicationStacks:
    """Deploy all stacks in order."""
    pool_id, standby = place.pool_id, place.sandbox.description["standby"]
    in_standby = {"UserPoolId": pool_id, "PrimaryKeyArn": key_arn}
    created = place.standby_stack.deploy(**in_standby, UserPoolIsReplicated="no")
    assert created == "CREATE_COMPLETE", place.standby_stack.read_reasons()
    assert place.pool.deploy(KeyArn=key_arn) == "UPDATE_COMPLETE", place.pool.read_reasons()
    assert place.primary_stack.deploy(UserPoolId=pool_id, StandbyRegion=standby) == "UPDATE_COMPLETE"
    wait_until(lambda: place.read_replica_status() == "INACTIVE")
    assert place.standby_stack.deploy(**in_standby, UserPoolIsReplicated="yes") == "UPDATE_COMPLETE"
    return place


def test_standby_stack_without_replica_fails_with_reason(place: ReplicationStacks) -> None:
    kms = place.sandbox.client("kms", place.sandbox.description["primary"])
    key_arn = kms.create_key(MultiRegion=True)["KeyMetadata"]["Arn"]
    early = ReplicaStack(place.standby_stack.cloudformation, "early", read_template("replica-standby.yaml"))

    ended = early.deploy(UserPoolId="ap-northeast-1_Unknown00", PrimaryKeyArn=key_arn, UserPoolIsReplicated="yes")

    assert ended == "ROLLBACK_COMPLETE"
    assert "ap-northeast-1_Unknown00 has no replica in us-east-1" in early.read_reasons()
    standby_kms = place.sandbox.client("kms", place.sandbox.description["standby"])
    assert standby_kms.describe_key(KeyId=key_arn.rpartition("/")[2])["KeyMetadata"]["KeyState"] == "PendingDeletion"


def test_replica_of_single_region_key_is_rejected(place: ReplicationStacks) -> None:
    kms = place.sandbox.client("kms", place.sandbox.description["primary"])
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    single = ReplicaStack(
        place.standby_stack.cloudformation,
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
    assert "is not a multi-Region key" in single.read_reasons()


def test_stacks_create_active_replica_with_key_and_issuer(deployed: ReplicationStacks, key_arn: str) -> None:
    described = deployed.build_cognito_client().describe_user_pool(UserPoolId=deployed.pool_id)["UserPool"]

    assert deployed.read_replica_status() == "ACTIVE"
    assert described["KeyConfiguration"] == {"KeyType": "CUSTOMER_MANAGED_KEY", "KmsKeyArn": key_arn}
    assert described["IssuerConfiguration"] == {"Type": "UPDATED"}
    assert described["Policies"]["PasswordPolicy"]["MinimumLength"] == 12


def test_replicate_after_stacks_finds_done_steps_and_adds_canary(deployed: ReplicationStacks) -> None:
    planned = parse_step_states(replicate_to_completion(deployed.sandbox, deployed.pool_id))
    answer = replicate_to_completion(deployed.sandbox, deployed.pool_id, "--apply", "--yes")

    assert {name for name, state in planned.items() if state == "done"} >= STACK_STEPS
    assert {name for name in planned if name.startswith("key-policy")} <= {
        name for name, state in planned.items() if state == "done"
    }
    assert set(parse_step_states(answer).values()) == {"done"}


def test_standby_stack_cannot_be_deployed_without_the_replicas_state(deployed: ReplicationStacks) -> None:
    with pytest.raises(ClientError, match="UserPoolIsReplicated"):
        deployed.standby_stack.deploy(
            UserPoolId=deployed.pool_id, PrimaryKeyArn=deployed.primary_stack.get_output("KeyArn")
        )
    assert deployed.read_replica_status() == "ACTIVE"


def test_standby_stack_without_activation_keeps_replica_active(deployed: ReplicationStacks, key_arn: str) -> None:
    given = {"UserPoolId": deployed.pool_id, "PrimaryKeyArn": key_arn}
    assert deployed.standby_stack.deploy(**given, UserPoolIsReplicated="no") == "UPDATE_COMPLETE"
    assert deployed.read_replica_status() == "ACTIVE"
    assert deployed.standby_stack.deploy(**given, UserPoolIsReplicated="yes") == "UPDATE_COMPLETE"


def test_deleting_stacks_keeps_replica_and_keys(deployed: ReplicationStacks, key_arn: str) -> None:
    assert deployed.standby_stack.delete() == "DELETE_COMPLETE"
    assert deployed.primary_stack.delete() == "DELETE_COMPLETE"

    assert deployed.read_replica_status() == "ACTIVE"
    for side in ("primary", "standby"):
        kms = deployed.sandbox.client("kms", deployed.sandbox.description[side])
        assert kms.describe_key(KeyId=key_arn.rpartition("/")[2])["KeyMetadata"]["KeyState"] == "Enabled"
