"""A botocore session on the sandbox's Route 53, in this process and without a socket."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import unquote, urlsplit

import botocore.awsrequest
import botocore.session
from botocore.compat import HTTPHeaders

from sandbox.http_messages import EndpointRequest, EndpointResponse
from sandbox.route53 import Route53

NOW = 1_790_000_000.0


class BotocoreBody:
    """The body of a response, as botocore reads it."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_: Any) -> list[bytes]:
        """Return the whole body as one chunk."""
        return [self._content]


@dataclass
class Route53Session:
    """Route 53 and STS of one session.

    Attributes
    ----------
    requests
        All requests in order, as method, host and path.
    overrides
        Responses, or errors to raise, instead of the sandbox's, by HTTP method and part of the path.
    service_addresses
        The IPv4 addresses of AWS services that aliases may target.

    """

    now: float = NOW
    requests: list[tuple[str, str, str]] = field(default_factory=list)
    signed_with: list[str] = field(default_factory=list)
    overrides: list[tuple[str, str, EndpointResponse | Exception]] = field(default_factory=list)
    service_addresses: dict[str, str] = field(default_factory=dict)
    sts: EndpointResponse | Exception = field(default_factory=lambda: EndpointResponse(status=500))

    def __post_init__(self) -> None:
        self.route53 = Route53(clock=lambda: self.now, find_service_address=self.service_addresses.get)
        self.session = botocore.session.Session()
        self.session.set_credentials("AKIDEXAMPLE", "secret")
        self.session.register("before-send.route-53.*", cast("Any", self._respond))
        self.session.register("before-send.sts.*", cast("Any", self._respond_as_sts))

    @property
    def client(self) -> Any:
        """A Route 53 client for the test."""
        return self.session.create_client("route53", region_name="us-east-1")

    def create_zone(self, name: str = "example.com", *, private: bool = False) -> str:
        """Create a hosted zone and return its id."""
        vpc = {"VPC": {"VPCRegion": "us-east-1", "VPCId": "vpc-1"}} if private else {}
        created = self.client.create_hosted_zone(Name=name, CallerReference=name, **vpc)
        return str(created["HostedZone"]["Id"])

    def change(self, zone_id: str, action: str, *record_sets: Any) -> None:
        """Change record sets, as a person does."""
        changes = [{"Action": action, "ResourceRecordSet": record_set} for record_set in record_sets]
        self.client.change_resource_record_sets(HostedZoneId=zone_id, ChangeBatch={"Changes": changes})

    def _respond(self, request: botocore.awsrequest.AWSPreparedRequest, **_: Any) -> botocore.awsrequest.AWSResponse:
        address = urlsplit(request.url)
        self.requests.append((request.method, address.netloc, address.path))
        self.signed_with.append(str(request.headers["Authorization"]))
        for method, part, answer in self.overrides:
            if request.method == method and part in address.path:
                return _to_aws_response(request, answer)
        body = cast("bytes | str", request.body or b"")
        response = asyncio.run(
            self.route53.handle(
                EndpointRequest(
                    region="us-east-1",
                    caller_region=None,
                    account="123456789012",
                    service="route53",
                    operation="",
                    method=request.method,
                    path=unquote(address.path),
                    query=address.query,
                    headers={},
                    body=body if isinstance(body, bytes) else body.encode(),
                    signed=True,
                )
            )
        )
        return _to_aws_response(request, response)

    def _respond_as_sts(
        self, request: botocore.awsrequest.AWSPreparedRequest, **_: Any
    ) -> botocore.awsrequest.AWSResponse:
        self.requests.append((request.method, urlsplit(request.url).netloc, "AssumeRole"))
        return _to_aws_response(request, self.sts)


def _to_aws_response(
    request: botocore.awsrequest.AWSPreparedRequest, answer: EndpointResponse | Exception
) -> botocore.awsrequest.AWSResponse:
    if isinstance(answer, Exception):
        raise answer
    return botocore.awsrequest.AWSResponse(
        request.url, answer.status, HTTPHeaders.from_dict(answer.headers), BotocoreBody(answer.body)
    )


def make_error(code: str, message: str, *, status: int = 400) -> EndpointResponse:
    """Build an error response in the format of Route 53 and STS."""
    text = (
        f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
        "</ErrorResponse>"
    )
    return EndpointResponse(status=status, headers={"content-type": "text/xml"}, body=text.encode())
