"""One connection within one limit, over real sockets: silent, refusing and unreachable addresses, and a lost packet."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from failover.probe.connecting import connect
from tests.integration.probe.addresses import Full, closed_port, resolves_to
from tests.support import patience

TCP_SENDS_AGAIN_SECONDS = 1.0


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield server


def _connected_to(within_seconds: float = 10.0) -> tuple[str, int]:
    with connect(["pool.example.com"], 443, within_seconds=within_seconds) as connection:
        address: tuple[str, int] = connection.getpeername()
        return address


def test_a_silent_address_is_not_waited_for_while_another_answers(
    full: Full, listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolves_to(monkeypatch, full.address, listener.getsockname())
    assert _connected_to() == listener.getsockname()


@pytest.mark.parametrize("useless", [closed_port(), ("255.255.255.255", 443)], ids=["refusing", "unreachable"])
def test_the_next_address_is_asked_when_one_is_of_no_use(
    useless: tuple[str, int], listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolves_to(monkeypatch, useless, listener.getsockname())
    assert _connected_to() == listener.getsockname()


def test_an_address_is_asked_again_before_tcp_would_send_a_lost_packet_again(
    full: Full, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolves_to(monkeypatch, full.address)
    began_at = time.monotonic()
    threading.Timer(0.1, full.drain).start()
    assert _connected_to() == full.address
    assert time.monotonic() - began_at < patience.scale(TCP_SENDS_AGAIN_SECONDS)


def test_all_attempts_together_take_no_longer_than_the_limit(full: Full, monkeypatch: pytest.MonkeyPatch) -> None:
    resolves_to(monkeypatch, *[full.address] * 5)
    began_at = time.monotonic()
    with pytest.raises(TimeoutError):
        _connected_to(within_seconds=0.3)
    assert 0.3 <= time.monotonic() - began_at < patience.scale(5 * 0.3)


@pytest.mark.parametrize(
    ("addresses", "error"),
    [
        ([closed_port(), closed_port()], ConnectionRefusedError),
        ([closed_port(), ("255.255.255.255", 443)], OSError),
    ],
    ids=["refusing", "unreachable"],
)
def test_where_every_address_is_of_no_use_that_is_known_at_once(
    addresses: list[tuple[str, int]], error: type[OSError], monkeypatch: pytest.MonkeyPatch
) -> None:
    resolves_to(monkeypatch, *addresses)
    with pytest.raises(error) as raised:
        _connected_to()
    assert not isinstance(raised.value, TimeoutError)


def test_while_one_address_is_silent_a_refusal_by_the_others_is_no_answer(
    full: Full, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolves_to(monkeypatch, full.address, closed_port())
    with pytest.raises(TimeoutError):
        _connected_to(within_seconds=0.4)


@pytest.mark.parametrize("order", [1, -1], ids=["dead-first", "dead-last"])
def test_of_several_hosts_whichever_accepts_is_connected_to(
    order: int, full: Full, listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = {"192.0.2.1": full.address, "192.0.2.2": listener.getsockname()}

    def look_up(host: str, *_: object, **__: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", where[host])]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with connect(list(where)[::order], 443, within_seconds=10) as connection:
        assert connection.getpeername() == listener.getsockname()


def test_an_address_of_a_family_that_is_not_spoken_here_is_of_no_use(
    listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    unspoken = (99, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("2001:db8::1", 443))
    spoken = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", listener.getsockname())
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [unspoken, spoken])
    assert _connected_to() == listener.getsockname()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [unspoken])
    with pytest.raises(OSError, match="not supported"):
        _connected_to()
