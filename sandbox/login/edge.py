"""Where custom domains are answered: an address in no Region, with a certificate for each domain."""

import asyncio
import contextlib
import ssl
from collections.abc import Callable

from sandbox.cognito import Cognito
from sandbox.faults import Faults, Passage
from sandbox.listeners import Listener
from sandbox.login.distribution import Distribution
from sandbox.login.origin import ManagedLoginOrigin, Meet
from sandbox.login.routing import Routing
from sandbox.tls import CertificateAuthority

_LOOK_SECONDS = 0.1
"""How often health checks are looked at."""

_DEFAULT_REACTION_SECONDS = 1.0


class Edge:
    """The one address of all distributions.

    Parameters
    ----------
    address, port
        Where to listen, HTTPS.
    region_inside
        Returns the Region a caller runs in, by its source address; None for one outside.
    healthy
        Whether the health check of an id is healthy now.
    meet
        Lets a call meet the faults on its way.

    Attributes
    ----------
    routing, distribution
        Its parts, with their durations.

    """

    def __init__(
        self,
        *,
        address: str,
        port: int,
        authority: CertificateAuthority,
        cognito: Cognito,
        faults: Faults,
        meet: Meet,
        region_inside: Callable[[str], str | None],
        healthy: Callable[[str], bool],
        clock: Callable[[], float],
    ) -> None:
        self.routing = Routing(healthy=healthy, clock=clock, reaction_seconds=_DEFAULT_REACTION_SECONDS)
        self.distribution = Distribution(
            named=cognito.domains.named,
            region=self.routing.region,
            origin=ManagedLoginOrigin(cognito=cognito, faults=faults, meet=meet).answer,
        )
        self._domains = cognito.domains

        def doorkeeper(source_address: str) -> Passage:
            return Passage.OPEN if faults.reaches_world(region_inside(source_address)) else Passage.HANG

        self._listener = Listener(
            address,
            port,
            context=_context(authority, address, lambda name: cognito.domains.named(name) is not None),
            doorkeeper=doorkeeper,
            endpoint=self.distribution.answer,
        )
        self._following: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Listen, and follow the health checks.

        Raises
        ------
        OSError
            If the address is taken.

        """
        self._listener.open()
        self._following = asyncio.get_running_loop().create_task(self._follow())

    async def close(self) -> None:
        """Stop for good."""
        if self._following is not None:
            self._following.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._following
        await self._listener.close()

    async def _follow(self) -> None:
        while True:
            self.routing.follow(self._domains.all())
            await asyncio.sleep(_LOOK_SECONDS)


def _context(authority: CertificateAuthority, address: str, is_domain: Callable[[str], bool]) -> ssl.SSLContext:
    """Return a context with the certificate of the domain that a client asks for, or CloudFront's own."""
    own = authority.server_context("distribution", ["*.cloudfront.net", address])
    issued: dict[str, ssl.SSLContext] = {}

    def choose(connection: ssl.SSLObject | ssl.SSLSocket, name: str | None, _own: ssl.SSLContext) -> None:
        if name is None or not is_domain(name.lower()):
            return
        if name.lower() not in issued:
            issued[name.lower()] = authority.server_context(name.lower(), [name.lower()])
        connection.context = issued[name.lower()]

    own.sni_callback = choose
    return own
