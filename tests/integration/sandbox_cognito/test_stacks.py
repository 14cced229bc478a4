"""Domains and replicas in stacks."""

import itertools
import json
from typing import Any

import pytest

from sandbox.cognito.cloudformation import USER_POOL_REPLICA, ReplicaResourceError, UserPoolReplicaResources
from tests.integration.sandbox_cognito.browser import DOMAIN, build_failover_routing, request_certificate
from tests.integration.sandbox_cognito.cloud import PRIMARY, STANDBY, InProcessCloud, SignedUpPool

_MAX_POLLS = 200


class ResourceStack:
    """A stack of one resource. Each read lets it continue."""

    def __init__(self, cloud: InProcessCloud) -> None:
        self._cloudformation = cloud.client("cloudformation", PRIMARY)

    def create(self, resource: dict[str, Any]) -> str:
        self._cloudformation.create_stack(StackName="stack", TemplateBody=_build_template(resource))
        return self._wait_until_settled()

    def update(self, resource: dict[str, Any]) -> str:
        self._cloudformation.update_stack(StackName="stack", TemplateBody=_build_template(resource))
        return self._wait_until_settled()

    def read_reasons(self) -> str:
        events = self._cloudformation.describe_stack_events(StackName="stack")["StackEvents"]
        return " ".join(event.get("ResourceStatusReason", "") for event in events)

    def read_outputs(self) -> dict[str, str]:
        [stack] = self._cloudformation.describe_stacks(StackName="stack")["Stacks"]
        return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}

    def _wait_until_settled(self) -> str:
        for _ in itertools.repeat(None, _MAX_POLLS):
            [stack] = self._cloudformation.describe_stacks(StackName="stack")["Stacks"]
            if not stack["StackStatus"].endswith("IN_PROGRESS"):
                return str(stack["StackStatus"])
        raise AssertionError("The stack goes on and on.")


def _build_template(resource: dict[str, Any]) -> str:
    outputs = {"Name": {"Value": {"Ref": "Resource"}}}
    if resource["Type"] == "AWS::Cognito::UserPoolDomain":
        outputs["Distribution"] = {"Value": {"Fn::GetAtt": ["Resource", "CloudFrontDistribution"]}}  # type: ignore[dict-item] # a list there
    return json.dumps({"Resources": {"Resource": resource}, "Outputs": outputs})


def build_domain_resource(pool: SignedUpPool, **changed: Any) -> dict[str, Any]:
    properties = {
        "Domain": DOMAIN,
        "UserPoolId": pool.id,
        "ManagedLoginVersion": 2,
        "CustomDomainConfig": {"CertificateArn": request_certificate(pool.cloud)},
        **changed,
    }
    return {"Type": "AWS::Cognito::UserPoolDomain", "Properties": properties}


@pytest.fixture
def stack(cloud: InProcessCloud) -> ResourceStack:
    return ResourceStack(cloud)


@pytest.fixture
def replica_type(cloud: InProcessCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    from ministack.services.cloudformation import provisioners  # noqa: PLC0415 - once its environment is set

    resources = UserPoolReplicaResources(cognito=cloud.cognito, get_scope=lambda: (cloud.account, PRIMARY))
    handlers = {"create": resources.create, "update": resources.update, "delete": resources.delete}
    monkeypatch.setitem(provisioners._RESOURCE_HANDLERS, USER_POOL_REPLICA, handlers)  # noqa: SLF001


def test_stack_creates_and_updates_domain_with_routing(replicated: SignedUpPool, stack: ResourceStack) -> None:
    describe = replicated.standby.describe_user_pool_domain

    assert stack.create(build_domain_resource(replicated)) == "CREATE_COMPLETE"
    assert (
        stack.read_outputs()["Distribution"] == describe(Domain=DOMAIN)["DomainDescription"]["CloudFrontDistribution"]
    )
    assert "Routing" not in describe(Domain=DOMAIN)["DomainDescription"]
    assert stack.update(build_domain_resource(replicated, Routing=build_failover_routing())) == "UPDATE_COMPLETE"
    assert describe(Domain=DOMAIN)["DomainDescription"]["Routing"] == build_failover_routing()


def test_domain_rejected_by_api_is_rejected_in_stack(replicated: SignedUpPool, stack: ResourceStack) -> None:
    ended = stack.create(build_domain_resource(replicated, Routing=build_failover_routing(check_id="unknown")))

    assert ended == "ROLLBACK_COMPLETE"
    assert "health check unknown does not exist" in stack.read_reasons()


@pytest.mark.usefixtures("replica_type")
def test_stack_creates_a_replica(pool: SignedUpPool, stack: ResourceStack) -> None:
    properties = {"UserPoolId": pool.id, "RegionName": STANDBY, "UserPoolTagsAtCreate": {"stage": "standby"}}

    assert stack.create({"Type": USER_POOL_REPLICA, "Properties": properties}) == "CREATE_COMPLETE"
    assert pool.read_replica_status() == "CREATING"
    assert stack.read_outputs()["Name"] == f"{pool.id}|{STANDBY}"


@pytest.mark.usefixtures("replica_type")
def test_second_replica_fails_its_stack(replicated: SignedUpPool, stack: ResourceStack) -> None:
    properties = {"UserPoolId": replicated.id, "RegionName": "eu-west-1"}

    assert stack.create({"Type": USER_POOL_REPLICA, "Properties": properties}) == "ROLLBACK_COMPLETE"
    assert "maximum allowed number of replicas" in stack.read_reasons()
    assert replicated.read_replica_status() == "ACTIVE"


def test_deleting_replica_needs_inactive_and_is_idempotent(replicated: SignedUpPool) -> None:
    resources = UserPoolReplicaResources(
        cognito=replicated.cloud.cognito, get_scope=lambda: (replicated.cloud.account, PRIMARY)
    )
    properties = {"UserPoolId": replicated.id, "RegionName": STANDBY}

    with pytest.raises(ReplicaResourceError, match="must be INACTIVE"):
        resources.delete("id", properties)
    replicated.primary.update_user_pool_replica(UserPoolId=replicated.id, RegionName=STANDBY, Status="INACTIVE")
    resources.delete("id", properties)
    assert replicated.read_replica_status() == "DELETING"
    replicated.cloud.clock.advance(60)
    resources.delete("id", properties)
    assert replicated.read_replica_status() is None
