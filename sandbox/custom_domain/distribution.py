"""A CloudFront distribution: forwards requests for custom domains, and returns errors if an origin fails."""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from sandbox.cognito.domain import CustomDomain
from sandbox.faults import LOGIN_SERVICE
from sandbox.http_messages import EndpointRequest, EndpointResponse
from sandbox.listeners import HttpCall, UnansweredCall

type Origin = Callable[[EndpointRequest, CustomDomain], Awaitable[EndpointResponse | UnansweredCall]]
"""Answers a request in the request's Region, or does not answer."""

DEFAULT_ORIGIN_TIMEOUT_SECONDS = 30.0
"""CloudFront's default response timeout. The timeout of Cognito's distributions is not documented."""


class CloudFrontDistribution:
    """The distribution of all custom domains.

    Parameters
    ----------
    find_domain
        Returns the custom domain with a name in lower case, or None.
    find_region
        Returns the Region that serves a domain now.
    origin
        Managed login in the Regions.

    Attributes
    ----------
    origin_seconds
        The origin's response timeout. It may change at any time.

    """

    def __init__(
        self,
        *,
        find_domain: Callable[[str], CustomDomain | None],
        find_region: Callable[[CustomDomain], str],
        origin: Origin,
    ) -> None:
        self.origin_seconds = DEFAULT_ORIGIN_TIMEOUT_SECONDS
        self._find_domain = find_domain
        self._find_region = find_region
        self._origin = origin

    async def handle(self, call: HttpCall) -> EndpointResponse:
        """Answer a request to the distribution."""
        domain = self._find_domain(call.headers.get("host", "").partition(":")[0].lower())
        if domain is None or domain.served_settings is None:
            return _build_error(HTTPStatus.FORBIDDEN, "Bad request.")
        request = EndpointRequest(
            region=self._find_region(domain),
            caller_region=None,
            account=domain.account,
            service=LOGIN_SERVICE,
            operation="",
            method=call.scope["method"],
            path=call.scope["path"],
            query=call.scope["query_string"].decode("latin-1"),
            headers=call.headers,
            body=call.body,
            signed=False,
        )
        try:
            async with asyncio.timeout(self.origin_seconds):
                response = await self._origin(request, domain)
                if response is UnansweredCall.HANG:
                    await asyncio.Event().wait()
        except TimeoutError:
            return _build_error(
                HTTPStatus.GATEWAY_TIMEOUT,
                "CloudFront attempted to establish a connection with the origin, and failed.",
            )
        if isinstance(response, UnansweredCall):
            return _build_error(HTTPStatus.BAD_GATEWAY, "CloudFront wasn't able to connect to the origin.")
        return _add_cloudfront_headers(response, "Miss from cloudfront")


def _build_error(status: HTTPStatus, reason: str) -> EndpointResponse:
    title = f"{status.value} ERROR"
    body = f"<html><title>ERROR: The request could not be satisfied</title><h1>{title}</h1><p>{reason}</p></html>"
    response = EndpointResponse(status=status, headers={"content-type": "text/html"}, body=body.encode())
    return _add_cloudfront_headers(response, "Error from cloudfront")


def _add_cloudfront_headers(response: EndpointResponse, cache_status: str) -> EndpointResponse:
    added = {"via": "1.1 sandbox.cloudfront.net (CloudFront)", "x-cache": cache_status}
    return EndpointResponse(status=response.status, headers={**response.headers, **added}, body=response.body)
