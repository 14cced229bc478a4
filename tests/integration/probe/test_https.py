"""The ways of not answering, each told from the others over real sockets."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from failover.probe.answer import Silence
from failover.probe.https import Endpoint, Https, SilenceError, Timeouts
from tests.integration.probe.addresses import Full
from tests.integration.probe.servers import DOMAIN, Authority, Server, always

TIMEOUTS = Timeouts(connect_seconds=0.3, read_seconds=0.3)


@pytest.fixture
def https(authority: Authority) -> Https:
    return Https(TIMEOUTS, authority.trusting)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield server


def _endpoint(listener: socket.socket) -> Endpoint:
    return Endpoint(host="127.0.0.1", port=listener.getsockname()[1], server_name=DOMAIN)


def _silence(https: Https, endpoint: Endpoint) -> Silence:
    with pytest.raises(SilenceError) as raised:
        https.get(endpoint)
    return raised.value.kind


def _answer_once(listener: socket.socket, context: ssl.SSLContext, answer: bytes) -> threading.Thread:
    def run() -> None:
        plain, _ = listener.accept()
        with plain, context.wrap_socket(plain, server_side=True) as secure:
            secure.recv(4096)
            secure.sendall(answer)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def test_the_peer_is_asked_for_the_domain_though_reached_by_its_address(
    https: Https, serve: Callable[..., Server]
) -> None:
    target = serve(DOMAIN)
    target.answer = always((204, {}))

    reply = https.get(target.endpoint, "/health")

    assert (reply.status, target.hosts) == (204, [DOMAIN])


def test_every_status_is_an_answer(https: Https, serve: Callable[..., Server]) -> None:
    server = serve(DOMAIN)
    server.answer = always((503, {}))

    assert https.get(server.endpoint).status == 503


def test_a_certificate_for_another_name_is_no_answer(https: Https, serve: Callable[..., Server]) -> None:
    assert _silence(https, serve("other.example.com", DOMAIN).endpoint) is Silence.TLS


def test_a_certificate_nobody_trusts_is_no_answer(serve: Callable[..., Server]) -> None:
    wary = Https(TIMEOUTS, ssl.create_default_context())

    assert _silence(wary, serve(DOMAIN).endpoint) is Silence.TLS


def test_trust_can_be_given_by_the_environment(
    serve: Callable[..., Server], authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.bundle))

    assert Https(TIMEOUTS).get(serve(DOMAIN).endpoint).status == 404


def test_a_closed_port_refuses(https: Https, listener: socket.socket) -> None:
    endpoint = _endpoint(listener)
    listener.close()

    assert _silence(https, endpoint) is Silence.REFUSED


def test_a_name_that_does_not_resolve_is_told_apart(https: Https, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    assert _silence(https, Endpoint(host="nowhere.invalid", server_name=DOMAIN)) is Silence.DNS


def test_a_handshake_that_never_comes_counts_as_not_connecting(https: Https, listener: socket.socket) -> None:
    assert _silence(https, _endpoint(listener)) is Silence.CONNECT_TIMEOUT


def test_a_place_that_accepts_no_connection_is_told_apart(https: Https, full: Full) -> None:
    host, port = full.address
    assert _silence(https, Endpoint(host=host, port=port, server_name=DOMAIN)) is Silence.TCP_TIMEOUT


def test_a_peer_that_hangs_up_in_the_handshake_has_broken_off(https: Https, listener: socket.socket) -> None:
    def hang_up() -> None:
        peer, _ = listener.accept()
        with peer:
            peer.recv(4096)

    threading.Thread(target=hang_up, daemon=True).start()

    assert _silence(https, _endpoint(listener)) is Silence.RESET


def test_a_peer_that_connects_and_says_nothing_runs_out_of_time(https: Https, serve: Callable[..., Server]) -> None:
    server, over = serve(DOMAIN), threading.Event()
    server.answer = lambda _path, _body: (200 if over.wait(5) else 500, {})

    kind = _silence(https, server.endpoint)
    over.set()

    assert kind is Silence.READ_TIMEOUT


def test_a_peer_that_ends_before_the_first_byte_has_broken_off(
    https: Https, listener: socket.socket, authority: Authority
) -> None:
    _answer_once(listener, authority.presenting(DOMAIN), b"")

    assert _silence(https, _endpoint(listener)) is Silence.RESET


def test_a_peer_that_speaks_no_http_is_garbled(https: Https, listener: socket.socket, authority: Authority) -> None:
    _answer_once(listener, authority.presenting(DOMAIN), b"220 mail.example.com ESMTP\r\n")

    assert _silence(https, _endpoint(listener)) is Silence.GARBLED


def test_one_dead_address_of_several_does_not_make_a_place_silent(https: Https, serve: Callable[..., Server]) -> None:
    server = serve(DOMAIN)
    several = replace(server.endpoint, host="127.0.0.9", further_hosts=("127.0.0.8", server.endpoint.host))

    assert https.get(several).status == 404
    assert server.hosts == [DOMAIN]
    assert _silence(https, replace(several, further_hosts=("127.0.0.8",))) is Silence.REFUSED
