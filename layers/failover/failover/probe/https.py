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

from failover.errors import FailoverError
from failover.probe.answer import Silence
from failover.probe.connecting import connect
from failover.timing import TCP_SHARE

LARGEST_BODY_BYTES = 64 * 1024
"""No login answer or key set comes near it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
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
    further_hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """How long to wait for a connection (TCP, then TLS), and then for each piece of the answer."""

    connect_seconds: float
    read_seconds: float

    @property
    def tcp_seconds(self) -> float:
        """How long to wait for TCP alone."""
        return self.connect_seconds * TCP_SHARE


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
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


class SilenceError(FailoverError):
    """No HTTP answer came; ``kind`` says how."""

    def __init__(self, kind: Silence, host: str) -> None:
        super().__init__(f"{host} gave no HTTP answer: {kind}.")
        self.kind = kind


class Https:
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

    def get(self, endpoint: Endpoint, path: str = "/") -> Reply:
        """Ask for a path.

        Raises
        ------
        SilenceError
            If there is no HTTP answer.

        """
        return self._send(endpoint, _Request(method="GET", path=path))

    def post(self, endpoint: Endpoint, *, headers: Mapping[str, str], body: bytes) -> Reply:
        """Post to the root, as AWS's JSON protocols do.

        Raises
        ------
        SilenceError
            If there is no HTTP answer.

        """
        return self._send(endpoint, _Request(method="POST", path="/", headers=headers, body=body))

    def _send(self, endpoint: Endpoint, request: "_Request") -> Reply:
        with self._connect(endpoint) as plain, self._secure(plain, endpoint) as secure:
            secure.settimeout(self.timeouts.read_seconds)
            return _exchange(secure, endpoint, request)

    def _connect(self, endpoint: Endpoint) -> socket.socket:
        try:
            hosts = (endpoint.host, *endpoint.further_hosts)
            return connect(hosts, endpoint.port, within_seconds=self.timeouts.tcp_seconds)
        except socket.gaierror as error:
            raise SilenceError(Silence.DNS, endpoint.host) from error
        except TimeoutError as error:
            raise SilenceError(Silence.TCP_TIMEOUT, endpoint.host) from error
        except ConnectionRefusedError as error:
            raise SilenceError(Silence.REFUSED, endpoint.host) from error
        except ConnectionError as error:
            raise SilenceError(Silence.RESET, endpoint.host) from error
        except OSError as error:
            raise SilenceError(Silence.UNREACHABLE, endpoint.host) from error

    def _secure(self, plain: socket.socket, endpoint: Endpoint) -> ssl.SSLSocket:
        plain.settimeout(self.timeouts.connect_seconds)
        try:
            return self._context.wrap_socket(plain, server_hostname=endpoint.server_name)
        except TimeoutError as error:
            raise SilenceError(Silence.CONNECT_TIMEOUT, endpoint.host) from error
        except (ssl.SSLEOFError, ConnectionError) as error:
            raise SilenceError(Silence.RESET, endpoint.host) from error
        except (ssl.SSLError, OSError) as error:
            raise SilenceError(Silence.TLS, endpoint.host) from error


def _exchange(connected: ssl.SSLSocket, endpoint: Endpoint, request: _Request) -> Reply:
    connection = http.client.HTTPConnection(endpoint.server_name)
    connection.sock = connected
    try:
        connection.request(
            request.method,
            request.path,
            body=request.body,
            headers={"Host": endpoint.server_name, "Connection": "close", **request.headers},
        )
        response = connection.getresponse()
        return Reply(
            status=response.status,
            headers={name.lower(): value for name, value in response.getheaders()},
            body=response.read(LARGEST_BODY_BYTES),
        )
    except TimeoutError as error:
        raise SilenceError(Silence.READ_TIMEOUT, endpoint.host) from error
    except OSError as error:  # among them a reset, a broken pipe, and an end before the first byte
        raise SilenceError(Silence.RESET, endpoint.host) from error
    except http.client.HTTPException as error:
        raise SilenceError(Silence.GARBLED, endpoint.host) from error
