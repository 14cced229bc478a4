"""One TCP connection within one limit, however many addresses a place has, and though a packet be lost.

Python's own `socket.create_connection` gives each address the whole limit, one after the other: a Region that hangs
would be waited for several times as long as was set. And TCP sends a lost first packet again only after a second.
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
"""How long one attempt is waited for before the next is begun beside it, as RFC 8305 ("Happy Eyeballs"), section 5,
recommends."""

type _Address = tuple[socket.AddressFamily, socket.SocketKind, int, str, Any]


def connect(hosts: Sequence[str], port: int, *, within_seconds: float) -> socket.socket:
    """Connect to whichever address accepts first, of whichever host.

    Every quarter of a second one more attempt is begun: at each address in turn, then again at those that have given no
    answer yet. An address that refuses is not asked again, and the next one is asked at once.

    Parameters
    ----------
    hosts, port
        Where to: a name, or one or several addresses.
    within_seconds
        How long all attempts together may take. Looking the name up is not part of it.

    Raises
    ------
    socket.gaierror
        If the name can't be looked up.
    TimeoutError
        If no attempt has come to anything by then.
    OSError
        If all addresses refuse; what the last one answered, such as `ConnectionRefusedError`.

    """
    with DefaultSelector() as attempts:
        addresses = [each for host in hosts for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        race = _HappyEyeballs(addresses, attempts)
        try:
            return race.connect(time.monotonic() + within_seconds)
        finally:
            race.close()


class _HappyEyeballs:
    """The attempts to connect; what is taken out of the selector is no longer the race's to close."""

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
        """Begin to connect to the next address; tell whether it may still come to something."""
        address = (self._remaining or self._unanswered).popleft()
        self._unanswered.append(address)
        family, kind, protocol, _, socket_address = address
        try:
            connection = socket.socket(family, kind, protocol)
        except OSError as error:  # such as IPv6 where there is none
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
        self._unanswered = deque(each for each in self._unanswered if each != address)
        if not self._remaining and not self._unanswered:
            raise OSError(failure, os.strerror(failure))

    def close(self) -> None:
        for attempt in list(self._attempts.get_map().values()):
            cast("socket.socket", attempt.fileobj).close()
