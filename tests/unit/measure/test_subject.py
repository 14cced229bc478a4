from typing import Any

import pytest

from failoverctl.exits import UnreachableError
from failoverctl.measure.subject import Subject, read_subject

GIVEN = {
    "PrimaryRegion": "ap-northeast-1",
    "UserPoolId": "ap-northeast-1_AbCdEfGhI",
    "ClientId": "client",
    "CanarySecretArn": "arn",
    "HostedZoneId": "Z1",
}


class Meta:
    region_name = "us-east-1"


class Stacks:
    meta = Meta()

    def __init__(self, parameters: dict[str, str]) -> None:
        self.parameters = parameters

    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:  # noqa: ARG002, N803 - the service's names
        parameters = [{"ParameterKey": key, "ParameterValue": value} for key, value in self.parameters.items()]
        return {"Stacks": [{"Parameters": parameters}]}


def subject(zone_id: str = "", **parameters: str) -> Subject:
    return read_subject(Stacks(GIVEN | parameters), "stack", zone_id=zone_id, asked=lambda ask: ask())


def test_what_is_deployed_is_read_from_the_stacks_parameters() -> None:
    found = subject(PrimaryTarget="p.example.com", StandbyTarget="s.example.com")

    assert found.regions == ("ap-northeast-1", "us-east-1")
    assert found.targets == {"ap-northeast-1": "p.example.com", "us-east-1": "s.example.com"}
    assert (found.zone_id, found.latch_bucket) == ("Z1", "")


@pytest.mark.parametrize("name", ["PrimaryRegion", "UserPoolId", "ClientId", "CanarySecretArn"])
def test_a_stack_that_is_another_one_is_refused_by_what_it_lacks(name: str) -> None:
    with pytest.raises(UnreachableError, match=rf"no parameter {name}.*--stack"):
        subject(**{name: ""})


def test_a_zone_of_another_account_is_refused_and_one_of_this_account_can_take_its_place() -> None:
    role = {"HostedZoneRoleArn": "arn:aws:iam::210987654321:role/zone"}

    with pytest.raises(UnreachableError, match=r"HostedZoneRoleArn: .* Give --zone"):
        subject(**role)

    assert subject("Z2", **role).zone_id == "Z2"
