"""One request of a health checker: the request, its timeouts, and the evaluation of the answer."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import h11

SEARCHED_BODY_BYTES = 5120
"""Searched bytes of a body (AWS documentation, How Route 53 determines whether a health check is healthy)."""

_HEALTHY_STATUSES = range(200, 400)
_DEFAULT_PORTS = {"HTTP": 80, "HTTPS": 443}
_READ_BYTES = 16_384

type Resolve = Callable[[str], Awaitable[str | None]]
"""Returns the IPv4 address of a name, or None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCheckResult:
    """The result of one request.

    Attributes
    ----------
    report
        The text for ``GetHealthCheckStatus``.
    checked_at
        The time of the request, in seconds of the clock.

    """

    passed: bool
    report: str
    checked_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedEndpoint:
    """The endpoint of a health check, from its settings."""

    scheme: str
    search_string: bytes | None
    address: str | None
    name: str | None
    port: int
    path: str
    sni: bool
    reference: str

    @classmethod
    def from_config(cls, check_id: str, config: Mapping[str, Any]) -> "CheckedEndpoint":
        """Return the endpoint of a check of type TCP, HTTP, HTTPS or a type with string matching."""
        scheme, _, matching = config["Type"].partition("_")
        path = config.get("ResourcePath", "/")
        return cls(
            scheme=scheme,
            search_string=config["SearchString"].encode() if matching else None,
            address=config.get("IPAddress"),
            name=config.get("FullyQualifiedDomainName"),
            port=config["Port"],
            path=path if path.startswith("/") else f"/{path}",
            sni=config.get("EnableSNI", False),
            reference=check_id,
        )

    @property
    def host(self) -> str:
        """The Host header. It contains the port unless it is the scheme's default."""
        host = self.name or self.address or ""
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckTimeouts:
    """A checker's timeouts. The defaults are the service's (AWS documentation, as above).

    Attributes
    ----------
    connect_seconds, tcp_connect_seconds
        Until connected: for HTTP and HTTPS, including the TLS handshake; and for TCP.
    response_seconds
        From the connection to the status.
    body_seconds
        From the status to the searched part of the body.

    """

    connect_seconds: float = 4.0
    tcp_connect_seconds: float = 10.0
    response_seconds: float = 2.0
    body_seconds: float = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckerNetwork:
    """A checker's network.

    Attributes
    ----------
    source_address
        The source address of its requests.
    resolve
        Its resolver.
    route
        Returns the address and port of this machine for an AWS address and port, or None if it is unreachable.

    """

    source_address: str
    resolve: Resolve
    route: Callable[[str, int], tuple[str, int] | None]
    timeouts: CheckTimeouts = CheckTimeouts()


class _CheckFailedError(Exception):
    """The endpoint failed the check. The message is the report."""


async def check_endpoint(endpoint: CheckedEndpoint, network: CheckerNetwork, *, checked_at: float) -> HealthCheckResult:
    """Make one request and return its result."""
    resolved = ""
    try:
        address = endpoint.address
        if address is None:
            address = await network.resolve(endpoint.name or "")
            if address is None:
                raise _CheckFailedError("DNS resolution failed: no A record")  # noqa: TRY301 - all failures use one handler
            resolved = f". Resolved IP: {address}"
        report = await _request(endpoint, network, address)
    except _CheckFailedError as failed:
        return HealthCheckResult(passed=False, report=f"Failure: {failed}{resolved}", checked_at=checked_at)
    return HealthCheckResult(passed=True, report=f"Success: {report}{resolved}", checked_at=checked_at)


async def _request(endpoint: CheckedEndpoint, network: CheckerNetwork, address: str) -> str:
    reader, writer = await _connect(endpoint, network, address)
    try:
        if endpoint.scheme == "TCP":
            return "TCP connection established"
        return await _request_http(endpoint, network.timeouts, reader, writer)
    except (OSError, EOFError, h11.ProtocolError) as error:
        raise _CheckFailedError(f"The endpoint closed the connection: {error}") from error
    finally:
        writer.transport.abort()


async def _connect(
    endpoint: CheckedEndpoint, network: CheckerNetwork, address: str
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect, including the TLS handshake, so that the timeout for a dead Region is the same as on AWS."""
    patience = network.timeouts
    seconds = patience.tcp_connect_seconds if endpoint.scheme == "TCP" else patience.connect_seconds
    try:
        async with asyncio.timeout(seconds):
            leads_to = network.route(address, endpoint.port)
            if leads_to is None:
                await asyncio.sleep(seconds + 1)  # an unreachable host does not answer
                raise TimeoutError  # noqa: TRY301 - unreachable: the timeout comes first
            tls = endpoint.scheme == "HTTPS"
            return await asyncio.open_connection(
                *leads_to,
                ssl=_SSL_CONTEXT if tls else None,
                server_hostname=((endpoint.name or "") if endpoint.sni else "") if tls else None,
                local_addr=(network.source_address, 0),
            )
    except TimeoutError as error:
        raise _CheckFailedError(
            "Connection timed out. The endpoint or the internet connection is down, or requests are being blocked "
            "by your firewall"
        ) from error
    except ssl.SSLError as error:
        raise _CheckFailedError(f"SSL alert {error.reason or error}") from error
    except OSError as error:
        raise _CheckFailedError(f"Connection refused or reset: {error.strerror or error}") from error


async def _request_http(
    endpoint: CheckedEndpoint, timeouts: CheckTimeouts, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> str:
    conversation = h11.Connection(h11.CLIENT)
    request = h11.Request(
        method="GET",
        target=endpoint.path,
        headers=[
            ("Host", endpoint.host),
            ("User-Agent", f"Amazon-Route53-Health-Check-Service (ref {endpoint.reference})"),
            ("Accept", "*/*"),
            ("Connection", "close"),
        ],
    )
    for event in (request, h11.EndOfMessage()):
        writer.write(conversation.send(event) or b"")
    try:
        async with asyncio.timeout(timeouts.response_seconds):
            response = await _read_response(conversation, reader)
    except TimeoutError as error:
        raise _CheckFailedError("The endpoint did not respond within two seconds after connecting") from error
    try:
        phrase = HTTPStatus(response.status_code).phrase
    except ValueError:
        phrase = response.reason.decode("latin-1")
    report = f"HTTP Status Code {response.status_code}, {phrase}"
    if response.status_code not in _HEALTHY_STATUSES:
        raise _CheckFailedError(report)
    if endpoint.search_string is not None:
        try:
            async with asyncio.timeout(timeouts.body_seconds):
                body = await _read_body(conversation, reader)
        except TimeoutError as error:
            raise _CheckFailedError(f"{report}. The response body did not arrive within two seconds") from error
        if endpoint.search_string not in body:
            raise _CheckFailedError(
                f"{report}. The first {SEARCHED_BODY_BYTES} bytes of the body hold no search string"
            )
    return report


async def _read_response(conversation: h11.Connection, reader: asyncio.StreamReader) -> h11.Response:
    while True:
        event = await _read_event(conversation, reader)
        match event:
            case h11.Response():
                return event
            case h11.ConnectionClosed():
                raise EOFError("no HTTP response")
            case _:  # an informational response: the final one follows
                pass


async def _read_body(conversation: h11.Connection, reader: asyncio.StreamReader) -> bytes:
    body = b""
    while len(body) < SEARCHED_BODY_BYTES:
        event = await _read_event(conversation, reader)
        if not isinstance(event, h11.Data):
            break
        body += event.data
    return body[:SEARCHED_BODY_BYTES]


async def _read_event(conversation: h11.Connection, reader: asyncio.StreamReader) -> Any:
    while True:
        event = conversation.next_event()
        if event is not h11.NEED_DATA:
            return event
        conversation.receive_data(await reader.read(_READ_BYTES))


def _build_ssl_context() -> ssl.SSLContext:
    # Certificates are not validated: AWS documentation, as above.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


_SSL_CONTEXT = _build_ssl_context()
