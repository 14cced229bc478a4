"""Policies on single health checks."""

import json
import uuid

import pytest
from botocore.exceptions import ClientError

from tests.integration.sandbox_health_checkers.s3_latch import STANDBY, S3LatchHarness


def test_policy_allows_one_health_check_and_no_other(latch: S3LatchHarness) -> None:
    iam, name = latch.sandbox.client("iam", STANDBY), f"reader-{uuid.uuid4().hex[:8]}"
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    allowed, other = latch.check_id, latch.create_check()
    statement = {
        "Effect": "Allow",
        "Action": ["route53:GetHealthCheckStatus", "route53:UpdateHealthCheck"],
        "Resource": f"arn:aws:route53:::healthcheck/{allowed}",
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName=name, PolicyName="checks", PolicyDocument=document)
    credentials = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
    route53 = latch.sandbox.client("route53", STANDBY, credentials=credentials)
    route53.get_health_check_status(HealthCheckId=allowed)
    route53.update_health_check(HealthCheckId=allowed, HealthCheckVersion=1, FailureThreshold=2)
    with pytest.raises(ClientError, match="AccessDenied"):
        route53.get_health_check_status(HealthCheckId=other)
    with pytest.raises(ClientError, match="AccessDenied"):
        route53.list_health_checks()
    assert route53.get_checker_ip_ranges()["CheckerIpRanges"]  # needs no policy
