"""The delegation of a zone, read from the name servers of its parent zone."""

from typing import Protocol

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rdatatype
import dns.resolver

from cognito_failover.routing.dns.delegation_walk import DelegationUnavailableError, read_name_servers
from cognito_failover.routing.dns.query import exchange_message

_DNS_PORT = 53
_QUERY_TIMEOUT_SECONDS = 2.0
_RESOLVE_TIMEOUT_SECONDS = 5.0


class DelegationReader(Protocol):
    """Reads the delegation of a zone."""

    def read_delegation(self, zone_name: str) -> frozenset[str]:
        """Return the name servers that a zone is delegated to, as absolute names in lower case. Empty if none.

        Raises
        ------
        DelegationUnavailableError
            If the delegation can't be read.

        """
        ...

    def read_addresses(self, server: str) -> frozenset[str]:
        """Return a name server's IPv4 addresses. Empty if it has none.

        Raises
        ------
        DelegationUnavailableError
            If the name can't be resolved.

        """
        ...


class DnsDelegationReader:
    """Asks a resolver for the parent's name servers, and one of those for the delegation."""

    def read_addresses(self, server: str) -> frozenset[str]:
        """Return a name server's IPv4 addresses. See `DelegationReader`."""
        try:
            records = dns.resolver.resolve(server, dns.rdatatype.A, lifetime=_RESOLVE_TIMEOUT_SECONDS)
        except (dns.resolver.NoAnswer, dns.resolver.NXDOMAIN):
            return frozenset()
        except dns.exception.DNSException as error:
            raise DelegationUnavailableError(f"The name server {server} could not be resolved: {error}") from error
        return frozenset(record.to_text() for record in records)

    def read_delegation(self, zone_name: str) -> frozenset[str]:
        """Return the name servers that a zone is delegated to. See `DelegationReader`."""
        name = dns.name.from_text(zone_name)
        servers = self._resolve_parent_servers(name)
        for server in servers:
            name_servers = self._query_delegation(server, name)
            if name_servers is not None:
                return name_servers
        raise DelegationUnavailableError(f"No name server of {zone_name}'s parent zone answered: {', '.join(servers)}.")

    @staticmethod
    def _resolve_parent_servers(name: dns.name.Name) -> list[str]:
        """Return the name servers of the zone with the delegation: the nearest parent name that has any."""
        parent = name
        while parent != dns.name.root:
            parent = parent.parent()
            try:
                records = dns.resolver.resolve(parent, dns.rdatatype.NS, lifetime=_RESOLVE_TIMEOUT_SECONDS)
            except (dns.resolver.NoAnswer, dns.resolver.NXDOMAIN):
                continue
            except dns.exception.DNSException as error:
                raise DelegationUnavailableError(
                    f"The name servers of {parent} could not be resolved: {error}"
                ) from error
            return sorted(record.target.to_text() for record in records)
        raise DelegationUnavailableError(f"No parent name of {name} has name servers.")

    @staticmethod
    def _query_delegation(server: str, name: dns.name.Name) -> frozenset[str] | None:
        """Return the delegation as one server answers it, or None without a valid answer."""
        query = dns.message.make_query(name, dns.rdatatype.NS, flags=dns.flags.Flag(0))
        try:
            [address, *_] = dns.resolver.resolve(server, dns.rdatatype.A, lifetime=_RESOLVE_TIMEOUT_SECONDS)
        except dns.exception.DNSException:
            return None
        response = exchange_message(query, address.to_text(), port=_DNS_PORT, timeout_seconds=_QUERY_TIMEOUT_SECONDS)
        name_servers = read_name_servers(response, name) if response else None
        return None if name_servers is None else frozenset(name_servers)
