"""A failover in memory whose timeline is recorded as a deployed controller records it."""

from dataclasses import replace
from typing import Any

from cognito_failover.common.deadlines import Deadline
from cognito_failover.common.region import RegionRole
from cognito_failover.core.model.location import AnswerCounts
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.verdict import Verdict
from cognito_failover.reports.builder import build_document
from cognito_failover.reports.document import Document
from cognito_failover.reports.source_data import ReportInput
from cognito_failover.routing.dns.authoritative_dns import QUERIES_PER_NAME_SERVER
from cognito_failover.routing.dns.question import DnsQuestion
from cognito_failover.timeline.public_resolvers import QUERIES_PER_RESOLVER
from cognito_failover.timeline.recorder import TimelineRecorder
from cognito_failover.timeline.sample import SignInSample, UserView
from tests.support.controller_harness import DOMAIN_RECORD_NAME, ControllerHarness

NAME_SERVERS = ("ns-1.example.net", "ns-2.example.org")
RESOLVER_LAG_SECONDS = {"1.1.1.1": 20.0, "8.8.8.8": 45.0, "9.9.9.9": 60.0}
"""Delay of each public resolver behind the name servers, in seconds."""

VERSIONS = {"package": "0.1.0", "code": "0123456789abcdef", "python": "3.13.5"}


class SimulatedUserViewMonitor:
    """Observes from outside: resolvers follow with a delay, and users follow the slowest resolver."""

    def __init__(self, world: ControllerHarness) -> None:
        self._world = world
        self._switch_history: list[tuple[float, RegionRole]] = []

    def observe(self, state: ControllerState) -> UserView:  # noqa: ARG002 - not visible from outside
        now = self._world.clock.now
        by_server = {server: self._query_role(server) for server in NAME_SERVERS}
        if len({*by_server.values()}) == 1:
            self._switch_history.append((now, by_server[NAME_SERVERS[0]]))
        resolvers = {server: self._get_role_at(now - lag) for server, lag in RESOLVER_LAG_SECONDS.items()}
        slowest = self._get_role_at(now - max(RESOLVER_LAG_SECONDS.values()))
        is_healthy = self._world.prober.verdicts[slowest] is Verdict.HEALTHY
        return UserView(
            at=now,
            duration_seconds=0.2,
            name_servers={server: _make_counts(role, QUERIES_PER_NAME_SERVER) for server, role in by_server.items()},
            resolvers={server: _make_counts(role, QUERIES_PER_RESOLVER) for server, role in resolvers.items()},
            sign_in=SignInSample(
                at=now,
                ok=is_healthy,
                code="" if is_healthy else "connect-timeout",
                latency_seconds=0.18 if is_healthy else None,
            ),
        )

    def _query_role(self, server: str) -> RegionRole:
        answers = self._world.name_servers.query(
            [server], [DnsQuestion(name=DOMAIN_RECORD_NAME, record_type="CNAME")], hosts=()
        )
        [answer, *_] = next(iter(answers.answers[server].values()))
        targets = self._world.settings.targets
        return next(role for role, target in targets if f"{target}." in answer)

    def _get_role_at(self, at: float) -> RegionRole:
        return next((role for since, role in reversed(self._switch_history) if since <= at), RegionRole.PRIMARY)


def _make_counts(role: RegionRole, query_count: int) -> AnswerCounts:
    return AnswerCounts(primary=query_count) if role is RegionRole.PRIMARY else AnswerCounts(standby=query_count)


class RecordedFailover:
    """A controller in memory whose rounds are recorded.

    Parameters
    ----------
    changes
        Changed settings.

    """

    def __init__(self, **changes: Any) -> None:
        self.world = ControllerHarness(**changes).settle()
        self.timeline_recorder = TimelineRecorder(
            self.world.settings, user_view_probe=SimulatedUserViewMonitor(self.world), timeline=self.world.memory
        )

    def run(self, rounds: int = 1) -> "RecordedFailover":
        """Run rounds one interval apart, and pass each to the timeline recorder."""
        for _ in range(rounds):
            before = len(self.world.notifier.round_results)
            self.world.run(1)
            result = self.world.notifier.round_results[before]
            now, self.world.clock.now = self.world.clock.now, result.observation.observed_at + 1.0
            self.timeline_recorder.on_round_end(result)
            self.timeline_recorder.finish(Deadline(10))
            self.world.clock.now = now
        return self

    def fail_over(self) -> "RecordedFailover":
        """Fail the primary while one name server is slow, and run until the move is over."""
        self.world.set_primary(Verdict.SICK)
        self.world.name_servers.freeze(NAME_SERVERS[1])
        self.run(4)
        self.world.name_servers.stale_records.clear()
        return self.run(24)

    def load_source_data(self, report_id: str = "") -> ReportInput:
        """Return the ledger's data for the report of the last move, or of another one."""
        last = self.world.state.last_move
        report_id = report_id or (last.id if last else "")
        history = tuple(reversed(self.world.memory.load_history(limit=1000).events))
        return ReportInput(id=report_id, history=history, samples=self.world.memory.load_samples(since=0, until=2e9))

    def build_report(self, report_id: str = "", **changes: Any) -> Document:
        """Return the report of the last move, or of another one, built now."""
        settings = replace(self.world.settings, **changes)
        return build_document(self.load_source_data(report_id), settings, versions=VERSIONS, now=self.world.clock.now)
