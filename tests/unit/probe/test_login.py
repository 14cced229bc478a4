"""How a reply becomes an answer, and what it must not show."""

import json
from typing import Any

import pytest

from failover.probe.answer import Answer, Challenged, EmptyAnswer, Refused, SignedIn, Tokens
from failover.probe.canary import Credentials
from failover.probe.https import Endpoint, Reply
from failover.probe.login import cognito_endpoint, read_reply
from failover.probe.places import places_of
from failover.probe.target import Target, target_endpoint
from failover.settings import Settings

CANARY = Credentials(version="1", username="canary@example.com", password="hunter-2")


def read(status: int, fields: Any, headers: dict[str, str] | None = None) -> Answer:
    body = fields if isinstance(fields, bytes) else json.dumps(fields).encode()
    return read_reply(Reply(status=status, headers=headers or {}, body=body), latency_seconds=0.2, credentials=CANARY)


def test_tokens_are_a_sign_in() -> None:
    answer = read(200, {"AuthenticationResult": {"IdToken": "id.1", "AccessToken": "access.1"}})

    assert answer == SignedIn(tokens=Tokens(identity="id.1", access="access.1"), latency_seconds=0.2)


def test_a_challenge_is_named() -> None:
    assert read(200, {"ChallengeName": "SMS_MFA", "Session": "s"}) == Challenged(name="SMS_MFA", latency_seconds=0.2)


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
    assert read(200, fields) == EmptyAnswer(latency_seconds=0.2)


@pytest.mark.parametrize(
    ("fields", "headers"),
    [
        ({"__type": "NotAuthorizedException"}, {}),
        ({"__type": "com.amazonaws.cognito#NotAuthorizedException"}, {}),
        ({}, {"x-amzn-errortype": "NotAuthorizedException:http://internal.amazon.com/"}),
    ],
)
def test_the_services_error_code_is_found_wherever_it_stands(fields: Any, headers: dict[str, str]) -> None:
    assert read(400, fields, headers) == Refused(
        code="NotAuthorizedException", http_status=400, message="", latency_seconds=0.2
    )


@pytest.mark.parametrize(("status", "code"), [(502, "HTTP 502"), (404, "HTTP 404"), (301, "HTTP 301")])
def test_an_error_without_a_code_is_named_by_its_status(status: int, code: str) -> None:
    answer = read(status, b"<html>no</html>")

    assert isinstance(answer, Refused)
    assert (answer.code, answer.http_status) == (code, status)


def test_the_services_words_are_kept_short_and_without_the_canary() -> None:
    answer = read(400, {"__type": "X", "message": "canary@example.com gave hunter-2 " + "z" * 500})

    assert isinstance(answer, Refused)
    assert answer.message.startswith("*** gave *** zzz")
    assert len(answer.message) == 200


def test_a_sign_in_never_shows_its_tokens() -> None:
    answer = read(200, {"AuthenticationResult": {"IdToken": "id.1", "AccessToken": "access.1"}})

    assert "id.1" not in repr(answer)
    assert "access.1" not in repr(answer)
    assert isinstance(answer, SignedIn)
    assert repr(answer.tokens) == "Tokens()"


def test_credentials_never_show_who_the_canary_is() -> None:
    assert repr(CANARY) == "Credentials(version='1', subject='')"


def test_cognito_is_reached_at_its_regional_name() -> None:
    endpoint = cognito_endpoint("eu-west-1")

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
def test_a_target_is_reached_at_its_own_name_or_any_address_and_asked_for_the_domain(
    target: str, hosts: tuple[str, ...]
) -> None:
    endpoint = target_endpoint(target, "auth.example.com.")

    assert (endpoint.host, *endpoint.further_hosts) == hosts
    assert endpoint.server_name == "auth.example.com"


def test_a_round_asks_where_the_settings_say() -> None:
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

    places = places_of(settings)

    assert places.logins.primary == cognito_endpoint("ap-northeast-1")
    assert places.logins.standby == cognito_endpoint("us-east-1")
    assert places.targets.standby == Target(
        endpoint=Endpoint(host="virginia.example.net", server_name="auth.example.com"), path="/health"
    )
    assert places.witnesses == (cognito_endpoint("eu-west-1"),)
