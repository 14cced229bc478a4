import pytest

from sandbox.operations import (
    SignatureScope,
    find_operation_name,
    find_service,
    list_unsigned_operations,
    parse_signature_scope,
)

SIGNED = {"authorization": "AWS4-HMAC-SHA256 Credential=AKIA/20261123/eu-west-1/route53/aws4_request, Signature=x"}


def test_signature_scope_has_region_and_service() -> None:
    assert parse_signature_scope(SIGNED, "") == SignatureScope("eu-west-1", "route53")


def test_presigned_url_scope_has_region_and_service() -> None:
    query = "X-Amz-Credential=AKIA%2F20261123%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Signature=x"
    assert parse_signature_scope({}, query) == SignatureScope("eu-west-1", "s3")


def test_unsigned_call_has_no_scope() -> None:
    assert parse_signature_scope({"authorization": "Bearer x"}, "a=b") is None


@pytest.mark.parametrize(
    ("headers", "path", "service"),
    [
        ({"x-amz-target": "AWSCognitoIdentityProviderService.InitiateAuth"}, "/", "cognito-idp"),
        ({"host": "issuer-cognito-idp.ap-northeast-1.amazonaws.com"}, "/pool", "issuer-cognito-idp"),
        ({"host": "bucket.s3.us-east-1.amazonaws.com:8443"}, "/key", "s3"),
        ({"host": "127.10.1.1:8443"}, "/pool/.well-known/jwks.json", "cognito-idp"),
        ({"host": "127.10.1.1:8443"}, "/", ""),
    ],
)
def test_unsigned_call_service_is_found_by_target_host_or_path(
    headers: dict[str, str], path: str, service: str
) -> None:
    assert find_service(headers, path, None) == service


@pytest.mark.parametrize(
    ("service", "method", "path", "query", "operation"),
    [
        ("route53", "POST", "/2013-04-01/hostedzone/Z1/rrset", "", "ChangeResourceRecordSets"),
        ("route53", "POST", "/2013-04-01/hostedzone/Z1/rrset/", "", "ChangeResourceRecordSets"),
        ("route53", "GET", "/2013-04-01/hostedzone/Z1/rrset", "maxitems=1", "ListResourceRecordSets"),
        ("route53", "GET", "/2013-04-01/hostedzone", "", "ListHostedZones"),
        ("route53", "GET", "/2013-04-01/change/C1", "", "GetChange"),
        ("lambda", "POST", "/2015-03-31/functions/tick/invocations", "", "Invoke"),
        ("s3", "PUT", "/bucket", "", "CreateBucket"),
        ("s3", "PUT", "/bucket/a/key", "", "PutObject"),
        ("s3", "PUT", "/bucket", "tagging", "PutBucketTagging"),
        ("scheduler", "POST", "/schedules/tick", "", "CreateSchedule"),
        ("route53", "GET", "/nowhere", "", ""),
        ("no-such-service", "GET", "/", "", ""),
    ],
)
def test_rest_operation_is_found_by_boto3_model(
    service: str, method: str, path: str, query: str, operation: str
) -> None:
    assert find_operation_name(service, method=method, path=path, query=query, headers={}, body=b"") == operation


def test_query_operation_is_found_in_body() -> None:
    headers = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
    operation = find_operation_name(
        "sns", method="POST", path="/", query="", headers=headers, body=b"Action=Publish&Message=x"
    )
    assert operation == "Publish"


def test_virtual_host_call_is_an_object_operation() -> None:
    headers = {"host": "bucket.s3.us-east-1.amazonaws.com"}
    assert find_operation_name("s3", method="PUT", path="/key", query="", headers=headers, body=b"") == "PutObject"


def test_user_operations_are_unsigned_and_admin_operations_signed() -> None:
    unsigned = list_unsigned_operations("cognito-idp")
    assert {"InitiateAuth", "RespondToAuthChallenge", "GetUser", "SignUp"} <= unsigned
    assert not {"AdminInitiateAuth", "DescribeUserPool"} & unsigned
