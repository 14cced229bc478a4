"""The name servers of the hosted zones and the resolver, listening."""

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
from sandbox.route53 import NAME_SERVERS, Route53
from sandbox.route53.answers import NameServerAnswer

type ResolveService = Callable[[str], str | None]
type IsReachable = Callable[[str, str], Awaitable[bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsAddresses:
    """Where the servers listen: IPv4 addresses of this machine, all on one port.

    Attributes
    ----------
    name_servers
        One for each of `NAME_SERVERS`, in their order.
    registry
        The name server above the zones; None for none.

    """

    name_servers: Sequence[str]
    resolver: str
    port: int = 5353
    registry: str | None = None

    def __post_init__(self) -> None:
        """Check that every name server has an address."""
        if len(self.name_servers) != len(NAME_SERVERS):
            raise ValueError(f"{len(self.name_servers)} addresses for {len(NAME_SERVERS)} name servers; give one each")


async def always_reachable(_source: str, _server: str) -> bool:
    """Say that every server is within everyone's reach."""
    return True


def resolve_no_service(_name: str) -> None:
    """Say that a name is none of the sandbox's own."""


class DnsServers:
    """Four name servers and a resolver; `serve_dns` makes one that listens.

    Attributes
    ----------
    resolver
        What stands behind the resolver's address.

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
        """Start to listen on all addresses, or on none.

        Raises
        ------
        OSError
            When something listens on one of them already.

        """
        async with AsyncExitStack() as started:
            servers = [(address, self._build_name_server(index)) for index, address in self._list_indexed_addresses()]
            above = [(self._addresses.registry, self._answer_registry_query)] if self._addresses.registry else []
            for address, answer in [*servers, *above, (self._addresses.resolver, self._answer_resolver_query)]:
                listener = await DnsListener.start(address, self._addresses.port, answer)
                started.push_async_callback(listener.close)
            self._listeners = started.pop_all()

    async def close(self) -> None:
        """Stop listening."""
        await self._listeners.aclose()

    def set_silenced(self, name_server: int, is_silenced: bool) -> None:
        """Make a name server, counted from 0, drop every query, or answer again."""
        if not 0 <= name_server < len(NAME_SERVERS):
            raise ValueError(f"There is no name server {name_server}; they are 0 to {len(NAME_SERVERS) - 1}")
        if is_silenced:
            self._silenced.add(name_server)
        else:
            self._silenced.discard(name_server)

    async def resolve_address(self, client_address: str, name: str) -> str | None:
        """Resolve a name for an asker; gives an IPv4 address, or None where there is none or nobody says."""
        resolution = await self.resolver.resolve(client_address, dns.name.from_text(name), dns.rdatatype.A)
        found = [rdata.to_text() for rrset in resolution.answer if rrset.rdtype == dns.rdatatype.A for rdata in rrset]
        return found[0] if found else None

    def _list_indexed_addresses(self) -> Sequence[tuple[int, str]]:
        return list(enumerate(self._addresses.name_servers))

    def _build_name_server(self, index: int) -> Callable[[bytes, str, bool], Awaitable[bytes | None]]:
        async def respond(query: dns.message.Message) -> dns.message.Message:
            [question] = query.question
            return _build_response(query, self._query_zone(index, question.name, question.rdtype))

        async def answer(wire: bytes, asker: str, over_udp: bool) -> bytes | None:
            if not await self._is_answering(index, asker):
                return None
            return await respond_to_wire(wire, respond, over_udp=over_udp)

        return answer

    async def _answer_registry_query(self, wire: bytes, client_address: str, over_udp: bool) -> bytes | None:
        async def respond(query: dns.message.Message) -> dns.message.Message:
            [question] = query.question
            known = (
                self._registry.answer(question.name) if self._registry else NameServerAnswer(rcode=dns.rcode.REFUSED)
            )
            return _build_response(query, known)

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
        """Ask name servers in random order until one answers from a zone of its own."""
        answer = None
        for index, _ in self._random_source.sample(self._list_indexed_addresses(), len(self._addresses.name_servers)):
            if await self._is_answering(index, client_address):
                answer = self._query_zone(index, name, record_type)
                if answer.rcode != dns.rcode.REFUSED:
                    return answer
        return answer

    async def _is_answering(self, index: int, client_address: str) -> bool:
        return index not in self._silenced and await self._is_reachable(
            client_address, self._addresses.name_servers[index]
        )

    def _query_zone(self, index: int, name: dns.name.Name, record_type: dns.rdatatype.RdataType) -> NameServerAnswer:
        return self._route53.answer(index, name, record_type)

    def _find_host_address(self, name: str) -> str | None:
        if name in NAME_SERVERS:
            return self._addresses.name_servers[NAME_SERVERS.index(name)]
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
    """Serve the hosted zones over DNS, and a resolver that knows them.

    Parameters
    ----------
    route53
        Whose zones are answered.
    addresses
        Where to listen; nothing listens anywhere else.
    clock
        Seconds, for the resolver's cache.
    resolve_service
        The IPv4 address of a name of the sandbox's own, such as ``cognito-idp.us-east-1.amazonaws.com``, given in
        lower case without a trailing dot; None for any other.
    reachable
        Whether a query from one IP address reaches another; one that doesn't is dropped. The resolver's own
        queries to name servers count as the asker's.
    registry
        What is known above the zones; None for nothing.
    seed
        Decides in which order the resolver asks the name servers.

    Returns
    -------
    DnsServers
        Already listening; close it when done.

    Raises
    ------
    OSError
        When something listens on one of the addresses already.

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


def _build_response(query: dns.message.Message, answer: NameServerAnswer) -> dns.message.Message:
    response = dns.message.make_response(query, our_payload=UDP_PAYLOAD_BYTES)
    response.set_rcode(answer.rcode)
    if answer.authoritative:
        response.flags |= dns.flags.AA
    response.answer.extend(answer.answer)
    response.authority.extend(answer.authority)
    response.additional.extend(answer.additional)
    return response
