"""Endpoints for health checkers, each on its own port."""

import asyncio
import functools
import os
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

ADDRESS = f"127.97.{os.getpid() % 250 + 1}.1"
SOURCE = f"127.97.{os.getpid() % 250 + 1}.2"


@dataclass
class ServedEndpoint:
    """An endpoint, and the requests it has received.

    Attributes
    ----------
    requests
        The head of each request.
    callers
        The address of each caller.
    names
        The server name of each TLS handshake, or None.

    """

    port: int = 0
    requests: list[str] = field(default_factory=list)
    callers: list[str] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)


@asynccontextmanager
async def serve_endpoint(
    *parts: bytes, context: ssl.SSLContext | None = None, keep_open: bool = False
) -> AsyncIterator[ServedEndpoint]:
    """Answer every request in parts. With `is_hanging`, the connection stays open after the last part."""
    served = ServedEndpoint()
    done = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.callers.append(writer.get_extra_info("peername")[0])
        try:
            served.requests.append((await reader.readuntil(b"\r\n\r\n")).decode())
            for part in parts:
                writer.write(part)
                await writer.drain()
            if keep_open:
                await done.wait()
        except (OSError, asyncio.IncompleteReadError):
            pass  # the caller has closed the connection
        finally:
            writer.close()

    if context is not None:
        context.sni_callback = lambda _socket, name, _context: served.names.append(name)
    server = await asyncio.start_server(answer, ADDRESS, 0, ssl=context)
    served.port = server.sockets[0].getsockname()[1]
    try:
        yield served
    finally:
        done.set()
        server.close()
        await server.wait_closed()


def run_in_event_loop[**P](test: Callable[P, Coroutine[None, None, None]]) -> Callable[P, None]:
    """Run a test in an event loop."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        asyncio.run(test(*args, **kwargs))

    return run
