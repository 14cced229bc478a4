"""Clients outside the product: sign-ins through the domain name, and queries to its authoritative name servers.

Nothing here knows the controller. A user's application resolves the name, caches the answer for its TTL, connects to
that address and signs in.
"""

import http.client
import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import dns.exception
import dns.message
import dns.query
import dns.rdatatype

_CONNECT_TIMEOUT_SECONDS = 2.0
_READ_TIMEOUT_SECONDS = 3.0
_DNS_TIMEOUT_SECONDS = 2.0
_OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSignIn:
    """One sign-in: start, end and address. ``error`` is empty if it succeeded."""

    started_at: float
    ended_at: float
    address: str
    error: str

    @property
    def is_successful(self) -> bool:
        """Whether the answer contained tokens."""
        return not self.error


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientApplication:
    """A user's application.

    Attributes
    ----------
    domain, port
        The auth domain's name, and the port of its targets.
    resolver, dns_port
        The recursive resolver.
    certificate
        The trusted certificate authority.
    client_id, username, password
        The pool's app client, and the user's credentials.

    """

    domain: str
    port: int
    resolver: str
    dns_port: int
    certificate: str
    client_id: str
    username: str
    password: str = field(repr=False)


class CachingResolver:
    """Resolves one name, and caches the answer for exactly its TTL."""

    def __init__(self, application: ClientApplication) -> None:
        self._application = application
        self._lock = threading.Lock()
        self._address = ""
        self._expires_at = 0.0

    def resolve(self) -> str:
        """Return the name's current address for this client.

        Raises
        ------
        OSError
            If the resolver returns none.

        """
        with self._lock:
            if time.monotonic() >= self._expires_at:
                self._address, ttl_seconds = self._query()
                self._expires_at = time.monotonic() + ttl_seconds
            return self._address

    def _query(self) -> tuple[str, int]:
        query = dns.message.make_query(self._application.domain, dns.rdatatype.A)
        try:
            answer, _ = dns.query.udp_with_fallback(
                query, self._application.resolver, port=self._application.dns_port, timeout=_DNS_TIMEOUT_SECONDS
            )
        except dns.exception.DNSException as error:
            raise OSError(f"no answer from the resolver: {error}") from error
        addresses = [item.address for rrset in answer.answer for item in rrset if item.rdtype == dns.rdatatype.A]
        if not addresses:
            raise OSError(f"the resolver has no address of {self._application.domain}")
        return addresses[0], min(rrset.ttl for rrset in answer.answer)


class SignInLoad:
    """Signs in through the domain name at a constant rate, in the background.

    Parameters
    ----------
    application
        The users' application.
    per_second
        Number of sign-ins a second.

    """

    def __init__(self, application: ClientApplication, *, per_second: float = 5.0) -> None:
        self._application = application
        self._interval_seconds = 1 / per_second
        self._resolver = CachingResolver(application)
        self._tls_context = ssl.create_default_context(cafile=application.certificate)
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._sign_ins: list[ClientSignIn] = []
        self._threads: list[threading.Thread] = []
        self._scheduler = threading.Thread(target=self._run_schedule, name="sign-in-load", daemon=True)

    def start(self) -> None:
        """Start signing in."""
        self._scheduler.start()

    def stop(self) -> tuple[ClientSignIn, ...]:
        """Start no further sign-in, wait for the running ones, and return all."""
        self._stopped.set()
        self._scheduler.join()
        for thread in self._threads:
            thread.join(_CONNECT_TIMEOUT_SECONDS + _READ_TIMEOUT_SECONDS + 2 * _DNS_TIMEOUT_SECONDS)
        return self.sign_ins

    @contextmanager
    def running(self) -> Iterator[None]:
        """Sign in until the block ends."""
        self.start()
        try:
            yield
        finally:
            self.stop()

    @property
    def sign_ins(self) -> tuple[ClientSignIn, ...]:
        """All completed sign-ins, in the order of their start."""
        with self._lock:
            return tuple(sorted(self._sign_ins, key=lambda sign_in: sign_in.started_at))

    def _run_schedule(self) -> None:
        next_at = time.monotonic()
        while not self._stopped.wait(max(0.0, next_at - time.monotonic())):
            next_at += self._interval_seconds
            self._threads = [thread for thread in self._threads if thread.is_alive()]
            thread = threading.Thread(target=self._sign_in, name="sign-in", daemon=True)
            self._threads.append(thread)
            thread.start()

    def _sign_in(self) -> None:
        began_at, address, error = time.time(), "", ""
        try:
            address = self._resolver.resolve()
            error = self._request_tokens(address)
        except (OSError, http.client.HTTPException, ValueError) as failure:
            error = f"{type(failure).__name__}: {failure}"
        with self._lock:
            self._sign_ins.append(ClientSignIn(started_at=began_at, ended_at=time.time(), address=address, error=error))

    def _request_tokens(self, address: str) -> str:
        application = self._application
        body = json.dumps(
            {
                "AuthFlow": "USER_PASSWORD_AUTH",
                "ClientId": application.client_id,
                "AuthParameters": {"USERNAME": application.username, "PASSWORD": application.password},
            }
        )
        headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": "AWSCognitoIdentityProviderService.InitiateAuth",
        }
        connection = http.client.HTTPConnection(application.domain)
        with socket.create_connection((address, application.port), _CONNECT_TIMEOUT_SECONDS) as plain:
            plain.settimeout(_READ_TIMEOUT_SECONDS)
            with self._tls_context.wrap_socket(plain, server_hostname=application.domain) as connection.sock:
                connection.request("POST", "/", body, headers)
                response = connection.getresponse()
                content = response.read()
        if response.status != _OK:
            return f"HTTP {response.status}"
        return "" if "AccessToken" in json.loads(content).get("AuthenticationResult", {}) else "no tokens"


class NameServerClient:
    """Queries the authoritative name servers for the name's target, as a client over IPv4 does.

    Parameters
    ----------
    addresses, port
        The addresses and the port of the name servers.
    domain
        The name.
    regions
        Regions by target: a host name in lower case that ends with a dot, or the IPv4 address that an alias gives.

    """

    def __init__(self, addresses: Sequence[str], port: int, domain: str, regions: Mapping[str, str]) -> None:
        self._addresses = addresses
        self._port = port
        self._domain = domain
        self._regions = regions

    def query_regions(self) -> tuple[str, ...]:
        """Return the Region that each name server answers with. Empty for a silent server."""
        return tuple(self._query_region(address) for address in self._addresses)

    def _query_region(self, address: str) -> str:
        query = dns.message.make_query(self._domain, dns.rdatatype.A)
        query.flags &= ~dns.flags.RD
        try:
            answer = dns.query.udp(query, address, port=self._port, timeout=_DNS_TIMEOUT_SECONDS)
        except (dns.exception.DNSException, OSError):
            return ""
        # A CNAME comes before the address of its target.
        targets = [item.to_text().lower() for rrset in answer.answer for item in rrset]
        return self._regions.get(targets[0], targets[0]) if targets else ""
