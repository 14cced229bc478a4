"""A boto3 client that calls a Route 53 in this process, without a socket."""

import asyncio
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote, urlsplit

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config

from sandbox.http_messages import EndpointRequest
from sandbox.route53.service import Route53

if TYPE_CHECKING:
    from mypy_boto3_route53 import Route53Client

ACCOUNT = "123456789012"


def connect(route53: Route53, account: str = ACCOUNT) -> "Route53Client":
    """Return a client of an account.

    The client does not validate parameters and does not retry, so the service's errors are visible.
    """
    client = boto3.client(
        "route53",
        region_name="us-east-1",
        aws_access_key_id="key",
        aws_secret_access_key="secret",  # noqa: S106 -- nothing checks the signature
        config=Config(parameter_validation=False, retries={"total_max_attempts": 1}),
    )

    def answer(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        address = urlsplit(request.url)
        response = asyncio.run(
            route53.handle(
                EndpointRequest(
                    region="us-east-1",
                    caller_region=None,
                    account=account,
                    service="route53",
                    operation="",
                    method=request.method,
                    path=unquote(address.path),
                    query=address.query,
                    headers={name.lower(): value for name, value in request.headers.items()},
                    body=cast("bytes", request.body or b""),
                    signed=True,
                )
            )
        )
        headers = HTTPHeaders.from_dict(dict(response.headers))
        return AWSResponse(request.url, response.status, headers, _RawBody(response.body))

    client.meta.events.register("before-send.route-53.*", cast("Any", answer))
    return client


class _RawBody:
    """A response's raw body with the methods that botocore calls."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_: Any) -> list[bytes]:
        return [self._content]
