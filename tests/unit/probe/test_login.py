"""Login responses become probe results, which show no password and no token."""

import json
from typing import Any

import pytest

from cognito_failover.core.probe_result import (
    Challenged,
    EmptySuccess,
    ErrorResponse,
    IntermediaryResponse,
    ProbeResult,
    SignInSuccess,
    Tokens,
)
from cognito_failover.probe.canary_credentials import Credentials
from cognito_failover.probe.https_client import HttpResponse, HttpsEndpoint
from cognito_failover.probe.login import build_cognito_endpoint, parse_login_response
from cognito_failover.probe.probe_targets import Target, build_probe_targets, build_target_endpoint
from cognito_failover.settings.controller import Settings

CANARY = Credentials(version="1", username="canary@example.com", password="hunter-2")


def parse_response(status: int, fields: Any, headers: dict[str, str] | None = None) -> ProbeResult:
    body = fields if isinstance(fields, bytes) else json.dumps(fields).encode()
    return parse_login_response(
        HttpResponse(status=status, headers=headers or {}, body=body), latency_seconds=0.2, credentials=CANARY
    )


def test_response_with_tokens_is_a_sign_in() -> None:
    result = parse_response(200, {"AuthenticationResult": {"IdToken": "id.1", "AccessToken": "access.1"}})

    assert result == SignInSuccess(tokens=Tokens(id_token="id.1", access_token="access.1"), latency_seconds=0.2)


def test_challenge_result_has_the_name_of_the_challenge() -> None:
    assert parse_response(200, {"ChallengeName": "SMS_MFA", "Session": "s"}) == Challenged(
        name="SMS_MFA", latency_seconds=0.2
    )


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"AuthenticationResult": {}},
        {"AuthenticationResult": []},
        {"AuthenticationResult": {"IdToken": "id.1"}},
        {"AuthenticationResult": {"IdToken": "", "AccessToken": ""}},
        {"ChallengeName": ""},
    ],
)
def test_success_without_tokens_or_challenge_is_empty(fields: Any) -> None:
    assert parse_response(200, fields) == EmptySuccess(latency_seconds=0.2)


@pytest.mark.parametrize(
    ("status", "fields"), [(200, []), (200, b""), (200, b"<html>fine</html>"), (202, b""), (202, {}), (204, b"")]
)
def test_success_that_cognito_never_sends_is_an_intermediarys(status: int, fields: Any) -> None:
    assert parse_response(status, fields) == IntermediaryResponse(
        code=f"HTTP {status}", http_status=status, latency_seconds=0.2
    )


@pytest.mark.parametrize(("status", "action"), [(202, "challenge"), (405, "captcha"), (503, "challenge")])
def test_action_of_aws_waf_is_an_intermediarys(status: int, action: str) -> None:
    result = parse_response(status, {"__type": "ForbiddenException"}, {"x-amzn-waf-action": action})

    assert result == IntermediaryResponse(code=f"waf-{action}", http_status=status, latency_seconds=0.2)


@pytest.mark.parametrize(
    ("fields", "headers"),
    [
        ({"__type": "NotAuthorizedException"}, {}),
        ({"__type": "com.amazonaws.cognito#NotAuthorizedException"}, {}),
        ({}, {"x-amzn-errortype": "NotAuthorizedException:http://internal.amazon.com/"}),
    ],
)
def test_error_code_is_found_in_every_location(fields: Any, headers: dict[str, str]) -> None:
    assert parse_response(400, fields, headers) == ErrorResponse(
        code="NotAuthorizedException", http_status=400, message="", latency_seconds=0.2
    )


@pytest.mark.parametrize(("status", "code"), [(502, "HTTP 502"), (404, "HTTP 404"), (301, "HTTP 301")])
def test_error_without_code_is_named_by_status(status: int, code: str) -> None:
    result = parse_response(status, b"<html>no</html>")

    assert isinstance(result, ErrorResponse)
    assert (result.code, result.http_status) == (code, status)


def test_service_message_is_truncated_and_redacted() -> None:
    result = parse_response(400, {"__type": "X", "message": "canary@example.com gave hunter-2 " + "z" * 500})

    assert isinstance(result, ErrorResponse)
    assert result.message.startswith("*** gave *** zzz")
    assert len(result.message) == 200


def test_sign_in_repr_hides_tokens() -> None:
    result = parse_response(200, {"AuthenticationResult": {"IdToken": "id.1", "AccessToken": "access.1"}})

    assert "id.1" not in repr(result)
    assert "access.1" not in repr(result)
    assert isinstance(result, SignInSuccess)
    assert repr(result.tokens) == "Tokens()"


def test_credentials_repr_hides_canary() -> None:
    assert repr(CANARY) == "Credentials(version='1', subject='')"


def test_cognito_endpoint_is_the_regional_one() -> None:
    endpoint = build_cognito_endpoint("eu-west-1")

    assert (endpoint.host, endpoint.server_name, endpoint.port) == (
        "cognito-idp.eu-west-1.amazonaws.com",
        "cognito-idp.eu-west-1.amazonaws.com",
        443,
    )


@pytest.mark.parametrize(
    ("target", "hosts"),
    [
        ("d-1.execute-api.us-east-1.amazonaws.com.", ("d-1.execute-api.us-east-1.amazonaws.com",)),
        ("192.0.2.1, 192.0.2.2,192.0.2.3", ("192.0.2.1", "192.0.2.2", "192.0.2.3")),
        ("2001:db8::1", ("2001:db8::1",)),
    ],
)
def test_target_endpoint_has_its_hosts_and_the_domain_as_server_name(target: str, hosts: tuple[str, ...]) -> None:
    endpoint = build_target_endpoint(target, "auth.example.com.")

    assert (endpoint.host, *endpoint.additional_hosts) == hosts
    assert endpoint.server_name == "auth.example.com"


def test_probe_targets_follow_settings() -> None:
    settings = Settings(
        primary_region="ap-northeast-1",
        standby_region="us-east-1",
        user_pool_id="ap-northeast-1_abc",
        client_id="client",
        canary_secret_arn="arn:aws:secretsmanager:us-east-1:000000000000:secret:canary",
        hosted_zone_id="Z1",
        domain_name="auth.example.com",
        primary_target="tokyo.example.net",
        standby_target="virginia.example.net",
        target_probe_path="/health",
        witness_regions=("eu-west-1",),
        table_name="table",
        topic_arn="arn:aws:sns:us-east-1:000000000000:topic",
    )

    probe_targets = build_probe_targets(settings)

    assert probe_targets.logins.primary == build_cognito_endpoint("ap-northeast-1")
    assert probe_targets.logins.standby == build_cognito_endpoint("us-east-1")
    assert probe_targets.targets.standby == Target(
        endpoint=HttpsEndpoint(host="virginia.example.net", server_name="auth.example.com"), path="/health"
    )
    assert probe_targets.witnesses == (build_cognito_endpoint("eu-west-1"),)
