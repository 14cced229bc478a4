"""Request and response types that all services of the sandbox share."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointRequest:
    """A call to one Region's endpoint.

    Attributes
    ----------
    region
        The Region whose endpoint was called. The signature does not matter.
    caller_region
        The Region the caller runs in, by its source address; None for a caller outside AWS.
    account
        The 12-digit account of the signer; the sandbox's default account for an unsigned call.
    service
        The endpoint prefix in boto3's spelling, such as ``cognito-idp``, ``route53``, ``dynamodb``.
    operation
        The operation's name, such as ``InitiateAuth``; empty if it cannot be determined.
    path, query
        The decoded path, and the query as sent without its question mark.
    headers
        Header names in lower case.
    signed
        Whether the call carries a signature.

    """

    region: str
    caller_region: str | None
    account: str
    service: str
    operation: str
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    signed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointResponse:
    """The response to the caller: status, headers, body."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


type RequestHandler = Callable[[EndpointRequest], Awaitable[EndpointResponse]]
"""Answers a request."""

type Interceptor = Callable[[EndpointRequest, RequestHandler], Awaitable[EndpointResponse]]
"""Answers a request, or passes it, changed or not, to the next handler."""
