"""What the template gives the preflight's role, where a call needs more than its name says."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.integration.preflight.site import TOKYO, VIRGINIA, Site
from tests.unit.template.rendering import Rendering

OF_THE_POOL = "ReadThePoolInBothRegions"


def reader(site: Site, *sids: str) -> dict[str, str]:
    """Return the credentials of a user who may do what these statements of the preflight's role allow."""
    (policy,) = Rendering(UserPoolId=site.pool_id).resource("PreflightRole")["Policies"]
    allowed: list[Any] = [each for each in policy["PolicyDocument"]["Statement"] if each["Sid"] in sids]
    assert len(allowed) == len(sids)
    iam, name = site.client("iam"), f"reader-of-{len(sids)}"
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    document = json.dumps({"Version": "2012-10-17", "Statement": allowed})
    iam.put_user_policy(UserName=name, PolicyName="preflight", PolicyDocument=document)
    return {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}


def web_acl(site: Site, region: str, credentials: dict[str, str]) -> str:
    firewall = site.sandbox.client("wafv2", region, credentials=credentials)
    return str(firewall.get_web_acl_for_resource(ResourceArn=site.pool(region)["Arn"])["WebACL"]["ARN"])


def test_its_role_may_see_the_web_acl_before_the_pool_in_both_regions(site: Site) -> None:
    credentials = reader(site, OF_THE_POOL, "ReadThePoolsWebAcl")

    for region in (TOKYO, VIRGINIA):
        assert web_acl(site, region, credentials) == site.web_acls[region]


def test_the_pool_alone_is_not_enough_to_see_it(site: Site) -> None:
    with pytest.raises(ClientError, match=r"AccessDenied.*wafv2:GetWebACLForResource"):
        web_acl(site, VIRGINIA, reader(site, OF_THE_POOL))
