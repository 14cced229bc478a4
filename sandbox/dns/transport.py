"""A DNS listener on one address, over UDP and TCP."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Self, cast, override

_TCP_IDLE_SECONDS = 10.0
_LENGTH_BYTES = 2

type QueryHandler = Callable[[bytes, str, bool], Awaitable[bytes | None]]
"""Takes a received query, the client's IP address and whether it came over UDP. Returns the answer, or None."""


@dataclass(slots=True)
class DnsListener:
    """A DNS listener on one address."""

    _udp: asyncio.DatagramTransport
    _tcp: asyncio.Server

    @classmethod
    async def start(cls, address: str, port: int, answer: QueryHandler) -> Self:
        """Start to listen on an address.

        Parameters
        ----------
        address
            An IPv4 address of this machine.
        port
            The port, for both UDP and TCP.
        answer
            Answers each query.

        Raises
        ------
        OSError
            If the address is taken.

        """
        loop = asyncio.get_running_loop()
        tcp = await asyncio.start_server(_TcpConnection(answer), address, port)
        try:
            udp, _ = await loop.create_datagram_endpoint(lambda: _UdpProtocol(answer), local_addr=(address, port))
        except OSError:
            tcp.close()
            raise
        return cls(udp, tcp)

    async def close(self) -> None:
        """Stop to listen, and drop pending queries."""
        self._udp.close()
        self._tcp.close()
        self._tcp.abort_clients()
        await self._tcp.wait_closed()


class _UdpProtocol(asyncio.DatagramProtocol):
    def __init__(self, answer: QueryHandler) -> None:
        self._answer = answer
        self._transport: asyncio.DatagramTransport | None = None
        # The event loop keeps only weak references to tasks.
        self._tasks: set[asyncio.Task[None]] = set()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    @override
    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        task = asyncio.get_running_loop().create_task(self._reply(data, addr))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        for task in self._tasks:
            task.cancel()

    async def _reply(self, query: bytes, client_address: tuple[str, int]) -> None:
        response = await self._answer(query, client_address[0], True)
        if response is not None and self._transport is not None:
            self._transport.sendto(response, client_address)


@dataclass(frozen=True, slots=True)
class _TcpConnection:
    _answer: QueryHandler

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer queries in sequence until the client disconnects or is idle."""
        client_address = writer.get_extra_info("peername")[0]
        with contextlib.suppress(asyncio.IncompleteReadError, TimeoutError, ConnectionError):
            while True:
                async with asyncio.timeout(_TCP_IDLE_SECONDS):
                    length = int.from_bytes(await reader.readexactly(_LENGTH_BYTES))
                    query = await reader.readexactly(length)
                response = await self._answer(query, client_address, False)
                if response is not None:
                    writer.write(len(response).to_bytes(_LENGTH_BYTES) + response)
                    await writer.drain()
        writer.close()
