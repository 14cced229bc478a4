"""Observes where users are, by queries to authoritative name servers."""

import time
from collections.abc import Callable
from dataclasses import replace

from cognito_failover.common.deadlines import Deadline
from cognito_failover.common.region import Instant
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.model.location import Location, LocationSource
from cognito_failover.core.model.records import DnsWatch
from cognito_failover.routing.dns.alias_addresses import AliasAddresses
from cognito_failover.routing.dns.answer_classification import DnsQueryPlan, RegionTargets, plan_queries
from cognito_failover.routing.dns.authoritative_dns import QUERIES_PER_NAME_SERVER, AuthoritativeDns
from cognito_failover.routing.dns.delegation import Delegation, ServerAddresses

LOCATE_BUDGET_SECONDS = 2.5
"""Time budget of one observation. It must fit into the time that a round has for its levers."""

DELEGATION_BUDGET_SECONDS = 1.0
"""The part of it in which the delegation is followed, at most once a minute."""


class DnsUserLocator:
    """Locates users by the answers of the name; a `UserLocator`.

    Parameters
    ----------
    region_targets
        The names and targets of the Regions, such as the settings.
    authority
        Queries the name servers.
    delegation
        Finds the name servers that DNS leads to. None to query the name servers that Route 53 lists for the zone.
    clock
        Seconds since the epoch.
    budget_seconds
        Time budget of one observation.

    """

    def __init__(
        self,
        region_targets: RegionTargets,
        *,
        authority: AuthoritativeDns,
        delegation: Delegation | None = None,
        clock: Callable[[], Instant] = time.time,
        budget_seconds: float = LOCATE_BUDGET_SECONDS,
    ) -> None:
        self._region_targets = region_targets
        self._authority = authority
        self._delegation = delegation
        self._clock = clock
        self._budget_seconds = budget_seconds
        self._alias_addresses = AliasAddresses(clock)

    def locate(self, name: SteeredName, watch: DnsWatch) -> Location:
        """Query every name server that DNS leads to; see `UserLocator.locate`."""
        deadline = Deadline(self._budget_seconds)
        query_plan, servers = self._find_servers(plan_queries(watch, self._region_targets), watch)
        dns_answers = self._authority.query(
            tuple(servers.values()),
            query_plan.questions,
            hosts=query_plan.hosts,
            budget_seconds=deadline.remaining_seconds,
        )
        judge = query_plan.build_judge(self._alias_addresses.add(dns_answers.addresses))
        views = {
            server: judge.judge(dns_answers.answers[address], query_count=QUERIES_PER_NAME_SERVER)
            for server, address in servers.items()
        }
        if name is SteeredName.DOMAIN or not query_plan.shows_name:
            source = LocationSource.CHECK_RECORD
        elif any(view.is_by_region_record for view in views.values()):
            source = LocationSource.REGION_RECORD
        else:
            source = LocationSource.NAME
        return Location(
            observed_at=self._clock(), source=source, servers={server: view.counts for server, view in views.items()}
        )

    def _find_servers(self, query_plan: DnsQueryPlan, watch: DnsWatch) -> tuple[DnsQueryPlan, ServerAddresses]:
        """Return the name servers to query, each with its address or name, and the questions that they can answer.

        If the delegation was never followed, they are those that Route 53 lists. A region TXT record that is delegated
        elsewhere says nothing about its name.
        """
        listed = {server: server for server in watch.name_servers}
        names = list(dict.fromkeys(question.name for question in query_plan.questions))
        if self._delegation is None or not names:
            return query_plan, listed
        found = self._delegation.find_servers(
            names, budget_seconds=min(DELEGATION_BUDGET_SECONDS, self._budget_seconds)
        )
        addresses = {each: set(servers.values()) for each, servers in found.items()}
        if any(addresses.get(each) != addresses.get(names[0]) for each in names):
            query_plan = replace(query_plan, region_pair=None)
        return query_plan, _list_once_per_address(found.get(names[0], listed))


def _list_once_per_address(servers: ServerAddresses) -> ServerAddresses:
    """Return the servers without those whose address another one has."""
    by_address = {address: server for server, address in servers.items()}
    return {server: address for address, server in by_address.items()}
