"""The sandbox's recursive resolver. It has a separate cache for each client address.

The client addresses stand for the Regions and for callers outside AWS, which use separate resolvers in reality.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from sandbox.route53.answers import NameServerAnswer

_CNAME_CHAIN_LIMIT = 8
_HOST_TTL_SECONDS = 60
_CACHE_ENTRY_LIMIT = 10_000

type QueryAuthority = Callable[[str, dns.name.Name, dns.rdatatype.RdataType], Awaitable[NameServerAnswer | None]]
"""Queries the authoritative name servers for a client's IP address. Returns None if none of them answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """A resolver's answer."""

    rcode: dns.rcode.Rcode
    answer: Sequence[dns.rrset.RRset] = ()
    authority: Sequence[dns.rrset.RRset] = ()


@dataclass(frozen=True, slots=True)
class _CacheEntry:
    resolution: Resolution
    expires_at: float


class RecursiveResolver:
    """Resolves names of known hosts and of the hosted zones, and follows CNAMEs between zones.

    Parameters
    ----------
    query_authority
        Queries the authoritative name servers.
    find_host_address
        Returns the IPv4 address of a host outside the hosted zones, by its name without a trailing dot, or None.
    clock
        Seconds. The cache uses it for TTLs.
    find_parent_servers
        Returns the NS records of a name above the hosted zones, or None.

    """

    def __init__(
        self,
        *,
        query_authority: QueryAuthority,
        find_host_address: Callable[[str], str | None],
        clock: Callable[[], float],
        find_parent_servers: Callable[[dns.name.Name], dns.rrset.RRset | None] = lambda _name: None,
    ) -> None:
        self._query_authority = query_authority
        self._find_parent_servers = find_parent_servers
        self._find_host_address = find_host_address
        self._clock = clock
        self._cache: dict[tuple[str, dns.name.Name, dns.rdatatype.RdataType], _CacheEntry] = {}

    async def resolve(
        self, client_address: str, name: dns.name.Name, record_type: dns.rdatatype.RdataType
    ) -> Resolution:
        """Resolve a question for a client."""
        rrsets: list[dns.rrset.RRset] = []
        for _ in range(_CNAME_CHAIN_LIMIT):
            step = self._resolve_host(name, record_type) or self._find_cached(client_address, name, record_type)
            if step is None:
                step = await self._fetch_resolution(client_address, name, record_type)
            rrsets.extend(step.answer)
            next_name = _find_cname_target(step, record_type)
            if next_name is None:
                return Resolution(rcode=step.rcode, answer=rrsets, authority=step.authority)
            name = next_name
        return Resolution(rcode=dns.rcode.SERVFAIL, answer=rrsets)

    def clear_cache(self) -> None:
        """Empty the cache."""
        self._cache.clear()

    def _resolve_host(self, name: dns.name.Name, record_type: dns.rdatatype.RdataType) -> Resolution | None:
        address = self._find_host_address(name.to_text(omit_final_dot=True).lower())
        if address is None:
            return None
        if record_type != dns.rdatatype.A:
            return Resolution(rcode=dns.rcode.NOERROR)
        return Resolution(
            rcode=dns.rcode.NOERROR,
            answer=[dns.rrset.from_text(name, _HOST_TTL_SECONDS, dns.rdataclass.IN, dns.rdatatype.A, address)],
        )

    def _find_cached(
        self, client_address: str, name: dns.name.Name, record_type: dns.rdatatype.RdataType
    ) -> Resolution | None:
        now = self._clock()
        for kind in (record_type, dns.rdatatype.CNAME):
            cached = self._cache.get((client_address, name, kind))
            if cached and now < cached.expires_at:
                remaining_seconds = int(cached.expires_at - now)
                return Resolution(
                    rcode=cached.resolution.rcode,
                    answer=[_with_ttl(rrset, remaining_seconds) for rrset in cached.resolution.answer],
                    authority=[_with_ttl(rrset, remaining_seconds) for rrset in cached.resolution.authority],
                )
        return None

    async def _fetch_resolution(
        self, client_address: str, name: dns.name.Name, record_type: dns.rdatatype.RdataType
    ) -> Resolution:
        if record_type == dns.rdatatype.NS and (servers := self._find_parent_servers(name)) is not None:
            return Resolution(rcode=dns.rcode.NOERROR, answer=[servers])
        answer = await self._query_authority(client_address, name, record_type)
        if answer is None:
            return Resolution(rcode=dns.rcode.SERVFAIL)
        if answer.rcode == dns.rcode.REFUSED:
            # No hosted zone contains the name, and the sandbox has no other zones.
            return Resolution(rcode=dns.rcode.NXDOMAIN)
        if answer.rcode not in {dns.rcode.NOERROR, dns.rcode.NXDOMAIN} or not answer.authoritative:
            return Resolution(rcode=dns.rcode.SERVFAIL)
        for rrset in answer.answer:
            self._cache_resolution(
                client_address, rrset.name, rrset.rdtype, Resolution(rcode=dns.rcode.NOERROR, answer=[rrset])
            )
        if answer.authority:
            absent = answer.answer[-1][0].target if answer.answer else name
            negative = Resolution(rcode=answer.rcode, authority=answer.authority)
            self._cache_resolution(client_address, absent, record_type, negative)
        return Resolution(rcode=answer.rcode, answer=answer.answer, authority=answer.authority)

    def _cache_resolution(
        self, client_address: str, name: dns.name.Name, record_type: dns.rdatatype.RdataType, resolution: Resolution
    ) -> None:
        now = self._clock()
        if len(self._cache) >= _CACHE_ENTRY_LIMIT:
            self._cache = {key: cached for key, cached in self._cache.items() if now < cached.expires_at}
        ttl_seconds = min(rrset.ttl for rrset in [*resolution.answer, *resolution.authority])
        self._cache[client_address, name, record_type] = _CacheEntry(resolution, now + ttl_seconds)


def _find_cname_target(step: Resolution, record_type: dns.rdatatype.RdataType) -> dns.name.Name | None:
    """Return the name to resolve next, if the answer ends with a CNAME to another zone."""
    if step.rcode != dns.rcode.NOERROR or step.authority or not step.answer:
        return None
    last = step.answer[-1]
    if last.rdtype != dns.rdatatype.CNAME or record_type in {dns.rdatatype.CNAME, dns.rdatatype.ANY}:
        return None
    target: dns.name.Name = last[0].target
    return target


def _with_ttl(rrset: dns.rrset.RRset, seconds: int) -> dns.rrset.RRset:
    return dns.rrset.from_rdata_list(rrset.name, seconds, list(rrset))
