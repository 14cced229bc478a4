"""DNS answers from one version of a zone, as Route 53's name servers give them."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import dns.name
import dns.rcode
import dns.rdata
import dns.rdatatype
import dns.rrset

from sandbox.route53.names import from_dns, get_parent, get_wildcard, is_within, to_dns
from sandbox.route53.records import AliasTarget, StoredRecordSet, parse_rdata
from sandbox.route53.routing import choose_record_sets

type RecordsByName = Mapping[str, Mapping[str, Sequence[StoredRecordSet]]]
"""Every name of a zone with its record sets by type. A name without records, but with names below it, has none."""

_ALIAS_TTL_SECONDS = 60
_CNAME_CHAIN_LIMIT = 8
_CLOUDFRONT_DOMAIN = "cloudfront.net."
_CLOUDFRONT_BINDING = '1 . alpn="h2,h3"'
"""The answer of an HTTPS alias to a CloudFront distribution. Only CloudFront supports such aliases (July 2025)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NameServerAnswer:
    """The answer to one question.

    Attributes
    ----------
    authoritative
        False for a referral to the name servers of a delegated name.

    """

    rcode: dns.rcode.Rcode = dns.rcode.NOERROR
    authoritative: bool = True
    answer: Sequence[dns.rrset.RRset] = ()
    authority: Sequence[dns.rrset.RRset] = ()
    additional: Sequence[dns.rrset.RRset] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneAnswers:
    """Answers from one version of a zone.

    Attributes
    ----------
    is_check_healthy
        Returns whether the health check with an id is healthy.
    find_service_address
        Returns the IPv4 address of an alias to a name outside the zone, without the trailing dot, or None.
    random_source
        Draws among weighted record sets.

    """

    zone_name: str
    records: RecordsByName
    is_check_healthy: Callable[[str], bool]
    find_service_address: Callable[[str], str | None]
    random_source: random.Random = field(default_factory=random.Random)

    def answer(self, question: dns.name.Name, record_type: dns.rdatatype.RdataType) -> NameServerAnswer:
        """Answer a question about a name within the zone."""
        found: list[dns.rrset.RRset] = []
        owner = question
        for _ in range(_CNAME_CHAIN_LIMIT):
            name = from_dns(owner)
            if cut := self._find_delegation(name):
                return self._build_referral(cut, found)
            types = self._find_types(name)
            if types is None:
                return NameServerAnswer(rcode=dns.rcode.NXDOMAIN, answer=found, authority=self._build_negative())
            direct = self._find_direct(owner, types, record_type)
            if direct or "CNAME" not in types or record_type == dns.rdatatype.CNAME:
                return NameServerAnswer(answer=[*found, *direct], authority=() if direct else self._build_negative())
            hop = self._build_rrset(owner, types["CNAME"])
            if hop is None:
                return NameServerAnswer(answer=found, authority=self._build_negative())
            found.append(hop)
            owner = hop[0].target
            if not owner.is_subdomain(to_dns(self.zone_name)):
                return NameServerAnswer(answer=found)
        return NameServerAnswer(rcode=dns.rcode.SERVFAIL, answer=found)

    def _find_direct(
        self,
        owner: dns.name.Name,
        types: Mapping[str, Sequence[StoredRecordSet]],
        record_type: dns.rdatatype.RdataType,
    ) -> list[dns.rrset.RRset]:
        every = record_type == dns.rdatatype.ANY
        type_names = list(types) if every else [dns.rdatatype.to_text(record_type)]
        rrsets = [self._build_rrset(owner, types[type_name]) for type_name in type_names if type_name in types]
        return [rrset for rrset in rrsets if rrset is not None]

    def _find_types(self, name: str) -> Mapping[str, Sequence[StoredRecordSet]] | None:
        """Return the record sets of a name or of its wildcard, or None if the name does not exist."""
        if name in self.records:
            return self.records[name]
        encloser = get_parent(name)
        while encloser not in self.records:
            encloser = get_parent(encloser)
        return self.records.get(get_wildcard(encloser))

    def _find_delegation(self, name: str) -> str | None:
        """Return the highest delegated name below the zone's apex that contains this name, or None."""
        cut = None
        while name != self.zone_name:
            if "NS" in self.records.get(name, {}):
                cut = name
            name = get_parent(name)
        return cut

    def _build_referral(self, cut: str, found: Sequence[dns.rrset.RRset]) -> NameServerAnswer:
        servers = self._build_rrset(to_dns(cut), self.records[cut]["NS"])
        if servers is None:
            return NameServerAnswer(rcode=dns.rcode.SERVFAIL, answer=found)
        glue = [
            rrset
            for server in servers
            for types in [self.records.get(from_dns(server.target), {})]
            for kind in ("A", "AAAA")
            if kind in types and (rrset := self._build_rrset(server.target, types[kind])) is not None
        ]
        return NameServerAnswer(authoritative=bool(found), answer=found, authority=[servers], additional=glue)

    def _build_negative(self) -> list[dns.rrset.RRset]:
        """Return the SOA record with the TTL of negative caching (RFC 2308)."""
        [authority] = self.records[self.zone_name]["SOA"]
        [rdata] = authority.to_rdata()
        minimum_seconds = int(rdata.to_text().split()[-1])
        ttl_seconds = min(authority.ttl_seconds or 0, minimum_seconds)
        return [dns.rrset.from_rdata(to_dns(self.zone_name), ttl_seconds, rdata)]

    def _build_rrset(
        self, owner: dns.name.Name, group: Sequence[StoredRecordSet], *, depth: int = 0
    ) -> dns.rrset.RRset | None:
        """Return the records of a group under an owner's name, or None if an alias has no target."""
        chosen = choose_record_sets(group, is_healthy=self._is_healthy, random_source=self.random_source)
        alias = chosen[0].alias
        if alias is not None:
            return self._resolve_alias(owner, alias, chosen[0].type, depth=depth)
        ttl_seconds = min(record_set.ttl_seconds or 0 for record_set in chosen)
        return _make_rrset(owner, ttl_seconds, [rdata for one in chosen for rdata in one.to_rdata()])

    def _resolve_alias(
        self, owner: dns.name.Name, alias: AliasTarget, record_type: str, *, depth: int
    ) -> dns.rrset.RRset | None:
        target = self.records.get(alias.name, {}).get(record_type)
        if target and depth < _CNAME_CHAIN_LIMIT:
            return self._build_rrset(owner, target, depth=depth + 1)
        address = self.find_service_address(alias.name.removesuffix("."))
        if address and record_type == "A":
            return _make_rrset(owner, _ALIAS_TTL_SECONDS, [parse_rdata("A", address)])
        if address and record_type == "HTTPS" and is_within(alias.name, _CLOUDFRONT_DOMAIN):
            return _make_rrset(owner, _ALIAS_TTL_SECONDS, [parse_rdata("HTTPS", _CLOUDFRONT_BINDING)])
        return None

    def _is_healthy(self, record_set: StoredRecordSet, *, depth: int = 0) -> bool:
        if record_set.health_check_id and not self.is_check_healthy(record_set.health_check_id):
            return False
        alias = record_set.alias
        if alias is None or not alias.evaluate_target_health or depth == _CNAME_CHAIN_LIMIT:
            return True
        targets = self.records.get(alias.name, {}).get(record_set.type, ())
        return not targets or any(self._is_healthy(target, depth=depth + 1) for target in targets)


def _make_rrset(owner: dns.name.Name, ttl_seconds: int, rdata: Sequence[dns.rdata.Rdata]) -> dns.rrset.RRset:
    return dns.rrset.from_rdata_list(owner, ttl_seconds, list(rdata))
