import asyncio
from typing import TYPE_CHECKING, cast

import pytest

from sandbox.cognito.domain import CustomDomain
from sandbox.custom_domain.distribution import CloudFrontDistribution
from sandbox.http_messages import EndpointRequest, EndpointResponse
from sandbox.listeners import HttpCall, UnansweredCall
from tests.unit.sandbox_custom_domain.domains import SECONDARY, build_domain

if TYPE_CHECKING:
    from uvicorn._types import HTTPScope

ORIGIN_RESPONSE = EndpointResponse(status=302, headers={"location": "https://app.example.com/"})


def request_login(
    answered: EndpointResponse | UnansweredCall, *, host: str = "login.example.com"
) -> tuple[EndpointResponse, list[EndpointRequest]]:
    seen: list[EndpointRequest] = []

    async def origin(request: EndpointRequest, _domain: CustomDomain) -> EndpointResponse | UnansweredCall:
        seen.append(request)
        return answered

    new = build_domain()
    new.served_settings = None

    def named(name: str) -> CustomDomain | None:
        return {"login.example.com": build_domain(), "new.example.com": new}.get(name)

    distribution = CloudFrontDistribution(find_domain=named, find_region=lambda _domain: SECONDARY, origin=origin)
    distribution.origin_seconds = 0.01
    scope = {"method": "GET", "path": "/login", "query_string": b"a=b", "headers": [(b"Host", host.encode())]}
    call = HttpCall(scope=cast("HTTPScope", scope), source_address="127.0.0.1", body=b"")
    return asyncio.run(distribution.handle(call)), seen


def test_request_goes_to_routed_region_and_response_returns() -> None:
    response, [request] = request_login(ORIGIN_RESPONSE)

    assert (request.region, request.path, request.query) == (SECONDARY, "/login", "a=b")
    assert (response.status, response.headers["location"]) == (302, "https://app.example.com/")
    assert response.headers["x-cache"] == "Miss from cloudfront"


@pytest.mark.parametrize("host", ["LOGIN.example.com", "login.example.com:8443"])
def test_host_matches_in_upper_case_and_with_port(host: str) -> None:
    assert request_login(ORIGIN_RESPONSE, host=host)[0].status == 302


@pytest.mark.parametrize(("silence", "status"), [(UnansweredCall.HANG, 504), (UnansweredCall.RESET, 502)])
def test_failing_origin_returns_gateway_error(silence: UnansweredCall, status: int) -> None:
    response, _ = request_login(silence)

    assert (response.status, response.headers["x-cache"]) == (status, "Error from cloudfront")
    assert b"The request could not be satisfied" in response.body


@pytest.mark.parametrize("host", ["d1.cloudfront.net", "new.example.com"])
def test_unknown_or_undistributed_domain_is_forbidden(host: str) -> None:
    response, seen = request_login(ORIGIN_RESPONSE, host=host)

    assert (response.status, seen) == (403, [])
