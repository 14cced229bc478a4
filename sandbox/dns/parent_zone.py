"""The name server above the hosted zones, such as one of ``com``: it knows nothing but delegations."""

from collections.abc import Callable

import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from sandbox.route53.answers import NameServerAnswer

REGISTRY_HOST = "a.registry-servers.net"
"""Its name."""

_TTL_SECONDS = 172_800


class ParentZoneServer:
    """Answers for every name above a hosted zone.

    Parameters
    ----------
    zones
        Returns the hosted zones' names, without trailing dots.
    delegation
        Returns to which name servers one of them is delegated.

    """

    def __init__(
        self, *, list_zones: Callable[[], tuple[str, ...]], get_delegation: Callable[[str], tuple[str, ...]]
    ) -> None:
        self._list_zones = list_zones
        self._get_delegation = get_delegation

    def find_name_servers(self, name: dns.name.Name) -> dns.rrset.RRset | None:
        """Return the NS records of a name that is above a hosted zone, and in none; None for any other."""
        zones = [dns.name.from_text(zone) for zone in self._list_zones()]
        if name == dns.name.root or any(name.is_subdomain(zone) for zone in zones):
            return None
        if not any(zone.is_subdomain(name) for zone in zones):
            return None
        return _build_ns_rrset(name, (REGISTRY_HOST,))

    def answer(self, name: dns.name.Name) -> NameServerAnswer:
        """Refer to the name servers of the hosted zone that a name is in."""
        for zone in sorted(self._list_zones(), key=len):
            apex = dns.name.from_text(zone)
            if name.is_subdomain(apex):
                if servers := self._get_delegation(zone):
                    return NameServerAnswer(authoritative=False, authority=(_build_ns_rrset(apex, servers),))
                return NameServerAnswer(rcode=dns.rcode.NXDOMAIN)
        return NameServerAnswer(rcode=dns.rcode.NXDOMAIN)


def _build_ns_rrset(name: dns.name.Name, servers: tuple[str, ...]) -> dns.rrset.RRset:
    targets = [f"{server}." for server in servers]
    return dns.rrset.from_text(name, _TTL_SECONDS, dns.rdataclass.IN, dns.rdatatype.NS, *targets)
