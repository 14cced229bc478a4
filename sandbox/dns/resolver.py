"""The recursive resolver of everything in the sandbox, with a cache of its own for each asker.

The askers stand for the Regions and for the person outside, each of which has a resolver of its own in the world.
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
"""Asks the authoritative name servers for an asker, by its IP address; None when none of them answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """What a resolver answers."""

    rcode: dns.rcode.Rcode
    answer: Sequence[dns.rrset.RRset] = ()
    authority: Sequence[dns.rrset.RRset] = ()


@dataclass(frozen=True, slots=True)
class _CacheEntry:
    resolution: Resolution
    expires_at: float


class RecursiveResolver:
    """Resolves names: hosts it knows, then what the hosted zones say, following CNAMEs from zone to zone.

    Parameters
    ----------
    ask
        Asks the authoritative name servers.
    host_address
        The IPv4 address of a host outside the hosted zones, by its name without a trailing dot, or None.
    clock
        Seconds; the cache honours TTLs by it.
    above
        The name servers of a name above the hosted zones; None for any other.

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
        """Resolve a question for an asker."""
        found: list[dns.rrset.RRset] = []
        for _ in range(_CNAME_CHAIN_LIMIT):
            step = self._resolve_host(name, record_type) or self._find_cached(client_address, name, record_type)
            if step is None:
                step = await self._fetch_resolution(client_address, name, record_type)
            found.extend(step.answer)
            following = _find_cname_target(step, record_type)
            if following is None:
                return Resolution(rcode=step.rcode, answer=found, authority=step.authority)
            name = following
        return Resolution(rcode=dns.rcode.SERVFAIL, answer=found)

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
        if record_type == dns.rdatatype.NS and (above := self._find_parent_servers(name)) is not None:
            return Resolution(rcode=dns.rcode.NOERROR, answer=[above])
        answer = await self._query_authority(client_address, name, record_type)
        if answer is None:
            return Resolution(rcode=dns.rcode.SERVFAIL)
        if answer.rcode == dns.rcode.REFUSED:
            # Nobody hosts it, and outside the sandbox there is nothing.
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
    """Give the name to go on with, where the last thing found is a CNAME that leads elsewhere."""
    if step.rcode != dns.rcode.NOERROR or step.authority or not step.answer:
        return None
    last = step.answer[-1]
    if last.rdtype != dns.rdatatype.CNAME or record_type in {dns.rdatatype.CNAME, dns.rdatatype.ANY}:
        return None
    target: dns.name.Name = last[0].target
    return target


def _with_ttl(rrset: dns.rrset.RRset, seconds: int) -> dns.rrset.RRset:
    return dns.rrset.from_rdata_list(rrset.name, seconds, list(rrset))
