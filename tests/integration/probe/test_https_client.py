"""HTTPS requests over real sockets: each failure has its own kind."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from cognito_failover import __version__
from cognito_failover.core.probe_result import FailureKind
from cognito_failover.probe.https_client import (
    MAX_BODY_BYTES,
    HttpsClient,
    HttpsEndpoint,
    NoResponseError,
    Timeouts,
)
from tests.integration.probe.stub_servers import DOMAIN, ProbeCertificateAuthority, StubServer, make_constant_response
from tests.integration.probe.unresponsive_addresses import SaturatedListener

TIMEOUTS = Timeouts(connect_seconds=0.3, read_seconds=0.3)


@pytest.fixture
def https(authority: ProbeCertificateAuthority) -> HttpsClient:
    return HttpsClient(TIMEOUTS, authority.client_context)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield server


def _make_endpoint(listener: socket.socket) -> HttpsEndpoint:
    return HttpsEndpoint(host="127.0.0.1", port=listener.getsockname()[1], server_name=DOMAIN)


def _get_failure_kind(https: HttpsClient, endpoint: HttpsEndpoint) -> FailureKind:
    with pytest.raises(NoResponseError) as raised:
        https.get(endpoint)
    return raised.value.kind


def _serve_once(listener: socket.socket, context: ssl.SSLContext, response: bytes) -> threading.Thread:
    def run() -> None:
        plain, _ = listener.accept()
        with plain, context.wrap_socket(plain, server_side=True) as secure:
            secure.recv(4096)
            with contextlib.suppress(OSError):  # the client may not read a long body
                secure.sendall(response)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def test_domain_is_requested_at_another_address(https: HttpsClient, serve: Callable[..., StubServer]) -> None:
    target = serve(DOMAIN)
    target.respond = make_constant_response((204, {}))

    response = https.get(target.endpoint, "/health")

    assert (response.status, target.hosts) == (204, [DOMAIN])


def test_error_status_is_a_response(https: HttpsClient, serve: Callable[..., StubServer]) -> None:
    server = serve(DOMAIN)
    server.respond = make_constant_response((503, {}))

    assert https.get(server.endpoint).status == 503


def test_certificate_for_another_name_is_rejected(https: HttpsClient, serve: Callable[..., StubServer]) -> None:
    assert _get_failure_kind(https, serve("other.example.com", DOMAIN).endpoint) is FailureKind.TLS


def test_untrusted_certificate_is_rejected(serve: Callable[..., StubServer]) -> None:
    https = HttpsClient(TIMEOUTS, ssl.create_default_context())

    assert _get_failure_kind(https, serve(DOMAIN).endpoint) is FailureKind.TLS


def test_trust_store_comes_from_environment(
    serve: Callable[..., StubServer], authority: ProbeCertificateAuthority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.bundle))

    assert HttpsClient(TIMEOUTS).get(serve(DOMAIN).endpoint).status == 404


def test_closed_port_is_refused(https: HttpsClient, listener: socket.socket) -> None:
    endpoint = _make_endpoint(listener)
    listener.close()

    assert _get_failure_kind(https, endpoint) is FailureKind.REFUSED


def test_unresolved_name_is_dns_failure(https: HttpsClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def raise_unknown_host(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", raise_unknown_host)

    assert _get_failure_kind(https, HttpsEndpoint(host="nowhere.invalid", server_name=DOMAIN)) is FailureKind.DNS


def test_missing_handshake_is_connect_timeout(https: HttpsClient, listener: socket.socket) -> None:
    assert _get_failure_kind(https, _make_endpoint(listener)) is FailureKind.CONNECT_TIMEOUT


def test_unaccepted_connection_is_tcp_timeout(https: HttpsClient, saturated_listener: SaturatedListener) -> None:
    host, port = saturated_listener.address
    assert _get_failure_kind(https, HttpsEndpoint(host=host, port=port, server_name=DOMAIN)) is FailureKind.TCP_TIMEOUT


def test_hangup_in_handshake_is_reset(https: HttpsClient, listener: socket.socket) -> None:
    def hang_up() -> None:
        peer, _ = listener.accept()
        with peer:
            peer.recv(4096)

    threading.Thread(target=hang_up, daemon=True).start()

    assert _get_failure_kind(https, _make_endpoint(listener)) is FailureKind.RESET


def test_silent_server_is_read_timeout(https: HttpsClient, serve: Callable[..., StubServer]) -> None:
    server, is_ended = serve(DOMAIN), threading.Event()
    server.respond = lambda _path, _body: (200 if is_ended.wait(5) else 500, {})

    kind = _get_failure_kind(https, server.endpoint)
    is_ended.set()

    assert kind is FailureKind.READ_TIMEOUT


def test_hangup_before_first_byte_is_reset(
    https: HttpsClient, listener: socket.socket, authority: ProbeCertificateAuthority
) -> None:
    _serve_once(listener, authority.server_context(DOMAIN), b"")

    assert _get_failure_kind(https, _make_endpoint(listener)) is FailureKind.RESET


def test_server_without_http_is_invalid_http(
    https: HttpsClient, listener: socket.socket, authority: ProbeCertificateAuthority
) -> None:
    _serve_once(listener, authority.server_context(DOMAIN), b"220 mail.example.com ESMTP\r\n")

    assert _get_failure_kind(https, _make_endpoint(listener)) is FailureKind.INVALID_HTTP


@pytest.mark.parametrize(
    "response",
    [
        b'HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n{"Authentication',
        b"HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n",
        b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n{"Authent',
        b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{"A\r\n',
        b'HTTP/1.1 200 OK\r\n\r\n{"AuthenticationResult": ',
    ],
)
def test_body_that_breaks_off_is_no_response(
    https: HttpsClient, listener: socket.socket, authority: ProbeCertificateAuthority, response: bytes
) -> None:
    _serve_once(listener, authority.server_context(DOMAIN), response)

    assert _get_failure_kind(https, _make_endpoint(listener)) is FailureKind.CUT_OFF


def test_headers_that_break_off_are_no_response(
    https: HttpsClient, listener: socket.socket, authority: ProbeCertificateAuthority
) -> None:
    _serve_once(listener, authority.server_context(DOMAIN), b"HTTP/1.1 200 OK\r\nContent-Le")

    assert _get_failure_kind(https, _make_endpoint(listener)) is FailureKind.RESET


def test_long_body_is_a_response(
    https: HttpsClient, listener: socket.socket, authority: ProbeCertificateAuthority
) -> None:
    size = 2 * MAX_BODY_BYTES
    _serve_once(
        listener,
        authority.server_context(DOMAIN),
        f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n{size * 'x'}".encode(),
    )

    assert len(https.get(_make_endpoint(listener)).body) == MAX_BODY_BYTES


def test_requests_name_product_and_version(https: HttpsClient, serve: Callable[..., StubServer]) -> None:
    server = serve(DOMAIN)

    https.get(server.endpoint)
    https.post(server.endpoint, headers={"X-Amz-Target": "x"}, body=b"{}")

    assert server.user_agents == [f"cognito-failover/{__version__}"] * 2


def test_endpoint_answers_if_one_of_its_hosts_does(https: HttpsClient, serve: Callable[..., StubServer]) -> None:
    server = serve(DOMAIN)
    endpoint = replace(server.endpoint, host="127.0.0.9", additional_hosts=("127.0.0.8", server.endpoint.host))

    assert https.get(endpoint).status == 404
    assert server.hosts == [DOMAIN]
    assert _get_failure_kind(https, replace(endpoint, additional_hosts=("127.0.0.8",))) is FailureKind.REFUSED
