"""One HTTPS request over a connection of its own.

Fresh each time: a connection kept from the last round may have been closed by the other end meanwhile, and a
healthy Region would look sick; besides, connecting is part of what users go through. The peer may be reached by
one name and asked for another, which is how a target is probed before the domain points at it.
"""

import http.client
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field

from cognito_failover.common.errors import FailoverError
from cognito_failover.common.time_budget import TCP_CONNECT_FRACTION
from cognito_failover.core.probe_result import FailureKind
from cognito_failover.probe.happy_eyeballs import connect

MAX_BODY_BYTES = 64 * 1024
"""No login answer or key set comes near it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpsEndpoint:
    """Where to connect to, and whom to ask for.

    Attributes
    ----------
    host
        The name or address the connection goes to.
    server_name
        The name in SNI and Host, which the certificate must be for.
    further_hosts
        Further addresses of the same place, where it is known by addresses: the first to accept is the one asked.

    """

    host: str
    server_name: str
    port: int = 443
    additional_hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """How long to wait for a connection (TCP, then TLS), and then for each piece of the answer."""

    connect_seconds: float
    read_seconds: float

    @property
    def tcp_seconds(self) -> float:
        """How long to wait for TCP alone."""
        return self.connect_seconds * TCP_CONNECT_FRACTION


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpResponse:
    """An HTTP answer, whatever its status."""

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
    """No HTTP answer came; ``kind`` says how."""

    def __init__(self, kind: FailureKind, host: str) -> None:
        super().__init__(f"{host} gave no HTTP answer: {kind}.")
        self.kind = kind


class HttpsClient:
    """Makes requests with one set of timeouts and of trusted authorities.

    Parameters
    ----------
    timeouts
        For every request.
    context
        Whom to trust; by default the system's authorities, or those in ``SSL_CERT_FILE``.

    """

    def __init__(self, timeouts: Timeouts, context: ssl.SSLContext | None = None) -> None:
        self.timeouts = timeouts
        self._context = context or ssl.create_default_context()

    def get(self, endpoint: HttpsEndpoint, path: str = "/") -> HttpResponse:
        """Ask for a path.

        Raises
        ------
        SilenceError
            If there is no HTTP answer.

        """
        return self._send(endpoint, _Request(method="GET", path=path))

    def post(self, endpoint: HttpsEndpoint, *, headers: Mapping[str, str], body: bytes) -> HttpResponse:
        """Post to the root, as AWS's JSON protocols do.

        Raises
        ------
        SilenceError
            If there is no HTTP answer.

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
            return self._context.wrap_socket(plain, server_hostname=endpoint.server_name)
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
            headers={"Host": endpoint.server_name, "Connection": "close", **request.headers},
        )
        response = connection.getresponse()
        return HttpResponse(
            status=response.status,
            headers={name.lower(): value for name, value in response.getheaders()},
            body=response.read(MAX_BODY_BYTES),
        )
    except TimeoutError as error:
        raise NoResponseError(FailureKind.READ_TIMEOUT, endpoint.host) from error
    except OSError as error:  # among them a reset, a broken pipe, and an end before the first byte
        raise NoResponseError(FailureKind.RESET, endpoint.host) from error
    except http.client.HTTPException as error:
        raise NoResponseError(FailureKind.INVALID_HTTP, endpoint.host) from error
