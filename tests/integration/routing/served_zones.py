"""The sandbox's zones, served over DNS on loopback addresses during a test, with a registry and a resolver."""

import asyncio
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import dns.resolver

from sandbox.dns import DnsAddresses, DnsServers, serve_dns
from sandbox.dns.parent_zone import ParentZoneServer
from sandbox.domain_registrar import DomainRegistrar
from sandbox.route53 import ALL_NAME_SERVERS
from tests.integration.routing.route53_session import Route53Session
from tests.support import load_scaling

# Addresses that only this process uses, so their ports are free.
NETWORK = f"127.53.{os.getpid() % 250}"
ADDRESSES = tuple(f"{NETWORK}.{last}" for last in range(11, 11 + len(ALL_NAME_SERVERS)))
RESOLVER, REGISTRY = f"{NETWORK}.53", f"{NETWORK}.54"
PORT = 5353


@contextmanager
def run_name_servers(session: Route53Session, registrar: DomainRegistrar | None = None) -> Iterator[DnsServers]:
    """Serve the sandbox's zones from a separate thread. A registrar decides their delegation."""
    registrar = registrar or DomainRegistrar(session.route53.list_name_servers)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    serving = serve_dns(
        route53=session.route53,
        addresses=DnsAddresses(name_servers=ADDRESSES, resolver=RESOLVER, port=PORT, registry=REGISTRY),
        clock=lambda: session.now,
        registry=ParentZoneServer(list_zones=lambda: session.route53.public_zones, registrar=registrar),
    )
    servers = asyncio.run_coroutine_threadsafe(serving, loop).result(timeout=load_scaling.get_wait_limit())
    yield servers
    asyncio.run_coroutine_threadsafe(servers.close(), loop).result(timeout=load_scaling.get_wait_limit())
    loop.call_soon_threadsafe(loop.stop)
    thread.join(timeout=load_scaling.get_wait_limit())
    loop.close()


def make_resolver(address: str = RESOLVER) -> dns.resolver.Resolver:
    """Return a client of the resolver."""
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = [address], PORT
    return resolver
