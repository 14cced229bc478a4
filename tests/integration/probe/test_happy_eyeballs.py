"""One connection within one timeout over real sockets, to silent, refusing and unreachable addresses."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from cognito_failover.probe.happy_eyeballs import connect
from tests.integration.probe.unresponsive_addresses import SaturatedListener, find_closed_port, resolve_to
from tests.support import load_scaling

TCP_RETRANSMIT_SECONDS = 1.0


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield server


def _connect_any(within_seconds: float = 10.0) -> tuple[str, int]:
    with connect(["pool.example.com"], 443, within_seconds=within_seconds) as connection:
        address: tuple[str, int] = connection.getpeername()
        return address


def test_silent_address_does_not_keep_next_from_connecting(
    saturated_listener: SaturatedListener, listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve_to(monkeypatch, saturated_listener.address, listener.getsockname())
    assert _connect_any() == listener.getsockname()


@pytest.mark.parametrize("unusable", [find_closed_port(), ("255.255.255.255", 443)], ids=["refusing", "unreachable"])
def test_next_address_is_tried_after_a_failure(
    unusable: tuple[str, int], listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve_to(monkeypatch, unusable, listener.getsockname())
    assert _connect_any() == listener.getsockname()


def test_address_is_retried_before_tcp_retransmission(
    saturated_listener: SaturatedListener, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve_to(monkeypatch, saturated_listener.address)
    started_at = time.monotonic()
    threading.Timer(0.1, saturated_listener.accept_pending).start()
    assert _connect_any() == saturated_listener.address
    assert time.monotonic() - started_at < load_scaling.scale_seconds(TCP_RETRANSMIT_SECONDS)


def test_all_attempts_stay_within_the_limit(
    saturated_listener: SaturatedListener, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve_to(monkeypatch, *[saturated_listener.address] * 5)
    started_at = time.monotonic()
    with pytest.raises(TimeoutError):
        _connect_any(within_seconds=0.3)
    assert 0.3 <= time.monotonic() - started_at < load_scaling.scale_seconds(5 * 0.3)


@pytest.mark.parametrize(
    ("addresses", "error"),
    [
        ([find_closed_port(), find_closed_port()], ConnectionRefusedError),
        ([find_closed_port(), ("255.255.255.255", 443)], OSError),
    ],
    ids=["refusing", "unreachable"],
)
def test_unusable_addresses_fail_before_the_timeout(
    addresses: list[tuple[str, int]], error: type[OSError], monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve_to(monkeypatch, *addresses)
    with pytest.raises(error) as raised:
        _connect_any()
    assert not isinstance(raised.value, TimeoutError)


def test_refusal_and_silent_address_together_time_out(
    saturated_listener: SaturatedListener, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve_to(monkeypatch, saturated_listener.address, find_closed_port())
    with pytest.raises(TimeoutError):
        _connect_any(within_seconds=0.4)


@pytest.mark.parametrize("order", [1, -1], ids=["dead-first", "dead-last"])
def test_first_accepting_host_is_used(
    order: int, saturated_listener: SaturatedListener, listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    addresses = {"192.0.2.1": saturated_listener.address, "192.0.2.2": listener.getsockname()}

    def resolve(host: str, *_: object, **__: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", addresses[host])]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with connect(list(addresses)[::order], 443, within_seconds=10) as connection:
        assert connection.getpeername() == listener.getsockname()


def test_address_of_unsupported_family_is_skipped(listener: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    unsupported = (99, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("2001:db8::1", 443))
    supported = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", listener.getsockname())
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [unsupported, supported])
    assert _connect_any() == listener.getsockname()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [unsupported])
    with pytest.raises(OSError, match="not supported"):
        _connect_any()
