"""One call to the sandbox's AWS, and its answer, as every service in it sees them."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointRequest:
    """A call that has arrived at one Region's endpoint.

    Attributes
    ----------
    region
        The Region whose endpoint was called: for an unsigned call too, and whatever its signature says.
    caller_region
        The Region the caller runs in, by its source address; None for a caller outside AWS.
    account
        The 12-digit account of the signer; the sandbox's default account for an unsigned call.
    service
        The endpoint prefix, as boto3 names it in an endpoint: ``cognito-idp``, ``route53``, ``dynamodb``.
    operation
        The API's name for it, ``InitiateAuth``; empty where the service is not understood.
    path, query
        As sent, the path decoded; the query without its question mark.
    headers
        Names in lower case.
    signed
        Whether it carries a signature.

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
    """What goes back to the caller: status, headers, body."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


type RequestHandler = Callable[[EndpointRequest], Awaitable[EndpointResponse]]
"""Answers a request, whatever it asks."""

type Interceptor = Callable[[EndpointRequest, RequestHandler], Awaitable[EndpointResponse]]
"""Answers a request itself or passes it, changed or not, to the handler behind it."""
