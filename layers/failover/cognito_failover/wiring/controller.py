"""Builds the controller for AWS, and the parts that it shares with the operator function."""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast
from uuid import uuid4

import botocore.session
from botocore.config import Config

from cognito_failover.common.deadlines import Deadline, run_in_thread, wait_for_result
from cognito_failover.common.errors import LedgerUnavailableError
from cognito_failover.controller.bounded_calls import RoundBudget, bound_ledger
from cognito_failover.controller.invocation import Invocation
from cognito_failover.controller.replication_lag_monitor import ReplicationLagMonitor
from cognito_failover.controller.round import RoundRunner
from cognito_failover.core.ports.stores import PreflightStore
from cognito_failover.notifications.channels import TimelineEventPublisher
from cognito_failover.notifications.publisher import Signals
from cognito_failover.probe.https_client import HttpsClient, Timeouts
from cognito_failover.probe.lag_marker import CognitoLagMarkerStore
from cognito_failover.probe.probe import Probe
from cognito_failover.probe.secret_reader import SecretsManagerReader, create_secrets_client
from cognito_failover.routing.dns.authoritative_dns import AuthoritativeDnsClient, preload_dnspython
from cognito_failover.routing.records.hosted_zone import DnsZone
from cognito_failover.settings.controller import Settings
from cognito_failover.storage.dynamodb import DynamoDBLedger
from cognito_failover.telemetry.metrics import get_service_name
from cognito_failover.timeline.public_resolvers import PublicResolvers
from cognito_failover.timeline.recorder import TimelineRecorder
from cognito_failover.timeline.user_sign_in import UserSignInCheck
from cognito_failover.timeline.user_view import UserViewMonitor
from cognito_failover.wiring.levers import LeverSet

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# Two short attempts fit into the time limit of one call to the ledger.
_LEDGER_CONFIG = Config(connect_timeout=0.5, read_timeout=0.5, retries={"total_max_attempts": 2, "mode": "standard"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheRefresher:
    """Refreshes what a failover needs before it starts: secret, keys, credentials, name servers, code."""

    probe: Probe
    zone: DnsZone
    round_runner: RoundRunner
    preflight_store: PreflightStore

    def warm_up(self, deadline: Deadline) -> None:
        """Load what the first round needs."""
        self.probe.warm_up(deadline)

    def refresh(self, deadline: Deadline) -> None:
        """Refresh what has expired, until the deadline."""
        preparation = run_in_thread(preload_dnspython, name="preload-dns")
        renewal = run_in_thread(self.zone.refresh, name="zone-refresh")
        preflight_load = run_in_thread(self.preflight_store.load_preflight, name="load-preflight")
        self.probe.refresh_canary(deadline)
        self.probe.refresh_keys(deadline)
        with suppress(LedgerUnavailableError):  # the last known result stays
            self.round_runner.set_preflight(wait_for_result(deadline, preflight_load, default=None))
        wait_for_result(deadline, preparation, default=None)
        wait_for_result(deadline, renewal, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ControllerDependencies:
    """Parts of both the controller and the operator function."""

    settings: Settings
    table: DynamoDBLedger
    ledger: DynamoDBLedger
    probe: Probe
    lever_set: LeverSet
    round_runner: RoundRunner
    signals: Signals
    round_budget: RoundBudget
    timeline_recorder: TimelineRecorder
    lag_monitor: ReplicationLagMonitor

    @classmethod
    def from_env(cls, env: Mapping[str, str], *, service: str) -> "ControllerDependencies":
        """Build the parts from environment variables. Calls nothing yet.

        Raises
        ------
        SettingsError
            If a setting is missing or invalid.

        """
        settings = Settings.from_env(env)
        round_budget = RoundBudget()
        # One session for all clients: each new one loads the SDK's service data again.
        session = botocore.session.get_session()
        dynamodb = session.create_client("dynamodb", region_name=settings.standby_region, config=_LEDGER_CONFIG)
        table = DynamoDBLedger(cast("DynamoDBClient", dynamodb), settings.table_name)
        ledger = bound_ledger(table, round_budget)
        timeouts = Timeouts(
            connect_seconds=settings.connect_timeout_seconds, read_seconds=settings.read_timeout_seconds
        )
        secret = SecretsManagerReader(
            create_secrets_client(settings.canary_secret_arn, timeouts, session), settings.canary_secret_arn
        )
        probe = Probe.from_settings(settings, observer=settings.standby_region, jwks_store=table, secret=secret)
        lag_monitor = ReplicationLagMonitor(
            marker_store=CognitoLagMarkerStore(regions=settings.regions, https=HttpsClient(timeouts)),
            get_sessions=lambda: probe.sessions,
            clock=time.time,
            sleep=time.sleep,
        )
        lever_set = LeverSet.from_settings(settings, session)
        timeline_recorder = TimelineRecorder(
            settings,
            user_view_probe=_build_user_view_monitor(settings, probe),
            timeline=table,
            completion_notifier=TimelineEventPublisher(settings),
        )
        round_runner = RoundRunner(
            settings=settings,
            ledger=ledger,
            prober=probe,
            levers=lever_set.with_deadlines(round_budget),
            clock=time.time,
            lag_reader=lag_monitor,
            take_sign_ins=timeline_recorder.take_sign_ins,
        )
        return cls(
            settings=settings,
            table=table,
            ledger=ledger,
            probe=probe,
            lever_set=lever_set,
            round_runner=round_runner,
            signals=Signals.from_settings(settings, service=get_service_name(env, service)),
            round_budget=round_budget,
            lag_monitor=lag_monitor,
            timeline_recorder=timeline_recorder,
        )


def _build_user_view_monitor(settings: Settings, probe: Probe) -> UserViewMonitor:
    # A separate DNS client: its cache of name servers is not safe to share between threads.
    return UserViewMonitor(
        settings,
        authority=AuthoritativeDnsClient(),
        resolvers=PublicResolvers(settings.resolvers),
        sign_in_check=UserSignInCheck(settings, login=probe.login, canary=probe.canary, clock=time.time),
        clock=time.time,
    )


def build_controller(env: Mapping[str, str]) -> Invocation:
    """Return what a scheduled invocation runs. Raises SettingsError."""
    dependencies = ControllerDependencies.from_env(env, service="controller")
    return Invocation(
        settings=dependencies.settings,
        round_runner=dependencies.round_runner,
        lease_store=dependencies.ledger,
        notifier=dependencies.signals,
        refresher=CacheRefresher(
            probe=dependencies.probe,
            zone=dependencies.lever_set.zone,
            round_runner=dependencies.round_runner,
            preflight_store=dependencies.table,
        ),
        round_budget=dependencies.round_budget,
        clock=time.time,
        monotonic=time.monotonic,
        sleep=time.sleep,
        background_tasks=(dependencies.timeline_recorder, dependencies.lag_monitor),
    )


def create_lease_owner(request_id: str) -> str:
    """Return a new name for the lease: the invocation's own, also if AWS delivers one event twice with one request id.

    Source: "How Lambda handles errors and retries with asynchronous invocation" (AWS Lambda Developer Guide).
    """
    return f"{request_id}/{uuid4()}"


def to_remaining_seconds(get_remaining_time_in_millis: Callable[[], int]) -> Callable[[], float]:
    """Return a function that converts the Lambda context's milliseconds to seconds."""
    return lambda: get_remaining_time_in_millis() / 1000
