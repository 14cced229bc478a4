"""Permissions of preflight's role in the template, for calls that need more than one permission."""

import json
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from tests.integration.preflight.healthy_site import TOKYO, VIRGINIA, HealthySite
from tests.unit.template.rendering import Rendering

POOL_STATEMENTS = "ReadPool"


def assume_reader_role(site: HealthySite, *sids: str, policy: str = "PreflightPolicy") -> dict[str, str]:
    """Return the credentials of a new user with these statements of a policy, by default the preflight role's."""
    document_of_role = Rendering(UserPoolId=site.pool_id).get_resource(policy)["PolicyDocument"]
    statements: list[Any] = [statement for statement in document_of_role["Statement"] if statement["Sid"] in sids]
    assert len(statements) == len(sids)
    iam, name = site.client("iam"), f"reader-{uuid4()}"
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam.put_user_policy(UserName=name, PolicyName="preflight", PolicyDocument=document)
    return {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}


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
