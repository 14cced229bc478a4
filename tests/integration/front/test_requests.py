"""Requests that a deployed front forwards or refuses, and its access log."""

import json

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from sandbox.operations import find_service_model, list_unsigned_operations
from tests.integration.front.fronts import TARGET, FrontDeployment
from tests.support.settings import TOKYO, VIRGINIA

_JSON = "application/x-amz-json-1.1"


def test_every_user_operation_reaches_cognito(fronts: FrontDeployment) -> None:
    codes = {
        operation: fronts.call(TOKYO, operation).error_code for operation in list_unsigned_operations("cognito-idp")
    }

    assert len(codes) > 30
    assert "ForbiddenException" not in codes.values()


def test_signed_operations_do_not_reach_cognito(fronts: FrontDeployment) -> None:
    model = find_service_model("cognito-idp")
    assert model is not None
    signed = set(model.operation_names) - list_unsigned_operations("cognito-idp")

    answers = {operation: fronts.call(VIRGINIA, operation) for operation in signed}

    assert len(answers) > 60
    assert {(answer.status, answer.error_code) for answer in answers.values()} == {(403, "ForbiddenException")}


def test_signature_gives_no_access(fronts: FrontDeployment) -> None:
    keys = fronts.sandbox.description["credentials"]
    body = json.dumps({"UserPoolId": fronts.set_up.pool_id}).encode()
    request = AWSRequest(
        "POST",
        f"https://cognito-idp.{TOKYO}.amazonaws.com/",
        headers={"Content-Type": _JSON, "X-Amz-Target": f"{TARGET}.ListUsers"},
        data=body,
    )
    credentials = Credentials(keys["AWS_ACCESS_KEY_ID"], keys["AWS_SECRET_ACCESS_KEY"])
    SigV4Auth(credentials, "cognito-idp", TOKYO).add_auth(request)

    answer = fronts.send(TOKYO, "POST", "/", headers=dict(request.headers), body=body)

    assert (answer.status, answer.error_code) == (403, "ForbiddenException")


def test_cognito_error_is_passed_through_unchanged(fronts: FrontDeployment) -> None:
    fields = {
        "AuthFlow": "USER_PASSWORD_AUTH",
        "ClientId": fronts.set_up.client_id,
        "AuthParameters": {"USERNAME": fronts.user["username"], "PASSWORD": "Wrong1!wrong"},
    }

    forwarded = fronts.call(TOKYO, "InitiateAuth", **fields)
    direct = fronts.call_cognito(TOKYO, "InitiateAuth", **fields)

    assert (forwarded.status, forwarded.body) == (direct.status, direct.body)
    assert forwarded.error_code == "NotAuthorizedException"
    for name in ("content-type", "x-amzn-errortype", "access-control-allow-origin"):
        assert forwarded.headers[name] == direct.headers[name], name
    assert forwarded.headers["content-type"] == _JSON


@pytest.mark.parametrize("region", [TOKYO, VIRGINIA])
@pytest.mark.parametrize("document", ["jwks.json", "openid-configuration"])
def test_each_region_serves_public_pool_documents(fronts: FrontDeployment, region: str, document: str) -> None:
    pool_id = fronts.set_up.pool_id

    answer = fronts.send(region, "GET", f"/{pool_id}/.well-known/{document}")

    assert answer.status == 200
    assert {"jwks.json": "keys", "openid-configuration": "issuer"}[document] in json.loads(answer.body)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/ap-northeast-1_SomeOther/.well-known/jwks.json"),
        ("GET", "/"),
        ("GET", "/nothing"),
        ("PUT", "/"),
        ("POST", "/elsewhere"),
    ],
)
def test_other_paths_are_rejected(fronts: FrontDeployment, method: str, path: str) -> None:
    answer = fronts.send(TOKYO, method, path)

    assert (answer.status, answer.error_code) == (403, "ForbiddenException")


def test_browser_can_preflight_and_read_error(fronts: FrontDeployment) -> None:
    headers = {"Origin": "https://app.example.com", "Access-Control-Request-Method": "POST"}
    allowed = fronts.send(TOKYO, "OPTIONS", "/", headers=headers)
    refused = fronts.call(TOKYO, "ListUsers")

    assert (allowed.status, allowed.headers["access-control-allow-origin"]) == (200, "*")
    assert refused.headers["access-control-allow-origin"] == "*"


def test_target_answers_only_for_its_domain(fronts: FrontDeployment) -> None:
    answer = fronts.send(TOKYO, "POST", "/", host="other.example.com")

    assert answer.status == 404


@pytest.mark.parametrize(
    ("fault", "status", "response_type"),
    [
        ({"effect": "reset"}, 504, "INTEGRATION_FAILURE"),
        ({"effect": "error", "code": "InternalErrorException", "status": 500}, 500, "-"),
    ],
)
def test_cognito_failure_becomes_server_error(
    fronts: FrontDeployment, fault: dict[str, object], status: int, response_type: str
) -> None:
    with fronts.sandbox.inject_fault(service="cognito-idp", region=TOKYO, operation="GetUser", **fault):
        answer = fronts.call(TOKYO, "GetUser", AccessToken="none")

    assert (answer.status, answer.error_code) == (status, "InternalErrorException")
    assert f'"gateway_error":"{response_type}"' in fronts.read_log(TOKYO)[-1]


def test_access_log_has_every_request_and_no_secret(fronts: FrontDeployment) -> None:
    user = fronts.user
    before = len(fronts.read_log(VIRGINIA))
    answer = fronts.call(
        VIRGINIA,
        "InitiateAuth",
        AuthFlow="USER_PASSWORD_AUTH",
        ClientId=fronts.set_up.client_id,
        AuthParameters={"USERNAME": user["username"], "PASSWORD": user["password"]},
    )
    tokens = json.loads(answer.body)["AuthenticationResult"]
    [line] = fronts.read_log(VIRGINIA)[before:]

    assert json.loads(line)["request_id"] == answer.headers["x-amzn-requestid"]
    assert (json.loads(line)["status"], json.loads(line)["cognito_status"]) == ("200", "200")
    for secret in (user["password"], user["username"], tokens["AccessToken"], tokens["RefreshToken"]):
        assert secret not in line


def test_outputs_fit_alias_record(fronts: FrontDeployment) -> None:
    for region, zone_id in ((TOKYO, "Z1YSHQZHG15GKL"), (VIRGINIA, "Z1UJRXOUMOOFQ8")):
        target = fronts.targets[region]
        assert target["TargetName"].endswith(f".execute-api.{region}.amazonaws.com")
        assert target["TargetZoneId"] == zone_id
