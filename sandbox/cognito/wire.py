"""The JSON 1.1 protocol of the user pools API."""

import json
from dataclasses import dataclass
from typing import Any

from sandbox.http_messages import EndpointRequest, EndpointResponse

type JsonObject = dict[str, Any]
"""A JSON object of the API."""

_CONTENT_TYPE = "application/x-amz-json-1.1"


class AwsServiceError(Exception):
    """An error response of the service.

    Parameters
    ----------
    code
        An exception name that boto3's service model lists for the operation.
    message
        The message for the caller.
    status
        The HTTP status: 400, or 500 for an internal error.

    """

    def __init__(self, code: str, message: str, *, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status

    def to_response(self) -> EndpointResponse:
        """Return the HTTP response. The code is in the body and in a header, as the SDKs expect."""
        body = json.dumps({"__type": self.code, "message": self.message}).encode()
        return EndpointResponse(
            status=self.status,
            headers={"content-type": _CONTENT_TYPE, "x-amzn-errortype": self.code},
            body=body,
        )


def build_json_response(document: JsonObject) -> EndpointResponse:
    """Return a successful answer."""
    return EndpointResponse(status=200, headers={"content-type": _CONTENT_TYPE}, body=json.dumps(document).encode())


def parse_json_object(http_message: EndpointRequest | EndpointResponse) -> JsonObject:
    """Return the JSON object in a message's body, or an empty one."""
    try:
        document = json.loads(http_message.body)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


@dataclass(frozen=True, slots=True)
class UserPoolCall:
    """A call and its user pool.

    Attributes
    ----------
    request, document
        The call, and the JSON object in its body.
    account
        The signer's account, or the pool's for an unsigned call.
    pool_id
        The pool's id; empty if the call names no pool, or an app client that this Region does not know.

    """

    request: EndpointRequest
    document: JsonObject
    account: str
    pool_id: str

    @property
    def operation(self) -> str:
        """The operation's name."""
        return self.request.operation

    @property
    def region(self) -> str:
        """The Region that was called."""
        return self.request.region
