"""Observes where users are, by queries to authoritative name servers."""

from collections.abc import Callable

from cognito_failover.common.region import Instant
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.model.location import Location, LocationSource
from cognito_failover.core.model.records import DnsWatch
from cognito_failover.routing.dns.answer_classification import count_answers_by_role, plan_queries
from cognito_failover.routing.dns.authoritative_dns import QUERIES_PER_NAME_SERVER, AuthoritativeDns
from cognito_failover.settings.controller import Settings

LOCATE_BUDGET_SECONDS = 2.5
"""Time budget of one observation. It must fit into the time that a round has for its levers."""


class DnsUserLocator:
    """Locates users by the answers of the name; a `UserLocator`.

    Parameters
    ----------
    settings
        The names and targets of the Regions.
    authority
        Queries the name servers.
    clock
        Seconds since the epoch.
    budget_seconds
        Time budget of one observation.

    """

    def __init__(
        self,
        settings: Settings,
        *,
        authority: AuthoritativeDns,
        clock: Callable[[], Instant],
        budget_seconds: float = LOCATE_BUDGET_SECONDS,
    ) -> None:
        self._settings = settings
        self._authority = authority
        self._clock = clock
        self._budget_seconds = budget_seconds

    def locate(self, name: SteeredName, watch: DnsWatch) -> Location:
        """Query every name server of the watch; see `UserLocator.locate`."""
        query_plan = plan_queries(watch, self._settings)
        dns_answers = self._authority.query(
            watch.name_servers, query_plan.questions, hosts=query_plan.hosts, budget_seconds=self._budget_seconds
        )
        classifiers = query_plan.build_classifiers(dns_answers.addresses)
        return Location(
            observed_at=self._clock(),
            source=LocationSource.CHECK_RECORD if name is SteeredName.DOMAIN else LocationSource.NAME,
            servers={
                server: count_answers_by_role(classifiers, answers, query_count=QUERIES_PER_NAME_SERVER)
                for server, answers in dns_answers.answers.items()
            },
        )
