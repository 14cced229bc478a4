"""What anybody outside can see: sign-ins through the domain, and what its name servers answer.

Nothing here knows the controller. A person's application resolves the name, keeps the answer for its TTL, connects
to that address and signs in; a watcher asks the zone's authoritative name servers.
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
    """One attempt: when, to which address, and how it ended; ``error`` is empty if it succeeded."""

    started_at: float
    ended_at: float
    address: str
    error: str

    @property
    def is_successful(self) -> bool:
        """Whether tokens came back."""
        return not self.error


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientApplication:
    """Where and as whom somebody signs in.

    Attributes
    ----------
    domain, port
        The auth domain's name, and the port its targets listen on.
    resolver, dns_port
        The recursive resolver it asks.
    certificate
        The certificate authority it trusts.
    client_id, username, password
        Of the pool's app client and of the person.

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
    """Resolves one name as a well-behaved client does: an answer is kept for its TTL, and no longer."""

    def __init__(self, application: ClientApplication) -> None:
        self._application = application
        self._lock = threading.Lock()
        self._address = ""
        self._expires_at = 0.0

    def resolve(self) -> str:
        """Return the address that the name has now, for this client.

        Raises
        ------
        OSError
            If the resolver gives none.

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
            raise OSError(f"the resolver knows no address of {self._application.domain}")
        return addresses[0], min(rrset.ttl for rrset in answer.answer)


class SignInLoad:
    """Signs in through the domain name, so many times a second, until told to stop.

    Parameters
    ----------
    application
        What they use.
    per_second
        How often.

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
        self._scheduler = threading.Thread(target=self._run_schedule, name="people", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._scheduler.start()

    def stop(self) -> tuple[ClientSignIn, ...]:
        """Begin no further sign-in, wait for those under way, and return all."""
        self._stopped.set()
        self._scheduler.join()
        for thread in self._threads:
            thread.join(_CONNECT_TIMEOUT_SECONDS + _READ_TIMEOUT_SECONDS + 2 * _DNS_TIMEOUT_SECONDS)
        return self.sign_ins

    @contextmanager
    def running(self) -> Iterator[None]:
        """Go on until the block ends."""
        self.start()
        try:
            yield
        finally:
            self.stop()

    @property
    def sign_ins(self) -> tuple[ClientSignIn, ...]:
        """Every attempt that has ended, in the order of their beginning."""
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
    """Asks the authoritative name servers themselves which target the name has.

    Parameters
    ----------
    addresses, port
        Theirs.
    domain
        The name.
    regions
        By target, in lower case and with a dot at its end, the Region it is in.

    """

    def __init__(self, addresses: Sequence[str], port: int, domain: str, regions: Mapping[str, str]) -> None:
        self._addresses = addresses
        self._port = port
        self._domain = domain
        self._regions = regions

    def query_regions(self) -> tuple[str, ...]:
        """Return the Region that each of them answers with now; an empty text for one that is silent."""
        return tuple(self._query_region(address) for address in self._addresses)

    def _query_region(self, address: str) -> str:
        query = dns.message.make_query(self._domain, dns.rdatatype.CNAME)
        query.flags &= ~dns.flags.RD
        try:
            answer = dns.query.udp(query, address, port=self._port, timeout=_DNS_TIMEOUT_SECONDS)
        except (dns.exception.DNSException, OSError):
            return ""
        targets = [
            item.target.to_text().lower()
            for rrset in answer.answer
            for item in rrset
            if item.rdtype == dns.rdatatype.CNAME
        ]
        return self._regions.get(targets[0], targets[0]) if targets else ""
