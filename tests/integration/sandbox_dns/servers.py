"""A Route 53 served over DNS on loopback addresses during a test."""

import asyncio
import functools
import os
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import dns.asyncquery
import dns.exception
import dns.message
import dns.rdatatype

from sandbox.dns import DnsAddresses, DnsServers, serve_dns
from sandbox.dns.parent_zone import ParentZoneServer
from sandbox.domain_registrar import DomainRegistrar
from tests.support import load_scaling
from tests.unit.sandbox_route53.harness import Route53Harness

API = "cognito-idp.us-east-1.amazonaws.com"
API_ADDRESS = "127.99.2.1"
TIMEOUT_SECONDS = load_scaling.get_wait_limit()
SILENCE_TIMEOUT_SECONDS = load_scaling.scale_seconds(0.5)

# Parallel test runs use different addresses.
_NETWORK = f"127.99.{os.getpid() % 250 + 1}"


@dataclass
class ServedDns:
    """A Route 53, its servers, and a client of them."""

    harness: Route53Harness
    addresses: DnsAddresses
    blocked_routes: set[tuple[str, str]] = field(default_factory=set)
    servers: DnsServers = field(init=False)

    async def is_reachable(self, source: str, server: str) -> bool:
        """Return whether one address reaches another in the test."""
        return (source, server) not in self.blocked_routes

    async def query(
        self, server: str, name: str, record_type: str = "A", *, source: str = "127.0.0.1", tcp: bool = False
    ) -> dns.message.Message:
        """Query a server, by default over UDP."""
        query = dns.message.make_query(name, record_type)
        send = dns.asyncquery.tcp if tcp else dns.asyncquery.udp
        return await send(query, server, port=self.addresses.port, timeout=TIMEOUT_SECONDS, source=source)

    async def is_silent(self, server: str, *, source: str = "127.0.0.1", tcp: bool = False) -> bool:
        """Return whether a server does not answer a question."""
        query = dns.message.make_query("example.com", "SOA")
        send = dns.asyncquery.tcp if tcp else dns.asyncquery.udp
        try:
            await send(query, server, port=self.addresses.port, timeout=SILENCE_TIMEOUT_SECONDS, source=source)
        except dns.exception.Timeout:
            return True
        return False

    @property
    def name_server(self) -> str:
        """The first name server."""
        return self.addresses.name_servers[0]

    @property
    def resolver(self) -> str:
        """The resolver."""
        return self.addresses.resolver


@asynccontextmanager
async def serve(harness: Route53Harness, registrar: DomainRegistrar | None = None) -> AsyncIterator[ServedDns]:
    """Serve a harness's zones on the test's addresses. With a registrar, there is a zone above them."""
    addresses = DnsAddresses(
        name_servers=[f"{_NETWORK}.{number}" for number in range(11, 19 if registrar else 15)],
        resolver=f"{_NETWORK}.53",
        registry=f"{_NETWORK}.54" if registrar else None,
    )
    served = ServedDns(harness, addresses)
    served.servers = await serve_dns(
        route53=harness.route53,
        addresses=addresses,
        clock=harness.clock,
        resolve_service={API: API_ADDRESS}.get,
        is_reachable=served.is_reachable,
        registry=ParentZoneServer(list_zones=lambda: harness.route53.public_zones, registrar=registrar)
        if registrar
        else None,
    )
    try:
        yield served
    finally:
        await served.servers.close()


def read_data(message: dns.message.Message) -> list[str]:
    """Return the data of a message's answer."""
    return [rdata.to_text() for rrset in message.answer for rdata in rrset]


def run_in_event_loop[**P](test: Callable[P, Coroutine[None, None, None]]) -> Callable[P, None]:
    """Run a test in an event loop."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        asyncio.run(test(*args, **kwargs))

    return run
