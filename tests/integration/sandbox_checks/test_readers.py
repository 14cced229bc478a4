"""Who may read an object without a signature, and who is refused."""

import json
import ssl
from collections import Counter
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.integration.sandbox_checks.latch import KEY, PRIMARY, STANDBY, Latch, until
from tests.support import patience

IN_EVERY_REGION = 2 * 8


def read(
    latch: Latch, key: str = KEY, *, region: str = STANDBY, host: str | None = None, tls: bool = True
) -> HTTPResponse:
    """Read an object without a signature, from outside AWS."""
    network, ports = latch.sandbox.network, latch.sandbox.description["ports"]
    name = host or f"{latch.bucket}.s3.{region}.amazonaws.com"
    context = ssl.create_default_context(cafile=str(latch.sandbox.certificate))
    connection: HTTPConnection
    if tls:
        connection = HTTPSConnection(
            network.api(region), ports["https"], context=context, timeout=patience.wait_limit()
        )
        context.check_hostname = False
    else:
        connection = HTTPConnection(network.api(region), ports["http"], timeout=patience.wait_limit())
    connection.request("GET", f"/{key}", headers={"Host": name})
    response = connection.getresponse()
    response.read()
    connection.close()
    return response


def statuses(latch: Latch) -> dict[str, int]:
    """Count the checkers by the status they have found."""
    return Counter(
        report.split(".")[0].rpartition(" Code ")[2].partition(",")[0] for report in latch.reports().values()
    )


def test_the_checkers_may_read_the_object_and_nobody_else(latch: Latch) -> None:
    latch.close()
    until(lambda: statuses(latch), {"200": IN_EVERY_REGION})
    assert read(latch).status == 403


def test_an_absent_object_is_forbidden_to_those_who_may_not_list(latch: Latch) -> None:
    until(lambda: statuses(latch), {"403": IN_EVERY_REGION})


def test_a_policy_that_forgets_a_range_shuts_out_those_who_call_from_it(latch: Latch) -> None:
    forgetful = latch.for_checkers()
    forgetful["Condition"]["IpAddress"]["aws:SourceIp"].remove("15.177.0.0/18")
    latch.put_policy(forgetful)
    latch.close()
    until(lambda: statuses(latch), {"200": IN_EVERY_REGION // 2, "403": IN_EVERY_REGION // 2})


def test_only_the_key_that_is_allowed_can_be_read(latch: Latch) -> None:
    latch.s3.put_object(Bucket=latch.bucket, Key="domain", Body=b"failed over")
    check = latch.create_check(ResourcePath="/domain")
    until(lambda: {report.partition(", ")[2][:9] for report in latch.reports(check).values()}, {"Forbidden"})
    until(lambda: len(latch.reports(check)), IN_EVERY_REGION)


def test_plain_http_is_refused_by_a_policy_that_wants_tls(latch: Latch) -> None:
    everybody = {**latch.for_checkers(), "Condition": {"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}}
    latch.put_policy(everybody)
    latch.close()
    assert read(latch).status == 200
    assert read(latch, tls=False).status == 403


def test_an_object_under_a_kms_key_is_nothing_for_the_unsigned(latch: Latch) -> None:
    key = latch.sandbox.client("kms", STANDBY).create_key()["KeyMetadata"]["Arn"]
    latch.close(ServerSideEncryption="aws:kms", SSEKMSKeyId=key)
    until(lambda: statuses(latch), {"400": IN_EVERY_REGION})
    latch.close(ServerSideEncryption="AES256")
    until(lambda: statuses(latch), {"200": IN_EVERY_REGION})


def test_another_regions_endpoint_redirects_and_shows_nothing(latch: Latch) -> None:
    latch.close()
    check = latch.create_check(FullyQualifiedDomainName=f"{latch.bucket}.s3.{PRIMARY}.amazonaws.com")
    until(lambda: len(latch.reports(check)), IN_EVERY_REGION)
    assert {report[:29] for report in latch.reports(check).values()} == {"Failure: HTTP Status Code 301"}
    assert read(latch, region=PRIMARY).headers["x-amz-bucket-region"] == STANDBY


def test_the_global_name_redirects_for_the_time_being_which_a_check_without_a_string_takes_for_health(
    latch: Latch,
) -> None:
    in_tokyo = latch.sandbox.client("s3", PRIMARY)
    bucket = f"{latch.bucket}-tokyo"
    in_tokyo.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": PRIMARY})
    endpoint = {
        "Type": "HTTPS", "FullyQualifiedDomainName": f"{bucket}.s3.amazonaws.com", "ResourcePath": "/absent",
        "RequestInterval": 10, "FailureThreshold": 1,
    }  # fmt: skip
    check = latch.create_check(**endpoint)
    until(lambda: len(latch.reports(check)), IN_EVERY_REGION)
    assert {report[:29] for report in latch.reports(check).values()} == {"Success: HTTP Status Code 307"}
    response = read(latch, "a%20b", host=f"{bucket}.s3.amazonaws.com")
    assert response.headers["location"] == f"https://{bucket}.s3.{PRIMARY}.amazonaws.com/a%20b"


def test_a_policy_for_everybody_is_refused_while_public_access_is_blocked(latch: Latch) -> None:
    for_everybody: dict[str, Any] = {**latch.for_checkers(), "Condition": {}}
    with pytest.raises(ClientError, match="BlockPublicPolicy"):
        latch.put_policy(for_everybody)


def test_who_may_not_list_is_not_told_whether_an_object_exists(latch: Latch) -> None:
    iam = latch.sandbox.client("iam", STANDBY)
    name = latch.bucket
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    credentials = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
    reader = latch.sandbox.client("s3", STANDBY, credentials=credentials)

    def allow(*actions: str) -> None:
        resources = [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"]
        statement = {"Effect": "Allow", "Action": actions, "Resource": resources}
        document = {"Version": "2012-10-17", "Statement": [statement]}
        iam.put_user_policy(UserName=name, PolicyName="read", PolicyDocument=json.dumps(document))

    for actions, code in ((("s3:GetObject",), "403"), (("s3:GetObject", "s3:ListBucket"), "404")):
        allow(*actions)
        with pytest.raises(ClientError) as refused:
            reader.head_object(Bucket=name, Key=KEY)
        assert refused.value.response["Error"]["Code"] == code
    latch.close()
    allow("s3:GetObject")
    assert reader.get_object(Bucket=name, Key=KEY)["Body"].read() == b"failed over"
