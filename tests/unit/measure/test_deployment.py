from typing import Any

import pytest

from failoverctl.exit_codes import UnreachableError
from failoverctl.measure.deployment import DeploymentInfo, read_deployment

STACK_PARAMETERS = {
    "PrimaryRegion": "ap-northeast-1",
    "UserPoolId": "ap-northeast-1_AbCdEfGhI",
    "ClientId": "client",
    "CanarySecretArn": "arn",
    "HostedZoneId": "Z1",
}


class ClientMeta:
    region_name = "us-east-1"


class ScriptedCloudFormation:
    meta = ClientMeta()

    def __init__(self, parameters: dict[str, str]) -> None:
        self.parameters = parameters

    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:  # noqa: ARG002, N803 - the service's names
        parameters = [{"ParameterKey": key, "ParameterValue": value} for key, value in self.parameters.items()]
        return {"Stacks": [{"Parameters": parameters}]}


def read_example_deployment(zone_id: str = "", **parameters: str) -> DeploymentInfo:
    return read_deployment(
        ScriptedCloudFormation(STACK_PARAMETERS | parameters),
        "stack",
        zone_id=zone_id,
        translate_errors=lambda call: call(),
    )


def test_deployment_is_read_from_stack_parameters() -> None:
    deployment = read_example_deployment(PrimaryTarget="p.example.com", StandbyTarget="s.example.com")

    assert deployment.regions == ("ap-northeast-1", "us-east-1")
    assert deployment.targets == {"ap-northeast-1": "p.example.com", "us-east-1": "s.example.com"}
    assert (deployment.zone_id, deployment.latch_bucket) == ("Z1", "")


@pytest.mark.parametrize("name", ["PrimaryRegion", "UserPoolId", "ClientId", "CanarySecretArn"])
def test_foreign_stack_is_rejected_with_missing_parameter(name: str) -> None:
    with pytest.raises(UnreachableError, match=rf"no parameter {name}.*--stack"):
        read_example_deployment(**{name: ""})


def test_zone_of_other_account_is_rejected_unless_replaced() -> None:
    role = {"HostedZoneRoleArn": "arn:aws:iam::210987654321:role/zone"}

    with pytest.raises(UnreachableError, match=r"HostedZoneRoleArn: .* Give --zone"):
        read_example_deployment(**role)

    assert read_example_deployment("Z2", **role).zone_id == "Z2"
