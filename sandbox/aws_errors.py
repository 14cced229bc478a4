"""Error responses in the format of the called service, so that boto3 raises the same exception as on AWS."""

import json
import uuid
from xml.sax.saxutils import escape

from sandbox.http_messages import EndpointRequest, EndpointResponse
from sandbox.operations import find_protocol

_THROTTLING_ERRORS = {
    "cognito-idp": ("TooManyRequestsException", 400),
    "cloudformation": ("Throttling", 400),
    "iam": ("Throttling", 400),
    "lambda": ("TooManyRequestsException", 429),
    "login": ("TooManyRequestsException", 429),
    "monitoring": ("Throttling", 400),
    "route53": ("Throttling", 400),
    "s3": ("SlowDown", 503),
    "scheduler": ("ThrottlingException", 429),
    "sns": ("Throttling", 400),
    "sts": ("Throttling", 400),
    "target": ("TooManyRequestsException", 429),
}


def build_throttling_error(request: EndpointRequest) -> EndpointResponse:
    """Return the service's own throttling error."""
    code, status = _THROTTLING_ERRORS.get(request.service, ("ThrottlingException", 400))
    return build_error_response(request, code=code, status=status, message="Rate exceeded")


def build_error_response(request: EndpointRequest, *, code: str, status: int, message: str) -> EndpointResponse:
    """Return an error response with this code, in the protocol of the request."""
    request_id = str(uuid.uuid4())
    if request.headers.get("smithy-protocol") == "rpc-v2-cbor":
        return EndpointResponse(
            status=status,
            headers={"content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"},
            body=_encode_cbor_map({"__type": code, "message": message}),
        )
    protocol = "json" if "x-amz-target" in request.headers else find_protocol(request.service)
    if protocol in ("json", "rest-json"):
        return EndpointResponse(
            status=status,
            headers={
                "content-type": "application/x-amz-json-1.1" if protocol == "json" else "application/json",
                "x-amzn-errortype": code,
                "x-amzn-requestid": request_id,
            },
            body=json.dumps({"__type": code, "message": message}).encode(),
        )
    error = f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
    if request.service == "s3":
        body = f"<Error>{error}<RequestId>{request_id}</RequestId></Error>"
    elif protocol == "ec2":
        body = f"<Response><Errors><Error>{error}</Error></Errors><RequestID>{request_id}</RequestID></Response>"
    else:
        kind = "Sender" if status < 500 else "Receiver"  # noqa: PLR2004 - the first status of server errors
        body = (
            f"<ErrorResponse><Error><Type>{kind}</Type>{error}</Error>"
            f"<RequestId>{request_id}</RequestId></ErrorResponse>"
        )
    return EndpointResponse(
        status=status,
        headers={"content-type": "text/xml", "x-amzn-requestid": request_id},
        body=f'<?xml version="1.0" encoding="UTF-8"?>\n{body}'.encode(),
    )


def _encode_cbor_map(members: dict[str, str]) -> bytes:
    """Encode a small map of strings (RFC 8949, major types 5 and 3)."""
    return bytes([0xA0 | len(members)]) + b"".join(
        _encode_cbor_text(text) for member in members.items() for text in member
    )


def _encode_cbor_text(text: str) -> bytes:
    encoded = text.encode()
    return b"\x79" + len(encoded).to_bytes(2, "big") + encoded
