"""One TCP connection to several addresses within one timeout (RFC 8305, "Happy Eyeballs").

Python's `socket.create_connection` gives each address the whole timeout, one after the other. A Region that hangs
would take several times the configured timeout. Also, TCP resends a lost first packet only after one second.
"""

import errno
import os
import socket
import time
from collections import deque
from collections.abc import Sequence
from selectors import EVENT_WRITE, BaseSelector, DefaultSelector
from typing import Any, cast

ATTEMPT_DELAY_SECONDS = 0.25
"""How long to wait before the next attempt starts in parallel, as RFC 8305, section 5, recommends."""

type _Address = tuple[socket.AddressFamily, socket.SocketKind, int, str, Any]


def connect(hosts: Sequence[str], port: int, *, within_seconds: float) -> socket.socket:
    """Return a connection to the first address of any host that accepts.

    One more attempt starts every 0.25 s: first at each address in turn, then again at those that have not answered.
    An address that refuses is not tried again, and the next attempt starts at once.

    Parameters
    ----------
    hosts, port
        A host name, or one or several addresses, and the port.
    within_seconds
        Timeout of all attempts together, without the name resolution.

    Raises
    ------
    socket.gaierror
        If the name can't be resolved.
    TimeoutError
        If no attempt has succeeded by then.
    OSError
        If all addresses refuse: the error of the last one, such as `ConnectionRefusedError`.

    """
    with DefaultSelector() as attempts:
        addresses = [address for host in hosts for address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        race = _HappyEyeballs(addresses, attempts)
        try:
            return race.connect(time.monotonic() + within_seconds)
        finally:
            race.close()


class _HappyEyeballs:
    """The attempts to connect. `close` closes those that are still in the selector."""

    def __init__(self, addresses: Sequence[_Address], attempts: BaseSelector) -> None:
        self._remaining = deque(addresses)
        self._unanswered = deque[_Address]()
        self._attempts = attempts

    def connect(self, deadline: float) -> socket.socket:
        next_at = time.monotonic()
        while (now := time.monotonic()) < deadline:
            if now >= next_at:
                next_at = now + ATTEMPT_DELAY_SECONDS if self._start_attempt() else now
                continue
            for attempt, _ in self._attempts.select(min(next_at, deadline) - now):
                connection = cast("socket.socket", attempt.fileobj)
                self._attempts.unregister(connection)
                failure = connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                if not failure:
                    return connection
                connection.close()
                self._drop_address(attempt.data, failure)
                next_at = now
        raise TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))

    def _start_attempt(self) -> bool:
        """Start to connect to the next address, and return whether the attempt is still open."""
        address = (self._remaining or self._unanswered).popleft()
        self._unanswered.append(address)
        family, kind, protocol, _, socket_address = address
        try:
            connection = socket.socket(family, kind, protocol)
        except OSError as error:  # such as IPv6 on a host without it
            self._drop_address(address, error.errno or errno.EAFNOSUPPORT)
            return False
        connection.setblocking(False)
        failure = connection.connect_ex(socket_address)
        if failure not in {0, errno.EINPROGRESS}:
            connection.close()
            self._drop_address(address, failure)
            return False
        self._attempts.register(connection, EVENT_WRITE, data=address)
        return True

    def _drop_address(self, address: _Address, failure: int) -> None:
        self._unanswered = deque(other for other in self._unanswered if other != address)
        if not self._remaining and not self._unanswered:
            raise OSError(failure, os.strerror(failure))

    def close(self) -> None:
        for attempt in list(self._attempts.get_map().values()):
            cast("socket.socket", attempt.fileobj).close()
