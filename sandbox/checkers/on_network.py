"""The health checkers on a sandbox's network: whom they reach, and whether they are heard."""

import time
from functools import partial

from sandbox.addresses import UNPRIVILEGED_PORTS, Network
from sandbox.checkers import request
from sandbox.checkers.fleet import Fleet
from sandbox.checkers.places import Checker
from sandbox.dns import DnsServers
from sandbox.faults import Faults
from sandbox.route53 import Route53


def fleet_on(network: Network, faults: Faults, route53: Route53, dns: DnsServers, *, pace: float) -> Fleet:
    """Return the health checkers of a sandbox; those in a Region that is dead or cut off are not heard.

    Parameters
    ----------
    pace
        See `Fleet`.

    """

    def region_of(checker: Checker) -> str | None:
        return checker.region if checker.region in network.regions else None

    def network_of(checker: Checker) -> request.Network:
        def route(address: str, port: int) -> tuple[str, int] | None:
            region = network.region_of(address)
            severed = region is not None and faults.severed(region_of(checker), region)
            if severed or not address.startswith(f"{network.prefix}."):
                return None  # nothing but the sandbox is reached from here
            return address, UNPRIVILEGED_PORTS.get(port, port)

        source = network.checker(checker)
        return request.Network(source=source, resolve=partial(dns.address_of, source), route=route)

    route53.health.reports = lambda checker: faults.health_checkers_report(region_of(checker))
    return Fleet(checks=route53.health_checks, health=route53.health, network_of=network_of, clock=time.time, pace=pace)
