import asyncio
from collections.abc import Mapping
from typing import Any, cast

import pytest

from sandbox.apigateway.access_log import format_line
from sandbox.apigateway.integration import Integration, IntegrationError
from sandbox.http_messages import EndpointResponse
from sandbox.listeners import CallHandler, HttpCall, UnansweredCall

COGNITO = "cognito-idp.us-east-1.amazonaws.com"
BODY = '{"UserContextData":{"EncodedData":"ä=="},"ClientMetadata":{"a":"b"}}'.encode()


def build_integration(**other: Any) -> dict[str, Any]:
    return {
        "type": "HTTP_PROXY",
        "httpMethod": "POST",
        "uri": f"https://{COGNITO}/",
        "timeoutInMillis": 50,
        "requestParameters": {},
        **other,
    }


def build_call(headers: Mapping[str, str] | None = None) -> HttpCall:
    given = {"Host": "auth.example.com", "Content-Type": "application/x-amz-json-1.1", **(headers or {})}
    encoded = [(name.lower().encode(), value.encode()) for name, value in given.items()]
    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": encoded}
    return HttpCall(scope=cast("Any", scope), source_address="192.0.2.1", body=BODY)


class RecordingBackend:
    """An endpoint that records calls and returns a configured answer."""

    def __init__(self, answer: EndpointResponse | UnansweredCall) -> None:
        self.answer = answer
        self.calls: list[HttpCall] = []

    def find_endpoint(self, host: str) -> CallHandler | None:
        async def endpoint(asked: HttpCall) -> EndpointResponse | UnansweredCall:
            self.calls.append(asked)
            return self.answer

        return endpoint if host == COGNITO else None


def forward(
    backend: RecordingBackend, made: HttpCall, *, path: Mapping[str, str] | None = None, **other: Any
) -> EndpointResponse:
    return asyncio.run(
        Integration.from_engine(build_integration(**other)).forward(
            made,
            api_id="abc",
            path_parameters=path or {},
            find_endpoint=backend.find_endpoint,
            source_address="127.10.2.2",
        )
    )


def test_forwarded_request_is_unchanged_except_host() -> None:
    backend = RecordingBackend(EndpointResponse(status=200))

    forward(backend, build_call({"X-Amz-Target": "Some.Thing", "Connection": "keep-alive", "Origin": "https://app"}))

    [asked] = backend.calls
    assert asked.body == BODY
    assert asked.headers["host"] == COGNITO
    assert asked.headers["content-type"] == "application/x-amz-json-1.1"
    assert (asked.headers["x-amz-target"], asked.headers["origin"]) == ("Some.Thing", "https://app")
    assert "connection" not in asked.headers
    assert asked.source_address == "127.10.2.2"


def test_client_address_is_appended_to_forwarded_for() -> None:
    backend = RecordingBackend(EndpointResponse(status=200))

    forward(backend, build_call({"X-Forwarded-For": "198.51.100.7"}))

    assert backend.calls[0].headers["x-forwarded-for"] == "198.51.100.7, 192.0.2.1"


def test_response_is_unchanged_except_remapped_headers() -> None:
    headers = {"Content-Type": "application/x-amz-json-1.1", "x-amzn-ErrorType": "E:", "Date": "now", "Connection": "c"}
    backend = RecordingBackend(EndpointResponse(status=418, headers=headers, body=b"{}"))

    answer = forward(backend, build_call())

    assert (answer.status, answer.body) == (418, b"{}")
    assert answer.headers == {
        "content-type": "application/x-amz-json-1.1",
        "x-amzn-errortype": "E:",
        "x-amzn-remapped-date": "now",
    }


def test_path_parameter_stays_one_segment() -> None:
    backend = RecordingBackend(EndpointResponse(status=200))

    forward(
        backend,
        build_call(),
        path={"pool": "a/../b"},
        uri=f"https://{COGNITO}/{{pool}}/keys",
        requestParameters={"integration.request.path.pool": "method.request.path.pool"},
    )

    assert backend.calls[0].scope["path"] == "/a%2F..%2Fb/keys"


@pytest.mark.parametrize(
    ("answer", "uri", "response_type"),
    [
        (UnansweredCall.HANG, f"https://{COGNITO}/", "INTEGRATION_TIMEOUT"),
        (UnansweredCall.RESET, f"https://{COGNITO}/", "INTEGRATION_FAILURE"),
        (EndpointResponse(status=200), "https://elsewhere.example.com/", "INTEGRATION_FAILURE"),
        (EndpointResponse(status=200), f"http://{COGNITO}/", "INTEGRATION_FAILURE"),
    ],
)
def test_missing_response_raises_error_by_kind(
    answer: EndpointResponse | UnansweredCall, uri: str, response_type: str
) -> None:
    with pytest.raises(IntegrationError) as error:
        forward(RecordingBackend(answer), build_call(), uri=uri)

    assert error.value.response_type == response_type


@pytest.mark.parametrize(
    "other", [{"type": "AWS_PROXY"}, {"requestParameters": {"integration.request.header.A": "method.request.header.B"}}]
)
def test_unsupported_integration_is_rejected(other: dict[str, Any]) -> None:
    with pytest.raises(IntegrationError, match="does not support"):
        Integration.from_engine(build_integration(**other))


def test_access_log_line_has_dash_for_missing_value() -> None:
    line = format_line(
        '{"status":"$context.status","error":"$context.error.responseType"}', {"context.status": 200, "context.e": 1}
    )

    assert line == '{"status":"200","error":"-"}'
