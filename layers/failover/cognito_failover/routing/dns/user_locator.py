"""Observes where users are, by queries to authoritative name servers."""

import time
from collections.abc import Callable

from cognito_failover.common.region import Instant
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.model.location import Location, LocationSource
from cognito_failover.core.model.records import DnsWatch
from cognito_failover.routing.dns.answer_classification import RegionTargets, plan_queries
from cognito_failover.routing.dns.authoritative_dns import QUERIES_PER_NAME_SERVER, AuthoritativeDns

LOCATE_BUDGET_SECONDS = 2.5
"""Time budget of one observation. It must fit into the time that a round has for its levers."""


class DnsUserLocator:
    """Locates users by the answers of the name; a `UserLocator`.

    Parameters
    ----------
    region_targets
        The names and targets of the Regions, such as the settings.
    authority
        Queries the name servers.
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
        clock: Callable[[], Instant] = time.time,
        budget_seconds: float = LOCATE_BUDGET_SECONDS,
    ) -> None:
        self._region_targets = region_targets
        self._authority = authority
        self._clock = clock
        self._budget_seconds = budget_seconds

    def locate(self, name: SteeredName, watch: DnsWatch) -> Location:
        """Query every name server of the watch; see `UserLocator.locate`."""
        query_plan = plan_queries(watch, self._region_targets)
        dns_answers = self._authority.query(
            watch.name_servers, query_plan.questions, hosts=query_plan.hosts, budget_seconds=self._budget_seconds
        )
        judge = query_plan.build_judge(dns_answers.addresses)
        views = {
            server: judge.judge(answers, query_count=QUERIES_PER_NAME_SERVER)
            for server, answers in dns_answers.answers.items()
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
