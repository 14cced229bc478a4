"""The JSON 1.1 protocol of the user pools API: documents in, documents and refusals out."""

import json
from dataclasses import dataclass
from typing import Any

from sandbox.http_messages import EndpointRequest, EndpointResponse

type JsonObject = dict[str, Any]
"""A JSON object, as the API sends and receives it."""

_CONTENT_TYPE = "application/x-amz-json-1.1"


class AwsServiceError(Exception):
    """The service's refusal of a call.

    Parameters
    ----------
    code
        An exception that boto3's service model lists for the operation.
    message
        What the caller reads.
    status
        The HTTP status: 400, or 500 for the service's own failures.

    """

    def __init__(self, code: str, message: str, *, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status

    def to_response(self) -> EndpointResponse:
        """Return the refusal as boto3 and the other SDKs read it: code in the body and in a header."""
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
    """Return the JSON object a message carries; an empty one where it carries none."""
    try:
        document = json.loads(http_message.body)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


@dataclass(frozen=True, slots=True)
class UserPoolCall:
    """A call and the user pool it is about.

    Attributes
    ----------
    request, document
        The call, and the JSON object it carries.
    account
        The account that owns the pool: the signer's, or for an unsigned call the pool's.
    pool_id
        The pool's id; empty where the call names no pool, or an app client that this Region doesn't know.

    """

    request: EndpointRequest
    document: JsonObject
    account: str
    pool_id: str

    @property
    def operation(self) -> str:
        """The API's name of the operation."""
        return self.request.operation

    @property
    def region(self) -> str:
        """The Region that was called."""
        return self.request.region
