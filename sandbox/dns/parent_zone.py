"""The name server of the zones above the hosted zones, such as ``com``. It answers only with delegations."""

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from sandbox.route53.answers import NameServerAnswer

REGISTRY_HOST = "a.registry-servers.net"
"""The host name of the name server."""

_TTL_SECONDS = 172_800


class Registrar(Protocol):
    """Decides the delegation of each zone in its parent zone."""

    def get_delegation(self, name: str) -> tuple[str, ...]:
        """Return the name servers that a name is delegated to; empty if it is not registered."""
        ...

    def get_glue(self, name: str) -> Mapping[str, str]:
        """Return the IPv4 addresses that were registered for a name's name servers."""
        ...


class ParentZoneServer:
    """Answers for the names above the hosted zones.

    Parameters
    ----------
    list_zones
        Returns the hosted zones' names, without trailing dots.
    registrar
        Decides the delegations.

    """

    def __init__(self, *, list_zones: Callable[[], tuple[str, ...]], registrar: Registrar) -> None:
        self._list_zones = list_zones
        self._registrar = registrar

    def find_name_servers(self, name: dns.name.Name) -> dns.rrset.RRset | None:
        """Return the NS records of a name above a hosted zone, or None for another name."""
        zones = [dns.name.from_text(zone) for zone in self._list_zones()]
        if name == dns.name.root or any(name.is_subdomain(zone) for zone in zones):
            return None
        if not any(zone.is_subdomain(name) for zone in zones):
            return None
        return _build_ns_rrset(name, (REGISTRY_HOST,))

    def answer(self, name: dns.name.Name, record_type: dns.rdatatype.RdataType) -> NameServerAnswer:
        """Return a referral to the name servers of the hosted zone that contains a name, or answer for a name above."""
        if (own := self.find_name_servers(name)) is not None:
            return NameServerAnswer(answer=(own,) if record_type == dns.rdatatype.NS else ())
        for zone in sorted(self._list_zones(), key=len):
            apex = dns.name.from_text(zone)
            if name.is_subdomain(apex):
                if servers := self._registrar.get_delegation(zone):
                    return NameServerAnswer(
                        authoritative=False,
                        authority=(_build_ns_rrset(apex, servers),),
                        additional=tuple(_iterate_glue(self._registrar.get_glue(zone))),
                    )
                return NameServerAnswer(rcode=dns.rcode.NXDOMAIN)
        return NameServerAnswer(rcode=dns.rcode.NXDOMAIN)


def _build_ns_rrset(name: dns.name.Name, servers: tuple[str, ...]) -> dns.rrset.RRset:
    targets = [f"{server}." for server in servers]
    return dns.rrset.from_text(name, _TTL_SECONDS, dns.rdataclass.IN, dns.rdatatype.NS, *targets)


def _iterate_glue(glue: Mapping[str, str]) -> Iterable[dns.rrset.RRset]:
    for server, address in glue.items():
        owner = dns.name.from_text(server)
        yield dns.rrset.from_text(owner, _TTL_SECONDS, dns.rdataclass.IN, dns.rdatatype.A, address)
