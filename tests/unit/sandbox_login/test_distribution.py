import asyncio
from typing import TYPE_CHECKING, cast

import pytest

from sandbox.cognito.domain import CustomDomain
from sandbox.exchange import Request, Response
from sandbox.listeners import Call, Silence
from sandbox.login.distribution import Distribution
from tests.unit.sandbox_login.domains import SECONDARY, domain

if TYPE_CHECKING:
    from uvicorn._types import HTTPScope

REACHED = Response(status=302, headers={"location": "https://app.example.com/"})


def ask(answered: Response | Silence, *, host: str = "login.example.com") -> tuple[Response, list[Request]]:
    seen: list[Request] = []

    async def origin(request: Request, _domain: CustomDomain) -> Response | Silence:
        seen.append(request)
        return answered

    new = domain()
    new.served = None

    def named(name: str) -> CustomDomain | None:
        return {"login.example.com": domain(), "new.example.com": new}.get(name)

    distribution = Distribution(named=named, region=lambda _domain: SECONDARY, origin=origin)
    distribution.origin_seconds = 0.01
    scope = {"method": "GET", "path": "/login", "query_string": b"a=b", "headers": [(b"Host", host.encode())]}
    call = Call(scope=cast("HTTPScope", scope), source_address="127.0.0.1", body=b"")
    return asyncio.run(distribution.answer(call)), seen


def test_a_request_goes_to_the_region_of_the_routing_and_its_answer_back() -> None:
    response, [request] = ask(REACHED)

    assert (request.region, request.path, request.query) == (SECONDARY, "/login", "a=b")
    assert (response.status, response.headers["location"]) == (302, "https://app.example.com/")
    assert response.headers["x-cache"] == "Miss from cloudfront"


@pytest.mark.parametrize("host", ["LOGIN.example.com", "login.example.com:8443"])
def test_a_host_is_known_in_capitals_and_with_its_port(host: str) -> None:
    assert ask(REACHED, host=host)[0].status == 302


@pytest.mark.parametrize(("silence", "status"), [(Silence.HANG, 504), (Silence.RESET, 502)])
def test_an_origin_that_does_not_answer_is_answered_for(silence: Silence, status: int) -> None:
    response, _ = ask(silence)

    assert (response.status, response.headers["x-cache"]) == (status, "Error from cloudfront")
    assert b"The request could not be satisfied" in response.body


@pytest.mark.parametrize("host", ["d1.cloudfront.net", "new.example.com"])
def test_a_name_that_is_no_domain_or_none_yet_reaches_nobody(host: str) -> None:
    response, seen = ask(REACHED, host=host)

    assert (response.status, seen) == (403, [])
