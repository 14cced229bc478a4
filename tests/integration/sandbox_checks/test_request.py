"""What one request of a health checker finds out."""

import ssl
from typing import Any

import pytest

from sandbox.checkers.request import Endpoint, Finding, Network, Patience, ask
from sandbox.tls import CertificateAuthority
from tests.integration.sandbox_checks.endpoints import ADDRESS, SOURCE, Served, in_loop, serving

NAME = "a.example.net"
BRIEF = Patience(connect_seconds=0.05, tcp_connect_seconds=0.05, response_seconds=0.05, body_seconds=0.05)
LONG = Patience(connect_seconds=60, tcp_connect_seconds=60, response_seconds=60, body_seconds=60)
OK = b"HTTP/1.1 200 OK\r\n"


def with_body(body: bytes) -> bytes:
    return OK + b"Content-Length: %d\r\n\r\n" % len(body) + body


async def find(served: Served, patience: Patience = LONG, *, route: bool = True, **config: Any) -> Finding:
    """Ask an endpoint by its name."""
    settings = {"Type": "HTTP", "FullyQualifiedDomainName": NAME, "Port": served.port, **config}

    async def resolve(name: str) -> str | None:
        return ADDRESS if name == NAME else None

    network = Network(
        source=SOURCE,
        resolve=resolve,
        route=lambda address, port: (address, port) if route else None,
        patience=patience,
    )
    return await ask(Endpoint.of("check-1", settings), network, at=7.0)


@pytest.mark.parametrize(
    ("status", "passed"), [(199, False), (200, True), (204, True), (307, True), (399, True), (400, False), (503, False)]
)
@in_loop
async def test_a_status_from_200_to_399_passes(status: int, passed: bool) -> None:
    # 199 is an informational status, after which nothing comes.
    async with serving(b"HTTP/1.1 %d So\r\nContent-Length: 0\r\n\r\n" % status) as served:
        found = await find(served)
    assert found.passed is passed
    assert found.at == 7.0


@in_loop
async def test_the_report_is_in_the_services_words() -> None:
    async with serving(OK + b"\r\n") as served:
        assert (await find(served)).report == f"Success: HTTP Status Code 200, OK. Resolved IP: {ADDRESS}"
    async with serving(b"HTTP/1.1 403 No\r\n\r\n") as served:
        assert (await find(served)).report == f"Failure: HTTP Status Code 403, Forbidden. Resolved IP: {ADDRESS}"


@in_loop
async def test_it_asks_as_a_health_checker_from_its_own_address() -> None:
    async with serving(OK + b"\r\n") as served:
        await find(served, ResourcePath="/records?x=1")
    [request] = served.requests
    assert request.startswith("GET /records?x=1 HTTP/1.1\r\n")
    assert f"\r\nHost: {NAME}:{served.port}\r\n" in request
    assert "\r\nUser-Agent: Amazon-Route53-Health-Check-Service (ref check-1)\r\n" in request
    assert served.callers == [SOURCE]


def test_the_schemes_own_port_is_not_in_the_host_header() -> None:
    for scheme, port in (("HTTP", 80), ("HTTPS_STR_MATCH", 443)):
        config = {"Type": scheme, "FullyQualifiedDomainName": NAME, "Port": port, "SearchString": "x"}
        assert Endpoint.of("check", config).host == NAME


@pytest.mark.parametrize(
    ("body", "passed"),
    [
        (b"failed over", True),
        (b"Failed over", False),
        (b"x" * 5109 + b"failed over", True),
        (b"x" * 5110 + b"failed over", False),
        (b"", False),
    ],
    ids=["alone", "another case", "ends within 5120 bytes", "ends one byte later", "no body"],
)
@in_loop
async def test_the_search_string_has_to_lie_within_the_first_5120_bytes(body: bytes, passed: bool) -> None:
    async with serving(with_body(body)) as served:
        found = await find(served, Type="HTTP_STR_MATCH", SearchString="failed over")
    assert found.passed is passed


@in_loop
async def test_the_search_string_does_not_help_an_endpoint_that_refuses() -> None:
    async with serving(b"HTTP/1.1 404 No\r\n\r\nfailed over") as served:
        assert not (await find(served, Type="HTTP_STR_MATCH", SearchString="failed over")).passed


@in_loop
async def test_a_search_string_may_arrive_in_pieces() -> None:
    chunked = (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"7\r\nfailed \r\n", b"4\r\nover\r\n0\r\n\r\n")
    async with serving(*chunked) as served:
        assert (await find(served, Type="HTTP_STR_MATCH", SearchString="failed over")).passed


@in_loop
async def test_an_endpoint_that_does_not_answer_in_time_fails() -> None:
    async with serving(hangs=True) as served:
        found = await find(served, Patience(response_seconds=0.05))
    assert "did not respond within two seconds" in found.report


@in_loop
async def test_a_body_that_does_not_arrive_in_time_fails() -> None:
    async with serving(OK + b"Content-Length: 11\r\n\r\nfailed", hangs=True) as served:
        found = await find(served, Patience(body_seconds=0.05), Type="HTTP_STR_MATCH", SearchString="failed over")
    assert "body did not arrive" in found.report


@in_loop
async def test_without_string_matching_nobody_waits_for_the_body() -> None:
    async with serving(OK + b"Content-Length: 11\r\n\r\nfailed", hangs=True) as served:
        assert (await find(served)).passed


@in_loop
async def test_what_is_no_http_fails() -> None:
    async with serving(b"220 mail.example.net ESMTP\r\n") as served:
        assert not (await find(served)).passed
    async with serving() as served:
        assert not (await find(served)).passed


@pytest.mark.parametrize("kind", ["HTTP", "HTTPS", "TCP"])
@in_loop
async def test_nobody_there_is_a_refused_connection(kind: str) -> None:
    async with serving() as served:
        pass
    found = await find(served, Type=kind)
    assert not found.passed
    assert "refused" in found.report


@pytest.mark.parametrize("kind", ["HTTP", "HTTPS", "TCP"])
@in_loop
async def test_an_address_that_nothing_leads_to_times_out(kind: str) -> None:
    async with serving(OK + b"\r\n") as served:
        found = await find(served, BRIEF, route=False, Type=kind)
    assert not found.passed
    assert "Connection timed out" in found.report
    assert served.callers == []


@in_loop
async def test_a_name_without_an_address_fails() -> None:
    found = await find(Served(port=80), FullyQualifiedDomainName="b.example.net")
    assert found.report == "Failure: DNS resolution failed: no A record"


@in_loop
async def test_a_connection_is_all_that_tcp_asks_for() -> None:
    async with serving(hangs=True) as served:
        assert (await find(served, Type="TCP")).passed


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> CertificateAuthority:
    return CertificateAuthority(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def of_another_name(authority: CertificateAuthority) -> ssl.SSLContext:
    return authority.server_context("another", ["another.example.net"])


@in_loop
async def test_a_certificate_is_not_validated_and_the_name_is_sent(of_another_name: ssl.SSLContext) -> None:
    async with serving(OK + b"\r\n", context=of_another_name) as served:
        assert (await find(served, Type="HTTPS", EnableSNI=True)).passed
    assert served.names == [NAME]


@in_loop
async def test_without_sni_no_name_is_sent(of_another_name: ssl.SSLContext) -> None:
    async with serving(OK + b"\r\n", context=of_another_name) as served:
        assert (await find(served, Type="HTTPS", EnableSNI=False)).passed
    assert served.names == [None]


@in_loop
async def test_a_handshake_that_never_ends_is_a_connection_that_timed_out() -> None:
    async with serving(hangs=True) as served:
        found = await find(served, BRIEF, Type="HTTPS", EnableSNI=True)
    assert "Connection timed out" in found.report
