"""Results of one request of a health checker."""

import ssl
from typing import Any

import pytest

from sandbox.health_checkers.endpoint_check import (
    CheckedEndpoint,
    CheckerNetwork,
    CheckTimeouts,
    HealthCheckResult,
    check_endpoint,
)
from sandbox.tls import CertificateAuthority
from tests.integration.sandbox_health_checkers.endpoints import (
    ADDRESS,
    SOURCE,
    ServedEndpoint,
    run_in_event_loop,
    serve_endpoint,
)

NAME = "a.example.net"
SHORT_TIMEOUTS = CheckTimeouts(connect_seconds=0.05, tcp_connect_seconds=0.05, response_seconds=0.05, body_seconds=0.05)
LONG_TIMEOUTS = CheckTimeouts(connect_seconds=60, tcp_connect_seconds=60, response_seconds=60, body_seconds=60)
OK = b"HTTP/1.1 200 OK\r\n"


def build_response(body: bytes) -> bytes:
    return OK + b"Content-Length: %d\r\n\r\n" % len(body) + body


async def run_check(
    endpoint: ServedEndpoint, timeouts: CheckTimeouts = LONG_TIMEOUTS, *, is_routed: bool = True, **config: Any
) -> HealthCheckResult:
    """Check an endpoint by its name."""
    settings = {"Type": "HTTP", "FullyQualifiedDomainName": NAME, "Port": endpoint.port, **config}

    async def resolve(name: str) -> str | None:
        return ADDRESS if name == NAME else None

    network = CheckerNetwork(
        source_address=SOURCE,
        resolve=resolve,
        route=lambda address, port: (address, port) if is_routed else None,
        timeouts=timeouts,
    )
    return await check_endpoint(CheckedEndpoint.from_config("check-1", settings), network, checked_at=7.0)


@pytest.mark.parametrize(
    ("status", "passed"), [(199, False), (200, True), (204, True), (307, True), (399, True), (400, False), (503, False)]
)
@run_in_event_loop
async def test_status_from_200_to_399_passes(status: int, passed: bool) -> None:
    # 199 is an informational status, and no final one follows.
    async with serve_endpoint(b"HTTP/1.1 %d So\r\nContent-Length: 0\r\n\r\n" % status) as served:
        result = await run_check(served)
    assert result.passed is passed
    assert result.checked_at == 7.0


@run_in_event_loop
async def test_report_has_the_services_text() -> None:
    async with serve_endpoint(OK + b"\r\n") as served:
        assert (await run_check(served)).report == f"Success: HTTP Status Code 200, OK. Resolved IP: {ADDRESS}"
    async with serve_endpoint(b"HTTP/1.1 403 No\r\n\r\n") as served:
        assert (await run_check(served)).report == f"Failure: HTTP Status Code 403, Forbidden. Resolved IP: {ADDRESS}"


@run_in_event_loop
async def test_request_has_checker_headers_and_source_address() -> None:
    async with serve_endpoint(OK + b"\r\n") as served:
        await run_check(served, ResourcePath="/records?x=1")
    [request] = served.requests
    assert request.startswith("GET /records?x=1 HTTP/1.1\r\n")
    assert f"\r\nHost: {NAME}:{served.port}\r\n" in request
    assert "\r\nUser-Agent: Amazon-Route53-Health-Check-Service (ref check-1)\r\n" in request
    assert served.callers == [SOURCE]


def test_default_port_is_not_in_host_header() -> None:
    for scheme, port in (("HTTP", 80), ("HTTPS_STR_MATCH", 443)):
        config = {"Type": scheme, "FullyQualifiedDomainName": NAME, "Port": port, "SearchString": "x"}
        assert CheckedEndpoint.from_config("check", config).host == NAME


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
@run_in_event_loop
async def test_search_string_must_be_in_first_5120_bytes(body: bytes, passed: bool) -> None:
    async with serve_endpoint(build_response(body)) as served:
        result = await run_check(served, Type="HTTP_STR_MATCH", SearchString="failed over")
    assert result.passed is passed


@run_in_event_loop
async def test_search_string_with_error_status_fails() -> None:
    async with serve_endpoint(b"HTTP/1.1 404 No\r\n\r\nfailed over") as served:
        assert not (await run_check(served, Type="HTTP_STR_MATCH", SearchString="failed over")).passed


@run_in_event_loop
async def test_search_string_may_arrive_in_pieces() -> None:
    chunked = (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"7\r\nfailed \r\n", b"4\r\nover\r\n0\r\n\r\n")
    async with serve_endpoint(*chunked) as served:
        assert (await run_check(served, Type="HTTP_STR_MATCH", SearchString="failed over")).passed


@run_in_event_loop
async def test_endpoint_that_does_not_answer_in_time_fails() -> None:
    async with serve_endpoint(keep_open=True) as served:
        result = await run_check(served, CheckTimeouts(response_seconds=0.05))
    assert "did not respond within two seconds" in result.report


@run_in_event_loop
async def test_body_that_does_not_arrive_in_time_fails() -> None:
    async with serve_endpoint(OK + b"Content-Length: 11\r\n\r\nfailed", keep_open=True) as served:
        result = await run_check(
            served, CheckTimeouts(body_seconds=0.05), Type="HTTP_STR_MATCH", SearchString="failed over"
        )
    assert "body did not arrive" in result.report


@run_in_event_loop
async def test_check_without_search_string_does_not_wait_for_body() -> None:
    async with serve_endpoint(OK + b"Content-Length: 11\r\n\r\nfailed", keep_open=True) as served:
        assert (await run_check(served)).passed


@run_in_event_loop
async def test_non_http_response_fails() -> None:
    async with serve_endpoint(b"220 mail.example.net ESMTP\r\n") as served:
        assert not (await run_check(served)).passed
    async with serve_endpoint() as served:
        assert not (await run_check(served)).passed


@pytest.mark.parametrize("kind", ["HTTP", "HTTPS", "TCP"])
@run_in_event_loop
async def test_closed_port_is_reported_as_refused(kind: str) -> None:
    async with serve_endpoint() as served:
        pass
    result = await run_check(served, Type=kind)
    assert not result.passed
    assert "refused" in result.report


@pytest.mark.parametrize("kind", ["HTTP", "HTTPS", "TCP"])
@run_in_event_loop
async def test_unroutable_address_times_out(kind: str) -> None:
    async with serve_endpoint(OK + b"\r\n") as served:
        result = await run_check(served, SHORT_TIMEOUTS, is_routed=False, Type=kind)
    assert not result.passed
    assert "Connection timed out" in result.report
    assert served.callers == []


@run_in_event_loop
async def test_name_without_an_address_fails() -> None:
    result = await run_check(ServedEndpoint(port=80), FullyQualifiedDomainName="b.example.net")
    assert result.report == "Failure: DNS resolution failed: no A record"


@run_in_event_loop
async def test_tcp_check_needs_only_a_connection() -> None:
    async with serve_endpoint(keep_open=True) as served:
        assert (await run_check(served, Type="TCP")).passed


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> CertificateAuthority:
    return CertificateAuthority(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def of_another_name(authority: CertificateAuthority) -> ssl.SSLContext:
    return authority.build_server_context("another", ["another.example.net"])


@run_in_event_loop
async def test_certificate_is_not_validated_and_the_name_is_sent(of_another_name: ssl.SSLContext) -> None:
    async with serve_endpoint(OK + b"\r\n", context=of_another_name) as served:
        assert (await run_check(served, Type="HTTPS", EnableSNI=True)).passed
    assert served.names == [NAME]


@run_in_event_loop
async def test_without_sni_no_name_is_sent(of_another_name: ssl.SSLContext) -> None:
    async with serve_endpoint(OK + b"\r\n", context=of_another_name) as served:
        assert (await run_check(served, Type="HTTPS", EnableSNI=False)).passed
    assert served.names == [None]


@run_in_event_loop
async def test_hanging_tls_handshake_is_reported_as_connection_timeout() -> None:
    async with serve_endpoint(keep_open=True) as served:
        result = await run_check(served, SHORT_TIMEOUTS, Type="HTTPS", EnableSNI=True)
    assert "Connection timed out" in result.report
