"""Unsigned reads of an object: allowed and rejected."""

import json
import ssl
from collections import Counter
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.integration.sandbox_health_checkers.s3_latch import KEY, PRIMARY, STANDBY, S3LatchHarness, wait_for_value
from tests.support import load_scaling

CHECKER_COUNT = 2 * 8


def read_object(
    latch: S3LatchHarness, key: str = KEY, *, region: str = STANDBY, host: str | None = None, tls: bool = True
) -> HTTPResponse:
    """Read an object without a signature, from outside AWS."""
    network, ports = latch.sandbox.network, latch.sandbox.description["ports"]
    name = host or f"{latch.bucket}.s3.{region}.amazonaws.com"
    context = ssl.create_default_context(cafile=str(latch.sandbox.certificate))
    connection: HTTPConnection
    if tls:
        connection = HTTPSConnection(
            network.get_api_address(region), ports["https"], context=context, timeout=load_scaling.get_wait_limit()
        )
        context.check_hostname = False
    else:
        connection = HTTPConnection(
            network.get_api_address(region), ports["http"], timeout=load_scaling.get_wait_limit()
        )
    connection.request("GET", f"/{key}", headers={"Host": name})
    response = connection.getresponse()
    response.read()
    connection.close()
    return response


def count_statuses(latch: S3LatchHarness) -> dict[str, int]:
    """Return the number of checkers by the status they report."""
    return Counter(
        report.split(".")[0].rpartition(" Code ")[2].partition(",")[0] for report in latch.read_reports().values()
    )


def test_object_is_readable_only_by_checkers(latch: S3LatchHarness) -> None:
    latch.set_latch()
    wait_for_value(lambda: count_statuses(latch), {"200": CHECKER_COUNT})
    assert read_object(latch).status == 403


def test_absent_object_without_list_permission_is_forbidden(latch: S3LatchHarness) -> None:
    wait_for_value(lambda: count_statuses(latch), {"403": CHECKER_COUNT})


def test_policy_without_a_range_blocks_checkers_from_it(latch: S3LatchHarness) -> None:
    forgetful = latch.build_checker_statement()
    forgetful["Condition"]["IpAddress"]["aws:SourceIp"].remove("15.177.0.0/18")
    latch.put_policy(forgetful)
    latch.set_latch()
    wait_for_value(lambda: count_statuses(latch), {"200": CHECKER_COUNT // 2, "403": CHECKER_COUNT // 2})


def test_only_allowed_key_can_be_read(latch: S3LatchHarness) -> None:
    latch.s3.put_object(Bucket=latch.bucket, Key="domain", Body=b"failed over")
    check = latch.create_check(ResourcePath="/domain")
    wait_for_value(
        lambda: {report.partition(", ")[2][:9] for report in latch.read_reports(check).values()}, {"Forbidden"}
    )
    wait_for_value(lambda: len(latch.read_reports(check)), CHECKER_COUNT)


def test_plain_http_is_rejected_by_tls_policy(latch: S3LatchHarness) -> None:
    everybody = {**latch.build_checker_statement(), "Condition": {"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}}
    latch.put_policy(everybody)
    latch.set_latch()
    assert read_object(latch).status == 200
    assert read_object(latch, tls=False).status == 403


def test_kms_object_is_rejected_for_unsigned_requests(latch: S3LatchHarness) -> None:
    key = latch.sandbox.client("kms", STANDBY).create_key()["KeyMetadata"]["Arn"]
    latch.set_latch(ServerSideEncryption="aws:kms", SSEKMSKeyId=key)
    wait_for_value(lambda: count_statuses(latch), {"400": CHECKER_COUNT})
    latch.set_latch(ServerSideEncryption="AES256")
    wait_for_value(lambda: count_statuses(latch), {"200": CHECKER_COUNT})


def test_other_region_endpoint_redirects_without_content(latch: S3LatchHarness) -> None:
    latch.set_latch()
    check = latch.create_check(FullyQualifiedDomainName=f"{latch.bucket}.s3.{PRIMARY}.amazonaws.com")
    wait_for_value(lambda: len(latch.read_reports(check)), CHECKER_COUNT)
    assert {report[:29] for report in latch.read_reports(check).values()} == {"Failure: HTTP Status Code 301"}
    assert read_object(latch, region=PRIMARY).headers["x-amz-bucket-region"] == STANDBY


def test_global_endpoint_redirect_counts_as_healthy_without_search_string(
    latch: S3LatchHarness,
) -> None:
    in_tokyo = latch.sandbox.client("s3", PRIMARY)
    bucket = f"{latch.bucket}-tokyo"
    in_tokyo.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": PRIMARY})
    endpoint = {
        "Type": "HTTPS", "FullyQualifiedDomainName": f"{bucket}.s3.amazonaws.com", "ResourcePath": "/absent",
        "RequestInterval": 10, "FailureThreshold": 1,
    }  # fmt: skip
    check = latch.create_check(**endpoint)
    wait_for_value(lambda: len(latch.read_reports(check)), CHECKER_COUNT)
    assert {report[:29] for report in latch.read_reports(check).values()} == {"Success: HTTP Status Code 307"}
    response = read_object(latch, "a%20b", host=f"{bucket}.s3.amazonaws.com")
    assert response.headers["location"] == f"https://{bucket}.s3.{PRIMARY}.amazonaws.com/a%20b"


def test_public_policy_is_rejected_while_public_access_is_blocked(latch: S3LatchHarness) -> None:
    for_everybody: dict[str, Any] = {**latch.build_checker_statement(), "Condition": {}}
    with pytest.raises(ClientError, match="BlockPublicPolicy"):
        latch.put_policy(for_everybody)


class BucketUser:
    """A user with an S3 client, and with the permissions that the test gives."""

    def __init__(self, latch: S3LatchHarness) -> None:
        self._iam, self._bucket = latch.sandbox.client("iam", STANDBY), latch.bucket
        self._iam.create_user(UserName=latch.bucket)
        key = self._iam.create_access_key(UserName=latch.bucket)["AccessKey"]
        credentials = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
        self.s3 = latch.sandbox.client("s3", STANDBY, credentials=credentials)

    def allow(self, *actions: str) -> None:
        resources = [f"arn:aws:s3:::{self._bucket}", f"arn:aws:s3:::{self._bucket}/*"]
        statement = {"Effect": "Allow", "Action": actions, "Resource": resources}
        document = {"Version": "2012-10-17", "Statement": [statement]}
        self._iam.put_user_policy(UserName=self._bucket, PolicyName="s3", PolicyDocument=json.dumps(document))


def test_conditional_write_needs_read_permission_and_the_current_etag(latch: S3LatchHarness) -> None:
    latch.set_latch()
    etag = latch.s3.head_object(Bucket=latch.bucket, Key=KEY)["ETag"]
    user, target = BucketUser(latch), {"Bucket": latch.bucket, "Key": KEY}
    user.allow("s3:PutObject")
    with pytest.raises(ClientError, match="AccessDenied"):
        user.s3.put_object(**target, Body=b"released 1", IfMatch=etag)
    user.allow("s3:PutObject", "s3:GetObject")
    user.s3.put_object(**target, Body=b"released 1", IfMatch=etag)
    with pytest.raises(ClientError, match="PreconditionFailed"):
        user.s3.put_object(**target, Body=b"failed over 2", IfMatch=etag)
    with pytest.raises(ClientError, match="PreconditionFailed"):
        user.s3.put_object(**target, Body=b"failed over 2", IfNoneMatch="*")
    latch.reset_latch()
    with pytest.raises(ClientError, match="NoSuchKey"):
        user.s3.put_object(**target, Body=b"failed over 2", IfMatch=etag)


def test_head_object_hides_existence_without_list_permission(latch: S3LatchHarness) -> None:
    user = BucketUser(latch)
    for actions, code in ((("s3:GetObject",), "403"), (("s3:GetObject", "s3:ListBucket"), "404")):
        user.allow(*actions)
        with pytest.raises(ClientError) as error:
            user.s3.head_object(Bucket=latch.bucket, Key=KEY)
        assert error.value.response["Error"]["Code"] == code
    latch.set_latch()
    user.allow("s3:GetObject")
    assert user.s3.get_object(Bucket=latch.bucket, Key=KEY)["Body"].read() == b"failed over"
