"""Permissions of the template, for calls that need more than one permission or name."""

import json
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from cognito_failover.common.errors import LeverUnavailableError
from cognito_failover.routing.records.fence import get_fence_number
from cognito_failover.routing.records.record_group import RecordGroup
from cognito_failover.routing.records.route53_zone import Route53Zone
from cognito_failover.routing.records.weighted_records import WeightedRecords
from tests.integration.preflight.healthy_site import DOMAIN, ROOT, TOKYO, VIRGINIA, HealthySite
from tests.unit.template.rendering import Rendering

POOL_STATEMENTS = "ReadPool"


def list_statements(site: HealthySite, policy: str, *sids: str) -> list[Any]:
    """Return these statements of a policy of the template."""
    rendering = Rendering(UserPoolId=site.pool_id, HostedZoneId=site.zone_id, DomainName=DOMAIN)
    statements = rendering.get_resource(policy)["PolicyDocument"]["Statement"]
    named = [statement for statement in statements if statement["Sid"] in sids]
    assert len(named) == len(sids)
    return named


def create_credentials(site: HealthySite, statements: list[Any]) -> dict[str, str]:
    """Return the credentials of a new user with these permissions."""
    iam, name = site.client("iam"), f"user-{uuid4()}"
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam.put_user_policy(UserName=name, PolicyName="test", PolicyDocument=document)
    return {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}


def assume_reader_role(site: HealthySite, *sids: str, policy: str = "PreflightPolicy") -> dict[str, str]:
    """Return the credentials of a new user with these statements of a policy, by default the preflight role's."""
    return create_credentials(site, list_statements(site, policy, *sids))


def get_web_acl(site: HealthySite, region: str, credentials: dict[str, str]) -> str:
    firewall = site.sandbox.client("wafv2", region, credentials=credentials)
    return str(firewall.get_web_acl_for_resource(ResourceArn=site.describe_pool(region)["Arn"])["WebACL"]["ARN"])


def test_role_can_read_web_acl_of_pool_in_both_regions(site: HealthySite) -> None:
    credentials = assume_reader_role(site, POOL_STATEMENTS, "ReadWebAcl")

    for region in (TOKYO, VIRGINIA):
        assert get_web_acl(site, region, credentials) == site.web_acls[region]


def test_pool_permission_alone_does_not_permit_web_acl_read(site: HealthySite) -> None:
    with pytest.raises(ClientError, match=r"AccessDenied.*wafv2:GetWebACLForResource"):
        get_web_acl(site, VIRGINIA, assume_reader_role(site, POOL_STATEMENTS))


def make_lever(site: HealthySite, statements: list[Any]) -> WeightedRecords:
    credentials = create_credentials(site, statements)
    session: Any = SimpleNamespace(
        create_client=lambda service, **_: site.sandbox.client(service, VIRGINIA, credentials=credentials)
    )
    zone = Route53Zone(site.zone_id, region=VIRGINIA, session=session)
    return WeightedRecords(group=RecordGroup.from_settings(site.settings), zone=zone)


def test_controller_may_change_the_records_and_their_fence(site: HealthySite) -> None:
    statements = list_statements(site, "MovePolicy", "ReadZone", "ReadChangeStatus", "ChangeDomainRecordsOnly")
    lever = make_lever(site, statements)
    for _ in range(2):
        snapshot = lever.read_records()
        lever.submit(lever.plan(snapshot, snapshot.weights), snapshot)
    changed = lever.read_records()
    assert changed.record_sets == snapshot.record_sets
    assert get_fence_number(changed.fence) == get_fence_number(snapshot.fence) + 1


def test_role_without_the_name_of_the_fence_changes_nothing(site: HealthySite) -> None:
    statements = list_statements(site, "MovePolicy", "ReadZone", "ReadChangeStatus", "ChangeDomainRecordsOnly")
    lever = make_lever(site, json.loads(json.dumps(statements).replace("_fence.", "_other.")))
    snapshot = lever.read_records()
    with pytest.raises(LeverUnavailableError, match=r"AccessDenied.*Allow route53:ChangeResourceRecordSets"):
        lever.submit(lever.plan(snapshot, snapshot.weights), snapshot)
    assert lever.read_records() == snapshot


@pytest.mark.parametrize("may_create_role", [False, True])
def test_first_domain_of_api_gateway_needs_its_service_linked_role(site: HealthySite, may_create_role: bool) -> None:
    policy = json.loads((ROOT / "docs" / "policies" / "front-deployer.json").read_text(encoding="utf-8"))
    statements = [
        each
        for each in policy["Statement"]
        if may_create_role or "iam:CreateServiceLinkedRole" not in json.dumps(each["Action"])
    ]
    gateway = site.sandbox.client("apigateway", VIRGINIA, credentials=create_credentials(site, statements))
    error = "BadRequest.*no certificate" if may_create_role else r"AccessDenied.*iam:CreateServiceLinkedRole"

    with pytest.raises(ClientError, match=error):
        gateway.create_domain_name(domainName=DOMAIN, endpointConfiguration={"types": ["REGIONAL"]})
