"""Builds an observer for AWS. It has no lever."""

import logging
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import botocore.session
from botocore.config import Config

from cognito_failover.common.deadlines import Deadline
from cognito_failover.controller.bounded_calls import RoundBudget, bound_ledger
from cognito_failover.observer.observer import ObserverInvocation, RemoteObserver
from cognito_failover.observer.telemetry import EmfObserverTelemetry
from cognito_failover.probe.https_client import Timeouts
from cognito_failover.probe.jwks_cache import MemoryJwksStore
from cognito_failover.probe.probe import Probe
from cognito_failover.probe.secret_reader import SecretsManagerReader, create_secrets_client
from cognito_failover.settings.observer import ObserverSettings
from cognito_failover.storage.dynamodb import DynamoDBLedger
from cognito_failover.telemetry.metrics import get_service_name

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# The table is in another, perhaps distant, Region: one attempt within the time limit of one call.
_LEDGER_CONFIG = Config(connect_timeout=0.9, read_timeout=1.0, retries={"total_max_attempts": 1})


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeCacheRefresher:
    """Refreshes the canary's secret and the pool's keys."""

    probe: Probe

    def warm_up(self, deadline: Deadline) -> None:
        """Load what the first observation needs."""
        self.probe.warm_up(deadline)

    def refresh(self, deadline: Deadline) -> None:
        """Refresh what has expired."""
        self.probe.refresh_canary(deadline)
        self.probe.refresh_keys(deadline)


def build_observer(env: Mapping[str, str]) -> ObserverInvocation:
    """Return what a scheduled invocation of an observer runs. Calls nothing yet.

    Raises
    ------
    SettingsError
        If a setting is missing or invalid.

    """
    settings = ObserverSettings.from_env(env)
    session = botocore.session.get_session()
    dynamodb = session.create_client("dynamodb", region_name=settings.standby_region, config=_LEDGER_CONFIG)
    table = DynamoDBLedger(cast("DynamoDBClient", dynamodb), settings.table_name)
    timeouts = Timeouts(connect_seconds=settings.connect_timeout_seconds, read_seconds=settings.read_timeout_seconds)
    secret = SecretsManagerReader(
        create_secrets_client(settings.canary_secret_arn, timeouts, session), settings.canary_secret_arn
    )
    probe = Probe.from_settings(
        settings,
        observer=settings.observer_region,
        jwks_store=MemoryJwksStore(),
        secret=secret,
        retries_rejected_canary=False,
    )
    round_budget = RoundBudget()
    telemetry = EmfObserverTelemetry(settings, service=get_service_name(env, "observer"), stream=sys.stdout)
    package = logging.getLogger("cognito_failover")
    package.handlers = [telemetry.handler]
    package.propagate = False  # otherwise Lambda's root handler writes each line again
    return ObserverInvocation(
        settings=settings,
        observer=RemoteObserver(
            settings=settings, store=bound_ledger(table, round_budget), prober=probe, clock=time.time
        ),
        telemetry=telemetry,
        refresher=ProbeCacheRefresher(probe=probe),
        round_budget=round_budget,
        clock=time.time,
        sleep=time.sleep,
    )
