"""HTTP listeners that can also fail like a Region: no answer, refused connections, resets."""

import asyncio
import contextlib
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from typing import Any, cast

from uvicorn._types import ASGIReceiveCallable, ASGISendCallable, HTTPScope, Scope
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from sandbox.faults import ConnectionEffect
from sandbox.http_messages import EndpointResponse

_BACKLOG = 512
_IDLE_SECONDS = 75
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpCall:
    """An HTTP request as received on a socket."""

    scope: HTTPScope
    source_address: str
    body: bytes

    @property
    def headers(self) -> dict[str, str]:
        """Headers by lower-case name. Values of a repeated header are joined by commas."""
        joined: dict[str, str] = {}
        for raw_name, raw_value in self.scope["headers"]:
            name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
            joined[name] = f"{joined[name]}, {value}" if name in joined else value
        return joined


class UnansweredCall(Enum):
    """A call that ends without an answer."""

    HANG = "the caller waits until its own timeout"
    RESET = "the connection is reset"
    TRUNCATE = "the connection ends in the middle of the body"


type CallHandler = Callable[[HttpCall], Awaitable[EndpointResponse | UnansweredCall]]
type ConnectionFilter = Callable[[str], ConnectionEffect]
"""Decides what happens to a new connection, by its source address."""


class HttpListener:
    """A listener on one address and port, HTTP or HTTPS.

    Parameters
    ----------
    context
        TLS context with the server's certificate; None for plain HTTP.
    connection_filter
        Decides what happens to a connection, by its source address.
    endpoint
        Answers calls.

    """

    def __init__(
        self,
        address: str,
        port: int,
        *,
        context: ssl.SSLContext | None = None,
        connection_filter: ConnectionFilter,
        endpoint: CallHandler,
    ) -> None:
        self.address = address
        self.port = port
        self._context = context
        self._connection_filter = connection_filter
        self._endpoint = endpoint
        self._config = Config(
            app=_placeholder_app, http="h11", ws="none", lifespan="off", log_config=None, access_log=False,
            timeout_keep_alive=_IDLE_SECONDS, server_header=False, date_header=False,
        )  # fmt: skip
        self._config.load()
        self._state = ServerState()
        self._socket: socket.socket | None = None
        self._accepting: asyncio.Task[None] | None = None
        self._connections: set[asyncio.Task[None]] = set()

    def open(self) -> None:
        """Start to listen. Idempotent.

        Raises
        ------
        OSError
            If the address is taken.

        """
        if self._socket is not None:
            return
        # With an explicit IPPROTO_TCP, asyncio sets TCP_NODELAY. Without it, every answer waits 40 ms for an ACK.
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind((self.address, self.port))
            listening.listen(_BACKLOG)
        except OSError as error:
            listening.close()
            raise OSError(error.errno, f"can't listen on {self.address}:{self.port}: {error.strerror}") from error
        listening.setblocking(False)
        self._socket = listening
        self._accepting = asyncio.get_running_loop().create_task(self._accept(listening))

    def stop_listening(self) -> None:
        """Stop to listen, and reset all connections."""
        if self._socket is None or self._accepting is None:
            return
        self._accepting.cancel()
        self._socket.close()
        self._socket = self._accepting = None
        for connection in list(self._state.connections):
            cast("_HttpConnection", connection).reset()

    async def close(self) -> None:
        """Stop to listen, and cancel all tasks."""
        self.stop_listening()
        for task in [*self._connections, *self._state.tasks]:
            task.cancel()
        await asyncio.gather(*self._connections, *self._state.tasks, return_exceptions=True)

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            connection, (source_address, _) = await loop.sock_accept(listening)
            connection.setblocking(False)
            task = loop.create_task(self._serve(connection, source_address))
            self._connections.add(task)
            task.add_done_callback(self._connections.discard)

    async def _serve(self, connection: socket.socket, source_address: str) -> None:
        match self._connection_filter(source_address):
            case ConnectionEffect.REFUSE:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
                connection.close()
            case ConnectionEffect.HANG:
                await _read_without_answering(connection)
            case ConnectionEffect.OPEN:
                # A client may abort its handshake.
                with contextlib.suppress(OSError):
                    await asyncio.get_running_loop().connect_accepted_socket(
                        lambda: _HttpConnection(self._config, self._state, self._endpoint, source_address),
                        connection,
                        ssl=self._context,
                    )


async def _read_without_answering(connection: socket.socket) -> None:
    """Keep a connection open without an answer until the client closes it."""
    loop = asyncio.get_running_loop()
    with connection, contextlib.suppress(OSError):
        while await loop.sock_recv(connection, 65536):
            pass


async def _placeholder_app(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """Satisfy uvicorn's configuration. Each connection sets its own application."""


class _HttpConnection(H11Protocol):
    def __init__(self, config: Config, state: ServerState, endpoint: CallHandler, source_address: str) -> None:
        super().__init__(config=config, server_state=state, app_state={})
        self._endpoint = endpoint
        self._source_address = source_address
        self.app = self._handle_call

    def reset(self) -> None:
        """Close the connection with a TCP reset."""
        raw = self.transport.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self.transport.abort()

    async def _handle_call(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] != "http.request":
                return
            body += message.get("body", b"")
            if not message.get("more_body", False):
                break
        call = HttpCall(scope=cast("HTTPScope", scope), source_address=self._source_address, body=bytes(body))
        match await self._endpoint(call):
            case UnansweredCall.HANG:
                await receive()  # returns when the caller disconnects
                self.reset()
            case UnansweredCall.RESET:
                self.reset()
            case UnansweredCall.TRUNCATE:
                await _send_truncated(cast("Any", send))
                self.transport.close()
            case EndpointResponse() as response:
                await _send_response(response, cast("Any", send), is_head=call.scope["method"] == "HEAD")


async def _send_truncated(send: Callable[[dict[str, object]], Awaitable[None]]) -> None:
    """Send the beginning of a successful answer."""
    headers = [(b"content-type", b"application/x-amz-json-1.1"), (b"content-length", b"2000")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b'{"AuthenticationResult": {"IdToken": "', "more_body": True})


async def _send_response(
    response: EndpointResponse, send: Callable[[dict[str, object]], Awaitable[None]], *, is_head: bool
) -> None:
    headers = {name.lower(): value for name, value in response.headers.items()}
    headers.setdefault("content-length", str(len(response.body)))
    if response.status == HTTPStatus.NO_CONTENT:
        del headers["content-length"]
    await send(
        {
            "type": "http.response.start",
            "status": response.status,
            "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()],
        }
    )
    await send({"type": "http.response.body", "body": b"" if is_head else response.body})
