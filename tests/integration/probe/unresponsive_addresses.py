"""Addresses that are silent or refuse connections, and names that resolve to them."""

import socket
from contextlib import suppress

import pytest

type Address = tuple[str, int]


class SaturatedListener:
    """A listener with a full queue. Like a dead host, it does not answer attempts to connect."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=0)
        self._pending: list[socket.socket] = []
        self.address: Address = self._listener.getsockname()
        while True:
            connection = socket.socket()
            self._pending.append(connection)
            connection.settimeout(0.05)
            try:
                connection.connect(self.address)
            except TimeoutError:
                return

    def accept_pending(self) -> None:
        """Accept all pending connections, which frees the queue."""
        self._listener.setblocking(False)
        with suppress(BlockingIOError):
            while True:
                self._pending.append(self._listener.accept()[0])

    def close(self) -> None:
        """Close all sockets."""
        for connection in (self._listener, *self._pending):
            connection.close()


def find_closed_port() -> Address:
    """Return an address of this machine without a listener."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address: Address = server.getsockname()
        return address


def resolve_to(monkeypatch: pytest.MonkeyPatch, *addresses: Address) -> None:
    """Resolve every name to these addresses."""
    infos = [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", address) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: infos)
