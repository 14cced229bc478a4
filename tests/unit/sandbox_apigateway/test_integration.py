import asyncio
from collections.abc import Mapping
from typing import Any, cast

import pytest

from sandbox.apigateway.access_log import line
from sandbox.apigateway.integration import Integration, IntegrationError
from sandbox.exchange import Response
from sandbox.listeners import Call, Endpoint, Silence

COGNITO = "cognito-idp.us-east-1.amazonaws.com"
BODY = '{"UserContextData":{"EncodedData":"ä=="},"ClientMetadata":{"a":"b"}}'.encode()


def deployed(**other: Any) -> dict[str, Any]:
    return {
        "type": "HTTP_PROXY",
        "httpMethod": "POST",
        "uri": f"https://{COGNITO}/",
        "timeoutInMillis": 50,
        "requestParameters": {},
        **other,
    }


def call(headers: Mapping[str, str] | None = None) -> Call:
    given = {"Host": "auth.example.com", "Content-Type": "application/x-amz-json-1.1", **(headers or {})}
    encoded = [(name.lower().encode(), value.encode()) for name, value in given.items()]
    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": encoded}
    return Call(scope=cast("Any", scope), source_address="192.0.2.1", body=BODY)


class Backend:
    """An endpoint that keeps what it was asked, and answers what it is told."""

    def __init__(self, answer: Response | Silence) -> None:
        self.answer = answer
        self.asked: list[Call] = []

    def at(self, host: str) -> Endpoint | None:
        async def endpoint(asked: Call) -> Response | Silence:
            self.asked.append(asked)
            return self.answer

        return endpoint if host == COGNITO else None


def pass_on(backend: Backend, made: Call, *, path: Mapping[str, str] | None = None, **other: Any) -> Response:
    return asyncio.run(
        Integration.of(deployed(**other)).pass_on(
            made, api_id="abc", path_parameters=path or {}, endpoint_of=backend.at, source="127.10.2.2"
        )
    )


def test_the_request_arrives_as_it_was_sent_but_under_the_endpoints_name() -> None:
    backend = Backend(Response(status=200))

    pass_on(backend, call({"X-Amz-Target": "Some.Thing", "Connection": "keep-alive", "Origin": "https://app"}))

    [asked] = backend.asked
    assert asked.body == BODY
    assert asked.headers["host"] == COGNITO
    assert asked.headers["content-type"] == "application/x-amz-json-1.1"
    assert (asked.headers["x-amz-target"], asked.headers["origin"]) == ("Some.Thing", "https://app")
    assert "connection" not in asked.headers
    assert asked.source_address == "127.10.2.2"


def test_the_client_address_goes_along_behind_what_the_client_claims() -> None:
    backend = Backend(Response(status=200))

    pass_on(backend, call({"X-Forwarded-For": "198.51.100.7"}))

    assert backend.asked[0].headers["x-forwarded-for"] == "198.51.100.7, 192.0.2.1"


def test_the_answer_comes_back_as_it_is_but_for_remapped_headers() -> None:
    headers = {"Content-Type": "application/x-amz-json-1.1", "x-amzn-ErrorType": "E:", "Date": "now", "Connection": "c"}
    backend = Backend(Response(status=418, headers=headers, body=b"{}"))

    answer = pass_on(backend, call())

    assert (answer.status, answer.body) == (418, b"{}")
    assert answer.headers == {
        "content-type": "application/x-amz-json-1.1",
        "x-amzn-errortype": "E:",
        "x-amzn-remapped-date": "now",
    }


def test_a_path_parameter_stays_one_segment() -> None:
    backend = Backend(Response(status=200))

    pass_on(
        backend,
        call(),
        path={"pool": "a/../b"},
        uri=f"https://{COGNITO}/{{pool}}/keys",
        requestParameters={"integration.request.path.pool": "method.request.path.pool"},
    )

    assert backend.asked[0].scope["path"] == "/a%2F..%2Fb/keys"


@pytest.mark.parametrize(
    ("answer", "uri", "response_type"),
    [
        (Silence.HANG, f"https://{COGNITO}/", "INTEGRATION_TIMEOUT"),
        (Silence.RESET, f"https://{COGNITO}/", "INTEGRATION_FAILURE"),
        (Response(status=200), "https://elsewhere.example.com/", "INTEGRATION_FAILURE"),
        (Response(status=200), f"http://{COGNITO}/", "INTEGRATION_FAILURE"),
    ],
)
def test_no_answer_is_told_by_its_kind(answer: Response | Silence, uri: str, response_type: str) -> None:
    with pytest.raises(IntegrationError) as error:
        pass_on(Backend(answer), call(), uri=uri)

    assert error.value.response_type == response_type


@pytest.mark.parametrize(
    "other", [{"type": "AWS_PROXY"}, {"requestParameters": {"integration.request.header.A": "method.request.header.B"}}]
)
def test_what_is_not_understood_is_refused(other: dict[str, Any]) -> None:
    with pytest.raises(IntegrationError, match="Not understood here"):
        Integration.of(deployed(**other))


def test_a_line_of_the_access_log_has_a_dash_for_what_there_is_not() -> None:
    said = line(
        '{"status":"$context.status","error":"$context.error.responseType"}', {"context.status": 200, "context.e": 1}
    )

    assert said == '{"status":"200","error":"-"}'
