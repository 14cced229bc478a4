"""The listening name servers of the hosted zones, and the resolver."""

import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype

from sandbox.dns.messages import UDP_PAYLOAD_BYTES, respond_to_wire
from sandbox.dns.parent_zone import REGISTRY_HOST, ParentZoneServer
from sandbox.dns.resolver import RecursiveResolver
from sandbox.dns.transport import DnsListener
from sandbox.route53 import ALL_NAME_SERVERS, NAME_SERVERS, Route53
from sandbox.route53.answers import NameServerAnswer

_REFERRAL_LIMIT = 8

type ResolveService = Callable[[str], str | None]
type IsReachable = Callable[[str, str], Awaitable[bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsAddresses:
    """IPv4 addresses of the servers, all on one port.

    Attributes
    ----------
    name_servers
        One address for each of `NAME_SERVERS`, or of `ALL_NAME_SERVERS`, in the same order.
    registry
        The name server above the hosted zones, or None.

    """

    name_servers: Sequence[str]
    resolver: str
    port: int = 5353
    registry: str | None = None

    def __post_init__(self) -> None:
        """Check that every name server has an address."""
        if len(self.name_servers) not in {len(NAME_SERVERS), len(ALL_NAME_SERVERS)}:
            raise ValueError(
                f"{len(self.name_servers)} addresses for {len(NAME_SERVERS)} name servers; give one address for each"
            )


async def always_reachable(_source: str, _server: str) -> bool:
    """Return True: every client reaches every server."""
    return True


def resolve_no_service(_name: str) -> None:
    """Return None: the name is not a service of the sandbox."""


class DnsServers:
    """The name servers and a resolver. `serve_dns` returns them listening.

    Attributes
    ----------
    resolver
        The resolver behind the resolver's address.

    """

    def __init__(
        self,
        *,
        route53: Route53,
        addresses: DnsAddresses,
        clock: Callable[[], float],
        resolve_service: ResolveService,
        is_reachable: IsReachable,
        random_source: random.Random,
        registry: ParentZoneServer | None = None,
    ) -> None:
        self.resolver = RecursiveResolver(
            query_authority=self._query_name_servers,
            find_host_address=self._find_host_address,
            clock=clock,
            find_parent_servers=registry.find_name_servers if registry else lambda _name: None,
        )
        self._registry = registry
        self._route53 = route53
        self._addresses = addresses
        self._resolve_service = resolve_service
        self._is_reachable = is_reachable
        self._random_source = random_source
        self._silenced: set[int] = set()
        self._listeners = AsyncExitStack()

    async def listen(self) -> None:
        """Start to listen on all addresses. If one fails, listen on none.

        Raises
        ------
        OSError
            If an address is taken.

        """
        async with AsyncExitStack() as started:
            servers = [(address, self._build_name_server(index)) for index, address in self._list_indexed_addresses()]
            registry = [(self._addresses.registry, self._answer_registry_query)] if self._addresses.registry else []
            for address, answer in [*servers, *registry, (self._addresses.resolver, self._answer_resolver_query)]:
                listener = await DnsListener.start(address, self._addresses.port, answer)
                started.push_async_callback(listener.close)
            self._listeners = started.pop_all()

    async def close(self) -> None:
        """Stop listening."""
        await self._listeners.aclose()

    def set_silenced(self, name_server: int, is_silenced: bool) -> None:
        """Set whether a name server, counted from 0, drops every query."""
        if not 0 <= name_server < len(self._addresses.name_servers):
            raise ValueError(f"unknown name server {name_server}; use 0 to {len(self._addresses.name_servers) - 1}")
        if is_silenced:
            self._silenced.add(name_server)
        else:
            self._silenced.discard(name_server)

    async def resolve_address(self, client_address: str, name: str) -> str | None:
        """Return the IPv4 address of a name for a client, or None if it has none or no server answers."""
        resolution = await self.resolver.resolve(client_address, dns.name.from_text(name), dns.rdatatype.A)
        rrsets = [rrset for rrset in resolution.answer if rrset.rdtype == dns.rdatatype.A]
        return next((rdata.to_text() for rrset in rrsets for rdata in rrset), None)

    def _list_indexed_addresses(self) -> Sequence[tuple[int, str]]:
        return list(enumerate(self._addresses.name_servers))

    def _build_name_server(self, index: int) -> Callable[[bytes, str, bool], Awaitable[bytes | None]]:
        async def respond(query: dns.message.Message) -> dns.message.Message:
            [question] = query.question
            return _build_response(query, self._query_zone(index, question.name, question.rdtype))

        async def answer(wire: bytes, client_address: str, over_udp: bool) -> bytes | None:
            if not await self._is_answering(index, client_address):
                return None
            return await respond_to_wire(wire, respond, over_udp=over_udp)

        return answer

    async def _answer_registry_query(self, wire: bytes, client_address: str, over_udp: bool) -> bytes | None:
        async def respond(query: dns.message.Message) -> dns.message.Message:
            [question] = query.question
            answer = (
                self._registry.answer(question.name, question.rdtype)
                if self._registry
                else NameServerAnswer(rcode=dns.rcode.REFUSED)
            )
            return _build_response(query, answer)

        if not await self._is_reachable(client_address, self._addresses.resolver):
            return None
        return await respond_to_wire(wire, respond, over_udp=over_udp)

    async def _answer_resolver_query(self, wire: bytes, client_address: str, over_udp: bool) -> bytes | None:
        async def respond(query: dns.message.Message) -> dns.message.Message:
            [question] = query.question
            resolution = await self.resolver.resolve(client_address, question.name, question.rdtype)
            response = dns.message.make_response(query, recursion_available=True, our_payload=UDP_PAYLOAD_BYTES)
            response.set_rcode(resolution.rcode)
            response.answer.extend(resolution.answer)
            response.authority.extend(resolution.authority)
            return response

        if not await self._is_reachable(client_address, self._addresses.resolver):
            return None
        return await respond_to_wire(wire, respond, over_udp=over_udp)

    async def _query_name_servers(
        self, client_address: str, name: dns.name.Name, record_type: dns.rdatatype.RdataType
    ) -> NameServerAnswer | None:
        """Follow the delegations from the parent zone down to the servers that answer about a name."""
        answer: NameServerAnswer | None
        if self._registry is None:
            answer = await self._query_any(client_address, self._addresses.name_servers, name, record_type)
        else:
            answer = self._registry.answer(name, record_type)
        for _ in range(_REFERRAL_LIMIT):
            if answer is None or not _is_referral(answer):
                return answer
            addresses = self._list_referred_addresses(answer)
            answer = await self._query_any(client_address, addresses, name, record_type)
            if answer is not None and answer.rcode == dns.rcode.REFUSED:
                return None
        return None

    async def _query_any(
        self, client_address: str, addresses: Sequence[str], name: dns.name.Name, record_type: dns.rdatatype.RdataType
    ) -> NameServerAnswer | None:
        """Query name servers in random order until one answers from one of its zones."""
        answer = None
        indexes = [index for index, address in self._list_indexed_addresses() if address in addresses]
        for index in self._random_source.sample(indexes, len(indexes)):
            if await self._is_answering(index, client_address):
                answer = self._query_zone(index, name, record_type)
                if answer.rcode != dns.rcode.REFUSED:
                    return answer
        return answer

    def _list_referred_addresses(self, referral: NameServerAnswer) -> Sequence[str]:
        """Return the addresses of the name servers of a referral: by glue, or by their own names."""
        glue = {rrset.name: rrset[0].to_text() for rrset in referral.additional if rrset.rdtype == dns.rdatatype.A}
        targets = [rdata.target for rrset in referral.authority for rdata in rrset]
        found = (glue.get(target) or self._find_host_address(target.to_text(True).lower()) for target in targets)
        return [address for address in found if address]

    async def _is_answering(self, index: int, client_address: str) -> bool:
        return index not in self._silenced and await self._is_reachable(
            client_address, self._addresses.name_servers[index]
        )

    def _query_zone(self, index: int, name: dns.name.Name, record_type: dns.rdatatype.RdataType) -> NameServerAnswer:
        return self._route53.answer(index, name, record_type)

    def _find_host_address(self, name: str) -> str | None:
        by_name = dict(zip(ALL_NAME_SERVERS, self._addresses.name_servers, strict=False))
        if name in by_name:
            return by_name[name]
        if name == REGISTRY_HOST:
            return self._addresses.registry
        return self._resolve_service(name)


async def serve_dns(
    *,
    route53: Route53,
    addresses: DnsAddresses,
    clock: Callable[[], float],
    resolve_service: ResolveService = resolve_no_service,
    is_reachable: IsReachable = always_reachable,
    registry: ParentZoneServer | None = None,
    seed: int = 0,
) -> DnsServers:
    """Start the name servers of the hosted zones and a resolver.

    Parameters
    ----------
    route53
        The source of the hosted zones.
    addresses
        The addresses to listen on.
    clock
        Seconds, for the resolver's cache.
    resolve_service
        Returns the IPv4 address of a sandbox service's name, such as ``cognito-idp.us-east-1.amazonaws.com``, or None.
        The name is in lower case without a trailing dot.
    is_reachable
        Returns whether a query from one IP address reaches another. Other queries are dropped. The resolver queries
        name servers with the client's address.
    registry
        The server of the zones above the hosted zones, or None.
    seed
        Seed of the order in which the resolver queries the name servers.

    Returns
    -------
    DnsServers
        The listening servers. Close them when done.

    Raises
    ------
    OSError
        If an address is taken.

    """
    servers = DnsServers(
        route53=route53,
        addresses=addresses,
        clock=clock,
        resolve_service=resolve_service,
        is_reachable=is_reachable,
        registry=registry,
        random_source=random.Random(f"name servers {seed}"),  # noqa: S311 -- an order, not a secret
    )
    await servers.listen()
    return servers


def _is_referral(answer: NameServerAnswer) -> bool:
    return not answer.authoritative and any(rrset.rdtype == dns.rdatatype.NS for rrset in answer.authority)


def _build_response(query: dns.message.Message, answer: NameServerAnswer) -> dns.message.Message:
    response = dns.message.make_response(query, our_payload=UDP_PAYLOAD_BYTES)
    response.set_rcode(answer.rcode)
    if answer.authoritative:
        response.flags |= dns.flags.AA
    response.answer.extend(answer.answer)
    response.authority.extend(answer.authority)
    response.additional.extend(answer.additional)
    return response
