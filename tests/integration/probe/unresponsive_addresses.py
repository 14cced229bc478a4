"""Addresses that are silent or refuse, and names that resolve to them."""

import socket
from contextlib import suppress

import pytest

type Address = tuple[str, int]


class SaturatedListener:
    """A listener whose queue is full: as long as it is, it answers no attempt to connect, as a dead host would."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=0)
        self._pending: list[socket.socket] = []
        self.address: Address = self._listener.getsockname()
        while True:
            waiting = socket.socket()
            self._pending.append(waiting)
            waiting.settimeout(0.05)
            try:
                waiting.connect(self.address)
            except TimeoutError:
                return

    def accept_pending(self) -> None:
        """Take in who waits, so that there is room again."""
        self._listener.setblocking(False)
        with suppress(BlockingIOError):
            while True:
                self._pending.append(self._listener.accept()[0])

    def close(self) -> None:
        """Give everything back."""
        for each in (self._listener, *self._pending):
            each.close()


def find_closed_port() -> Address:
    """Return an address of this machine at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address: Address = server.getsockname()
        return address


def resolve_to(monkeypatch: pytest.MonkeyPatch, *addresses: Address) -> None:
    """Let every name have these addresses."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", address) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
