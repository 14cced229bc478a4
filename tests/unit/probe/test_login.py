"""How a reply becomes an answer, and what it must not show."""

import json
from typing import Any

import pytest

from cognito_failover.core.probe_result import (
    Challenged,
    EmptySuccess,
    ErrorResponse,
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


def test_tokens_are_a_sign_in() -> None:
    answer = parse_response(200, {"AuthenticationResult": {"IdToken": "id.1", "AccessToken": "access.1"}})

    assert answer == SignInSuccess(tokens=Tokens(id_token="id.1", access_token="access.1"), latency_seconds=0.2)


def test_challenge_is_named() -> None:
    assert parse_response(200, {"ChallengeName": "SMS_MFA", "Session": "s"}) == Challenged(
        name="SMS_MFA", latency_seconds=0.2
    )


@pytest.mark.parametrize(
    "fields",
    [
        {},
        [],
        b"",
        b"<html>fine</html>",
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
    answer = parse_response(status, b"<html>no</html>")

    assert isinstance(answer, ErrorResponse)
    assert (answer.code, answer.http_status) == (code, status)


def test_service_message_is_truncated_and_redacted() -> None:
    answer = parse_response(400, {"__type": "X", "message": "canary@example.com gave hunter-2 " + "z" * 500})

    assert isinstance(answer, ErrorResponse)
    assert answer.message.startswith("*** gave *** zzz")
    assert len(answer.message) == 200


def test_sign_in_repr_hides_tokens() -> None:
    answer = parse_response(200, {"AuthenticationResult": {"IdToken": "id.1", "AccessToken": "access.1"}})

    assert "id.1" not in repr(answer)
    assert "access.1" not in repr(answer)
    assert isinstance(answer, SignInSuccess)
    assert repr(answer.tokens) == "Tokens()"


def test_credentials_repr_hides_canary() -> None:
    assert repr(CANARY) == "Credentials(version='1', subject='')"


def test_cognito_is_reached_at_regional_endpoint() -> None:
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
def test_target_is_reached_by_name_or_address_with_domain_as_host(target: str, hosts: tuple[str, ...]) -> None:
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

    places = build_probe_targets(settings)

    assert places.logins.primary == build_cognito_endpoint("ap-northeast-1")
    assert places.logins.standby == build_cognito_endpoint("us-east-1")
    assert places.targets.standby == Target(
        endpoint=HttpsEndpoint(host="virginia.example.net", server_name="auth.example.com"), path="/health"
    )
    assert places.witnesses == (build_cognito_endpoint("eu-west-1"),)
