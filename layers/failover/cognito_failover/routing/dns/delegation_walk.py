"""Follows the delegation of a name, as a resolver does. Separate, because dnspython is slow to import."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import as_completed
from functools import partial
from itertools import batched

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.resolver

from cognito_failover.common.deadlines import Deadline, run_in_thread, wait_for_result
from cognito_failover.common.errors import FailoverError
from cognito_failover.routing.dns.query import exchange_message

SERVERS_AT_ONCE = 3
"""Name servers that get the same question at the same time. The first answer counts."""

_QUERY_TIMEOUT_SECONDS = 0.4
_RESOLVER_TIMEOUT_SECONDS = 0.4
"""Longest wait for one resolver, so that there is time for another one."""

type _ServerAddresses = Mapping[str, str]
"""The address of each name server by its name; empty until it is resolved."""


class DelegationUnavailableError(FailoverError):
    """A delegation could not be followed. The message says which servers were asked."""


class DelegationWalk:
    """One walk from a top-level domain down to a name.

    Parameters
    ----------
    deadline
        Ends the walk.
    resolver
        Resolves the top-level domain and the names of name servers; by default the system's resolver.
    port
        The name servers' port.

    """

    def __init__(self, *, deadline: Deadline, resolver: dns.resolver.Resolver | None = None, port: int = 53) -> None:
        self._deadline = deadline
        self._resolver = resolver or dns.resolver.Resolver()
        self._resolver.timeout = _RESOLVER_TIMEOUT_SECONDS
        self._port = port

    def follow(self, name: str) -> dict[str, str]:
        """Return the name servers that DNS leads to, with their addresses, or their names again if they have none.

        Each name between the top-level domain and the name is asked for at the servers of the name above. So a
        delegation shows wherever it begins, also if one server holds the zones on both sides of it.

        If none of the servers that the name is delegated to answers, they are returned too: a resolver gets no
        answer either.

        Raises
        ------
        DelegationUnavailableError
            If no server of the top-level domain answers, or the time is over.

        """
        [top, *path] = _list_path(dns.name.from_text(name))
        top_servers = servers = self._resolve_servers(top)
        for step in path:
            answer = self._ask_any(servers, step)
            if answer is None and servers is top_servers:
                raise DelegationUnavailableError(f"No name server answered about {step}: {', '.join(servers)}.")
            if answer is None:
                break
            # Also after "no such name": some servers say so of names that only have names below them.
            servers = answer or servers
        return self._add_addresses(servers)

    def _resolve_servers(self, top: dns.name.Name) -> _ServerAddresses:
        try:
            answer = self._resolver.resolve(top, dns.rdatatype.NS, lifetime=self._get_remaining_seconds(top))
        except dns.exception.DNSException as error:
            raise DelegationUnavailableError(f"The name servers of {top} could not be resolved: {error}") from error
        return dict.fromkeys(sorted(record.target.to_text().lower() for record in answer), "")

    def _ask_any(self, servers: _ServerAddresses, name: dns.name.Name) -> _ServerAddresses | None:
        """Return the name servers that a name is delegated to; empty if no delegation begins at it, None if unknown."""
        for batch in batched(servers.items(), SERVERS_AT_ONCE, strict=False):
            queries = [
                run_in_thread(partial(self._ask, server, address, name), name=f"delegation by {server}")
                for server, address in batch
            ]
            try:
                for query in as_completed(queries, timeout=self._get_remaining_seconds(name)):
                    answer = None if query.exception() else query.result()
                    if answer is not None:
                        return answer
            except TimeoutError:
                self._get_remaining_seconds(name)
        return None

    def _ask(self, server: str, address: str, name: dns.name.Name) -> _ServerAddresses | None:
        """Return the name servers that one server delegates a name to; None without a valid answer."""
        address = address or self._resolve_address(server)
        query = dns.message.make_query(name, dns.rdatatype.NS, flags=dns.flags.Flag(0))
        timeout_seconds = min(_QUERY_TIMEOUT_SECONDS, self._get_remaining_seconds(name))
        response = (
            exchange_message(query, address, port=self._port, timeout_seconds=timeout_seconds) if address else None
        )
        return None if response is None else read_name_servers(response, name)

    def _add_addresses(self, servers: _ServerAddresses) -> dict[str, str]:
        resolving = {
            server: run_in_thread(partial(self._resolve_address, server), name=f"resolve {server}")
            for server, address in servers.items()
            if not address
        }
        found = {server: wait_for_result(self._deadline, future, default="") for server, future in resolving.items()}
        return {server.rstrip("."): address or found[server] or server for server, address in servers.items()}

    def _resolve_address(self, server: str) -> str:
        """Return the lowest IPv4 address of a name server; empty if it has none."""
        try:
            answer = self._resolver.resolve(server, dns.rdatatype.A, lifetime=self._deadline.remaining_seconds)
        except dns.exception.DNSException:
            return ""
        lowest: str = min(record.to_text() for record in answer)
        return lowest

    def _get_remaining_seconds(self, name: dns.name.Name) -> float:
        if remaining_seconds := self._deadline.remaining_seconds:
            return remaining_seconds
        raise DelegationUnavailableError(f"The time was over before a name server answered about {name}.")


def _list_path(name: dns.name.Name) -> Sequence[dns.name.Name]:
    """Return the names from the top-level domain down to the name."""
    return [dns.name.Name(name.labels[start:]) for start in range(len(name.labels) - 2, -1, -1)]


def read_name_servers(response: dns.message.Message, name: dns.name.Name) -> _ServerAddresses | None:
    """Return the name servers that an answer delegates a name to, with their addresses where they are glue.

    Empty if no delegation begins at the name. None if the answer does not show it: an error, or an answer without
    authority that leads elsewhere.
    """
    if response.rcode() not in {dns.rcode.NOERROR, dns.rcode.NXDOMAIN}:
        return None
    # A delegation is in the authority section. A server with both zones answers for the child instead.
    targets = {
        record.target.to_text().lower()
        for rrset in (*response.authority, *response.answer)
        if rrset.rdtype == dns.rdatatype.NS and rrset.name == name
        for record in rrset
    }
    if not targets:
        return {} if response.flags & dns.flags.AA else None
    glue = dict(_iterate_glue(response, name))
    return {target: glue.get(target, "") for target in sorted(targets)}


def _iterate_glue(response: dns.message.Message, name: dns.name.Name) -> Iterable[tuple[str, str]]:
    """Yield the addresses of name servers below the delegated name. Others are resolved: their glue may be old."""
    for rrset in response.additional:
        if rrset.rdtype == dns.rdatatype.A and rrset.name.is_subdomain(name):
            yield rrset.name.to_text().lower(), min(record.to_text() for record in rrset)
