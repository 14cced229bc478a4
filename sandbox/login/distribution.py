"""A CloudFront distribution: takes requests for custom domains, and answers for origins that don't."""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from sandbox.cognito.domain import CustomDomain
from sandbox.exchange import Request, Response
from sandbox.faults import LOGIN
from sandbox.listeners import Call, Silence

type Origin = Callable[[Request, CustomDomain], Awaitable[Response | Silence]]
"""Answers a request in the Region that it names, or doesn't."""

DEFAULT_ORIGIN_SECONDS = 30.0
"""CloudFront's default response timeout; which one Cognito's distributions have is not documented."""


class Distribution:
    """The edge that answers every custom domain.

    Parameters
    ----------
    named
        Returns the custom domain of a name in lower case, or None.
    region
        Returns the Region that a domain leads to now.
    origin
        Managed login, wherever it is.

    Attributes
    ----------
    origin_seconds
        How long an origin has to answer; may be changed at any time.

    """

    def __init__(
        self,
        *,
        named: Callable[[str], CustomDomain | None],
        region: Callable[[CustomDomain], str],
        origin: Origin,
    ) -> None:
        self.origin_seconds = DEFAULT_ORIGIN_SECONDS
        self._named = named
        self._region = region
        self._origin = origin

    async def answer(self, call: Call) -> Response:
        """Answer a request that has come to the distribution."""
        domain = self._named(call.headers.get("host", "").partition(":")[0].lower())
        if domain is None or domain.served is None:
            return _cannot_be_satisfied(HTTPStatus.FORBIDDEN, "Bad request.")
        request = Request(
            region=self._region(domain),
            caller_region=None,
            account=domain.account,
            service=LOGIN,
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
                answered = await self._origin(request, domain)
                if answered is Silence.HANG:
                    await asyncio.Event().wait()
        except TimeoutError:
            return _cannot_be_satisfied(
                HTTPStatus.GATEWAY_TIMEOUT,
                "CloudFront attempted to establish a connection with the origin, and failed.",
            )
        if isinstance(answered, Silence):
            return _cannot_be_satisfied(HTTPStatus.BAD_GATEWAY, "CloudFront wasn't able to connect to the origin.")
        return _passed_on(answered, "Miss from cloudfront")


def _cannot_be_satisfied(status: HTTPStatus, reason: str) -> Response:
    title = f"{status.value} ERROR"
    body = f"<html><title>ERROR: The request could not be satisfied</title><h1>{title}</h1><p>{reason}</p></html>"
    response = Response(status=status, headers={"content-type": "text/html"}, body=body.encode())
    return _passed_on(response, "Error from cloudfront")


def _passed_on(response: Response, what: str) -> Response:
    added = {"via": "1.1 sandbox.cloudfront.net (CloudFront)", "x-cache": what}
    return Response(status=response.status, headers={**response.headers, **added}, body=response.body)
