"""The view from outside: name servers, public resolvers and a sign-in, in parallel, within a bounded time."""

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from functools import partial

from cognito_failover.common.deadlines import Deadline, run_in_thread
from cognito_failover.common.region import Instant
from cognito_failover.core.model.location import AnswerCounts
from cognito_failover.core.model.records import DnsWatch
from cognito_failover.core.model.state import ControllerState
from cognito_failover.routing.dns.answer_classification import plan_queries
from cognito_failover.routing.dns.authoritative_dns import QUERIES_PER_NAME_SERVER, AuthoritativeDns
from cognito_failover.settings.controller import Settings
from cognito_failover.timeline.public_resolvers import QUERIES_PER_RESOLVER, DnsResolvers
from cognito_failover.timeline.sample import UserView
from cognito_failover.timeline.user_sign_in import UserSignInCheck

VIEW_BUDGET_SECONDS = 5.0
"""Maximum duration: the two timeouts of a sign-in."""

DNS_BUDGET_SECONDS = 2.5
"""Maximum duration of the queries to name servers and resolvers."""

_GRACE_SECONDS = 0.5
"""How much later than its parts the whole times out, so that their results are not lost."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsCounts:
    """The DNS answers of one observation, by server."""

    name_servers: Mapping[str, AnswerCounts] = field(default_factory=dict)
    resolvers: Mapping[str, AnswerCounts] = field(default_factory=dict)


class UserViewMonitor:
    """Observes what users see.

    Parameters
    ----------
    settings
        The names of Regions and targets.
    authority, resolvers
        Query name servers and resolvers.
    sign_in_check
        Signs in.
    clock
        Seconds since the epoch.

    """

    def __init__(
        self,
        settings: Settings,
        *,
        authority: AuthoritativeDns,
        resolvers: DnsResolvers,
        sign_in_check: UserSignInCheck,
        clock: Callable[[], Instant],
    ) -> None:
        self._settings = settings
        self._authority = authority
        self._resolvers = resolvers
        self._sign_in_check = sign_in_check
        self._clock = clock
        self._watch: DnsWatch | None = None

    def observe(self, state: ControllerState) -> UserView:
        """Observe once. Servers without an answer in time count as missing; a failed part is left out."""
        at, deadline = self._clock(), Deadline(VIEW_BUDGET_SECONDS + _GRACE_SECONDS)
        sign_in_future = run_in_thread(
            partial(self._sign_in_check.run, state, Deadline(VIEW_BUDGET_SECONDS)), name="user-view-sign-in"
        )
        dns_future = run_in_thread(partial(self._query_dns, state), name="user-view-dns")
        dns_counts = _get_result_or_none(dns_future, deadline) or DnsCounts()
        sign_in = _get_result_or_none(sign_in_future, deadline)
        return UserView(
            at=at,
            duration_seconds=round(VIEW_BUDGET_SECONDS + _GRACE_SECONDS - deadline.remaining_seconds, 3),
            name_servers=dict(dns_counts.name_servers),
            resolvers=dict(dns_counts.resolvers),
            sign_in=sign_in,
        )

    def _query_dns(self, state: ControllerState) -> DnsCounts:
        """Query the watched records, or the last known ones if they are unknown now."""
        self._watch = self._get_current_watch(state) or self._watch
        if self._watch is None:
            return DnsCounts()
        query_plan = plan_queries(self._watch, self._settings)
        resolver_future = run_in_thread(
            partial(self._resolvers.query, query_plan.questions, Deadline(DNS_BUDGET_SECONDS)),
            name="user-view-resolvers",
        )
        dns_answers = self._authority.query(
            self._watch.name_servers, query_plan.questions, hosts=query_plan.hosts, budget_seconds=DNS_BUDGET_SECONDS
        )
        resolver_answers = _get_result_or_none(resolver_future, Deadline(_GRACE_SECONDS + DNS_BUDGET_SECONDS)) or {}
        judge = query_plan.build_judge(dns_answers.addresses)
        return DnsCounts(
            name_servers={
                server: judge.judge(answers, query_count=QUERIES_PER_NAME_SERVER).counts
                for server, answers in dns_answers.answers.items()
            },
            resolvers={
                server: judge.judge(answers, query_count=QUERIES_PER_RESOLVER).counts
                for server, answers in resolver_answers.items()
            },
        )

    def _get_current_watch(self, state: ControllerState) -> DnsWatch | None:
        if self._settings.has_managed_records:
            return state.records.dns_watch if state.records else None
        return next((latch.dns_watch for latch in state.latches.values() if latch.is_shown), None)


def _get_result_or_none[T](future: Future[T], deadline: Deadline) -> T | None:
    """Return the result of a part; None if it failed or is late, so that the other parts are not lost."""
    wait((future,), timeout=deadline.remaining_seconds)
    if not future.done():
        return None
    if error := future.exception():
        _log.warning("A part of the view from outside failed: %s: %s", type(error).__name__, error)
        return None
    return future.result()
