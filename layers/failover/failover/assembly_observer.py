"""Puts the parts of an observer in a further Region together for AWS; no lever is among them."""

import logging
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import botocore.session
from botocore.config import Config

from failover.bounded import Deadline
from failover.ledger.dynamodb import DynamoDBLedger
from failover.probe.https import Timeouts
from failover.probe.keys import MemoryKeyStore
from failover.probe.probe import Probe
from failover.probe.secrets_manager import SecretsManagerReader, client_for
from failover.rounds.observing import FurtherObserver, ObserverInvocation
from failover.rounds.punctual import PunctualLedger, Timekeeper
from failover.settings_observer import ObserverSettings
from failover.signals.looks import LookSignals
from failover.signals.speaker import speaker

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# The table is in another Region, perhaps across an ocean: one attempt, in the time that one call is given.
_BOARD_CONFIG = Config(connect_timeout=0.9, read_timeout=1.0, retries={"total_max_attempts": 1})


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeFreshness:
    """Keeps the canary's secret and the pool's keys at hand."""

    probe: Probe

    def warm_up(self, deadline: Deadline) -> None:
        """Make ready for the first look."""
        self.probe.warm_up(deadline)

    def refresh(self, deadline: Deadline) -> None:
        """Renew what is due."""
        self.probe.refresh_canary(deadline)
        self.probe.refresh_keys(deadline)


def observer(env: Mapping[str, str]) -> ObserverInvocation:
    """Build what a scheduled invocation of an observer runs; nothing is called yet.

    Raises
    ------
    SettingsError
        If the environment can't be used.

    """
    settings = ObserverSettings.from_env(env)
    session = botocore.session.get_session()
    dynamodb = session.create_client("dynamodb", region_name=settings.standby_region, config=_BOARD_CONFIG)
    table = DynamoDBLedger(cast("DynamoDBClient", dynamodb), settings.table_name)
    timeouts = Timeouts(connect_seconds=settings.connect_timeout_seconds, read_seconds=settings.read_timeout_seconds)
    secret = SecretsManagerReader(client_for(settings.canary_secret_arn, timeouts, session), settings.canary_secret_arn)
    probe = Probe.from_settings(
        settings,
        observer=settings.observer_region,
        key_store=MemoryKeyStore(),
        secret=secret,
        tries_refused_canary=False,
    )
    timekeeper = Timekeeper()
    signals = LookSignals(settings, service=speaker(env, "observer"), stream=sys.stdout)
    package = logging.getLogger("failover")
    package.handlers = [signals.handler]
    package.propagate = False  # or Lambda's root handler would write each line a second time
    return ObserverInvocation(
        settings=settings,
        observer=FurtherObserver(
            settings=settings, board=PunctualLedger(table, timekeeper), probe=probe, clock=time.time
        ),
        signals=signals,
        refresher=ProbeFreshness(probe=probe),
        timekeeper=timekeeper,
        clock=time.time,
        sleep=time.sleep,
    )
