"""The name server above the hosted zones, such as one of ``com``: it knows nothing but delegations."""

from collections.abc import Callable

import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from sandbox.route53.answers import Answer

HOST = "a.registry-servers.net"
"""Its name."""

_TTL_SECONDS = 172_800


class Registry:
    """Answers for every name above a hosted zone.

    Parameters
    ----------
    zones
        Returns the hosted zones' names, without trailing dots.
    delegation
        Returns to which name servers one of them is delegated.

    """

    def __init__(self, *, zones: Callable[[], tuple[str, ...]], delegation: Callable[[str], tuple[str, ...]]) -> None:
        self._zones = zones
        self._delegation = delegation

    def name_servers(self, name: dns.name.Name) -> dns.rrset.RRset | None:
        """Return the NS records of a name that is above a hosted zone, and in none; None for any other."""
        zones = [dns.name.from_text(zone) for zone in self._zones()]
        if name == dns.name.root or any(name.is_subdomain(zone) for zone in zones):
            return None
        if not any(zone.is_subdomain(name) for zone in zones):
            return None
        return _ns(name, (HOST,))

    def answer(self, name: dns.name.Name) -> Answer:
        """Refer to the name servers of the hosted zone that a name is in."""
        for zone in sorted(self._zones(), key=len):
            apex = dns.name.from_text(zone)
            if name.is_subdomain(apex):
                if servers := self._delegation(zone):
                    return Answer(authoritative=False, authority=(_ns(apex, servers),))
                return Answer(rcode=dns.rcode.NXDOMAIN)
        return Answer(rcode=dns.rcode.NXDOMAIN)


def _ns(name: dns.name.Name, servers: tuple[str, ...]) -> dns.rrset.RRset:
    targets = [f"{server}." for server in servers]
    return dns.rrset.from_text(name, _TTL_SECONDS, dns.rdataclass.IN, dns.rdatatype.NS, *targets)
