"""The edge that serves custom domains: an address in no Region, with a certificate for each domain."""

import asyncio
import contextlib
import ssl
from collections.abc import Callable

from sandbox.cognito import Cognito
from sandbox.custom_domain.distribution import CloudFrontDistribution
from sandbox.custom_domain.origin import ApplyFaults, ManagedLoginOrigin
from sandbox.custom_domain.routing import FailoverRouter
from sandbox.faults import ConnectionEffect, Faults
from sandbox.listeners import HttpListener
from sandbox.tls import CertificateAuthority

_POLL_INTERVAL_SECONDS = 0.1
"""Interval between reads of the health checks."""

_DEFAULT_FAILOVER_SECONDS = 1.0


class CloudFrontEdge:
    """The address of all distributions.

    Parameters
    ----------
    address, port
        The HTTPS address and port.
    find_caller_region
        Returns the Region that a source address is in, or None outside AWS.
    is_healthy
        Returns whether the health check with an id is healthy now.
    apply_faults
        Applies the active faults to a call.

    Attributes
    ----------
    routing, distribution
        The router and the distribution, with their durations.

    """

    def __init__(
        self,
        *,
        address: str,
        port: int,
        authority: CertificateAuthority,
        cognito: Cognito,
        faults: Faults,
        apply_faults: ApplyFaults,
        find_caller_region: Callable[[str], str | None],
        is_healthy: Callable[[str], bool],
        clock: Callable[[], float],
    ) -> None:
        self.routing = FailoverRouter(is_healthy=is_healthy, clock=clock, reaction_seconds=_DEFAULT_FAILOVER_SECONDS)
        self.distribution = CloudFrontDistribution(
            find_domain=cognito.domains.find_by_name,
            find_region=self.routing.find_region,
            origin=ManagedLoginOrigin(cognito=cognito, faults=faults, apply_faults=apply_faults).handle,
        )
        self._domains = cognito.domains

        def filter_connection(source_address: str) -> ConnectionEffect:
            return (
                ConnectionEffect.OPEN
                if faults.can_reach_global_hosts(find_caller_region(source_address))
                else ConnectionEffect.HANG
            )

        self._listener = HttpListener(
            address,
            port,
            context=_build_ssl_context(authority, address, lambda name: cognito.domains.find_by_name(name) is not None),
            connection_filter=filter_connection,
            endpoint=self.distribution.handle,
        )
        self._polling: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Start to listen, and to follow the health checks.

        Raises
        ------
        OSError
            If the address is taken.

        """
        self._listener.open()
        self._polling = asyncio.get_running_loop().create_task(self._poll_health_checks())

    async def close(self) -> None:
        """Stop to listen, and to follow the health checks."""
        if self._polling is not None:
            self._polling.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._polling
        await self._listener.close()

    async def _poll_health_checks(self) -> None:
        while True:
            self.routing.refresh(self._domains.list_all())
            await asyncio.sleep(_POLL_INTERVAL_SECONDS)


def _build_ssl_context(
    authority: CertificateAuthority, address: str, is_domain: Callable[[str], bool]
) -> ssl.SSLContext:
    """Return a context that uses the certificate of the requested domain, or CloudFront's default."""
    own = authority.build_server_context("distribution", ["*.cloudfront.net", address])
    issued: dict[str, ssl.SSLContext] = {}

    def choose(connection: ssl.SSLObject | ssl.SSLSocket, name: str | None, _own: ssl.SSLContext) -> None:
        if name is None or not is_domain(name.lower()):
            return
        if name.lower() not in issued:
            issued[name.lower()] = authority.build_server_context(name.lower(), [name.lower()])
        connection.context = issued[name.lower()]

    own.sni_callback = choose
    return own
