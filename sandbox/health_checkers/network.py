"""The health checkers on a sandbox's network: the hosts they reach, and whether their reports arrive."""

import time
from functools import partial

from sandbox.addresses import UNPRIVILEGED_PORTS, SandboxNetwork
from sandbox.dns import DnsServers
from sandbox.faults import Faults
from sandbox.health_checkers import endpoint_check
from sandbox.health_checkers.locations import Checker
from sandbox.health_checkers.scheduler import HealthCheckerFleet
from sandbox.route53 import Route53


def build_fleet(
    network: SandboxNetwork, faults: Faults, route53: Route53, dns: DnsServers, *, speed_factor: float
) -> HealthCheckerFleet:
    """Return the health checkers of a sandbox. Reports from a Region that is dead or cut off do not arrive.

    Parameters
    ----------
    speed_factor
        See `HealthCheckerFleet`.

    """

    def find_region(checker: Checker) -> str | None:
        return checker.region if checker.region in network.regions else None

    def find_network(checker: Checker) -> endpoint_check.CheckerNetwork:
        def route(address: str, port: int) -> tuple[str, int] | None:
            region = network.find_region(address)
            severed = region is not None and faults.is_partitioned(find_region(checker), region)
            if severed or not address.startswith(f"{network.prefix}."):
                return None  # checkers reach only the sandbox
            return address, UNPRIVILEGED_PORTS.get(port, port)

        source = network.get_checker_address(checker)
        return endpoint_check.CheckerNetwork(
            source_address=source, resolve=partial(dns.resolve_address, source), route=route
        )

    route53.health_statuses.is_reporting = lambda checker: faults.can_health_checkers_report(find_region(checker))
    return HealthCheckerFleet(
        checks=route53.health_checks,
        health=route53.health_statuses,
        find_network=find_network,
        clock=time.time,
        speed_factor=speed_factor,
    )
