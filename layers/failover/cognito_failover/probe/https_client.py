"""One HTTPS request over a new connection.

The server may have closed a connection kept from the last round, and a healthy Region would look sick. Also, users
have to connect too. The host to connect to and the requested server name may differ. That is how a target is probed
before the domain points at it.
"""

import http.client
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field

from cognito_failover import __version__
from cognito_failover.common.errors import FailoverError
from cognito_failover.common.time_budget import TCP_CONNECT_FRACTION
from cognito_failover.core.probe_result import FailureKind
from cognito_failover.probe.happy_eyeballs import connect

MAX_BODY_BYTES = 64 * 1024
"""Far more than any login response or key set has."""

USER_AGENT = f"cognito-failover/{__version__}"
"""The User-Agent of every request. AWS WAF's core rule set blocks requests without one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpsEndpoint:
    """A host to connect to, and the server name to request.

    Attributes
    ----------
    host
        The name or address to connect to.
    server_name
        The name in SNI and Host. The certificate must be valid for it.
    additional_hosts
        More addresses of the same target. The request goes to the first address that accepts.

    """

    host: str
    server_name: str
    port: int = 443
    additional_hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Timeouts for the connection (TCP, then TLS), and for each read of the response."""

    connect_seconds: float
    read_seconds: float

    @property
    def tcp_seconds(self) -> float:
        """Timeout for TCP alone."""
        return self.connect_seconds * TCP_CONNECT_FRACTION


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpResponse:
    """An HTTP response with any status."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = field(default=None, repr=False)


class NoResponseError(FailoverError):
    """No HTTP response arrived. ``kind`` says how it failed."""

    def __init__(self, kind: FailureKind, host: str) -> None:
        super().__init__(f"{host} sent no HTTP response: {kind}.")
        self.kind = kind


class HttpsClient:
    """Sends requests with one set of timeouts and trusted authorities.

    Parameters
    ----------
    timeouts
        The timeouts of every request.
    context
        The trusted authorities. The default is the system's, or those in ``SSL_CERT_FILE``.

    """

    def __init__(self, timeouts: Timeouts, context: ssl.SSLContext | None = None) -> None:
        self.timeouts = timeouts
        self._context = context or ssl.create_default_context()

    def get(self, endpoint: HttpsEndpoint, path: str = "/") -> HttpResponse:
        """Request a path.

        Raises
        ------
        NoResponseError
            If no HTTP response arrives.

        """
        return self._send(endpoint, _Request(method="GET", path=path))

    def post(self, endpoint: HttpsEndpoint, *, headers: Mapping[str, str], body: bytes) -> HttpResponse:
        """Post to the root path, as AWS's JSON protocols do.

        Raises
        ------
        NoResponseError
            If no HTTP response arrives.

        """
        return self._send(endpoint, _Request(method="POST", path="/", headers=headers, body=body))

    def _send(self, endpoint: HttpsEndpoint, request: "_Request") -> HttpResponse:
        with self._connect(endpoint) as plain, self._wrap_tls(plain, endpoint) as secure:
            secure.settimeout(self.timeouts.read_seconds)
            return _exchange(secure, endpoint, request)

    def _connect(self, endpoint: HttpsEndpoint) -> socket.socket:
        try:
            hosts = (endpoint.host, *endpoint.additional_hosts)
            return connect(hosts, endpoint.port, within_seconds=self.timeouts.tcp_seconds)
        except socket.gaierror as error:
            raise NoResponseError(FailureKind.DNS, endpoint.host) from error
        except TimeoutError as error:
            raise NoResponseError(FailureKind.TCP_TIMEOUT, endpoint.host) from error
        except ConnectionRefusedError as error:
            raise NoResponseError(FailureKind.REFUSED, endpoint.host) from error
        except ConnectionError as error:
            raise NoResponseError(FailureKind.RESET, endpoint.host) from error
        except OSError as error:
            raise NoResponseError(FailureKind.UNREACHABLE, endpoint.host) from error

    def _wrap_tls(self, plain: socket.socket, endpoint: HttpsEndpoint) -> ssl.SSLSocket:
        plain.settimeout(self.timeouts.connect_seconds)
        try:
            # An end without TLS's close alert must not look like the end of a body.
            return self._context.wrap_socket(plain, server_hostname=endpoint.server_name, suppress_ragged_eofs=False)
        except TimeoutError as error:
            raise NoResponseError(FailureKind.CONNECT_TIMEOUT, endpoint.host) from error
        except (ssl.SSLEOFError, ConnectionError) as error:
            raise NoResponseError(FailureKind.RESET, endpoint.host) from error
        except (ssl.SSLError, OSError) as error:
            raise NoResponseError(FailureKind.TLS, endpoint.host) from error


def _exchange(tls_socket: ssl.SSLSocket, endpoint: HttpsEndpoint, request: _Request) -> HttpResponse:
    connection = http.client.HTTPConnection(endpoint.server_name)
    connection.sock = tls_socket
    try:
        connection.request(
            request.method,
            request.path,
            body=request.body,
            headers={
                "Host": endpoint.server_name,
                "Connection": "close",
                "User-Agent": USER_AGENT,
                **request.headers,
            },
        )
        with connection.getresponse() as response:
            return HttpResponse(
                status=response.status,
                headers={name.lower(): value for name, value in response.getheaders()},
                body=_read_body(response, endpoint),
            )
    except TimeoutError as error:
        raise NoResponseError(FailureKind.READ_TIMEOUT, endpoint.host) from error
    except OSError as error:  # such as a reset, a broken pipe, or an end before the first byte
        raise NoResponseError(FailureKind.RESET, endpoint.host) from error
    except http.client.HTTPException as error:
        raise NoResponseError(FailureKind.INVALID_HTTP, endpoint.host) from error


def _read_body(response: http.client.HTTPResponse, endpoint: HttpsEndpoint) -> bytes:
    try:
        body = response.read(MAX_BODY_BYTES)
    except TimeoutError:
        raise
    except (OSError, http.client.IncompleteRead) as error:
        raise NoResponseError(FailureKind.CUT_OFF, endpoint.host) from error
    # With a limit, read() returns what arrived before the end, without an error.
    if response.length and len(body) < MAX_BODY_BYTES:
        raise NoResponseError(FailureKind.CUT_OFF, endpoint.host)
    return body
