"""The addresses of alias targets, remembered for a time."""

from collections.abc import Callable, Mapping

from cognito_failover.common.region import Instant
from cognito_failover.routing.dns.question import DnsQuestion

ADDRESS_MEMORY_SECONDS = 3600.0
"""Time for which an address counts as its target's. Load balancers and APIs show a few of many in each answer."""


class AliasAddresses:
    """The addresses that each alias target was resolved to within the last hour.

    Parameters
    ----------
    clock
        Seconds since the epoch.

    """

    def __init__(self, clock: Callable[[], Instant]) -> None:
        self._clock = clock
        self._resolved_at: Mapping[DnsQuestion, Mapping[str, Instant]] = {}

    def add(self, addresses: Mapping[DnsQuestion, frozenset[str]]) -> Mapping[DnsQuestion, frozenset[str]]:
        """Return these addresses with the remembered ones, also of targets that could not be resolved now."""
        now = self._clock()
        resolved_at = {
            host: {**self._list_current(host, now), **dict.fromkeys(addresses.get(host, ()), now)}
            for host in {*self._resolved_at, *addresses}
        }
        self._resolved_at = {host: known for host, known in resolved_at.items() if known or host in addresses}
        return {host: frozenset(known) for host, known in self._resolved_at.items()}

    def _list_current(self, host: DnsQuestion, now: Instant) -> Mapping[str, Instant]:
        known = self._resolved_at.get(host, {})
        return {address: at for address, at in known.items() if now - at < ADDRESS_MEMORY_SECONDS}
