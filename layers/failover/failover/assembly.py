"""Puts the parts together for AWS: the only place that knows which part is which."""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import botocore.session
from botocore.config import Config

from failover.assembly_levers import Hands
from failover.bounded import Deadline, result_by, start
from failover.errors import LedgerUnavailableError
from failover.ledger.dynamodb import DynamoDBLedger
from failover.ledger.ledger import Ledger
from failover.levers.authority import DnsAuthority, prepare
from failover.levers.zone import Zone
from failover.outside.look import OutsideLooker
from failover.outside.resolvers import PublicResolvers
from failover.outside.sign_in import Door
from failover.probe.https import Https, Timeouts
from failover.probe.marker import CognitoMarkers
from failover.probe.probe import Probe
from failover.probe.secrets_manager import SecretsManagerReader, client_for
from failover.rounds.beside import Bystander
from failover.rounds.gauging import Gauge
from failover.rounds.invocation import Invocation
from failover.rounds.punctual import PunctualLedger, Timekeeper
from failover.rounds.round import Rounds
from failover.settings import Settings
from failover.signals.signals import Signals
from failover.signals.speaker import speaker
from failover.signals.timeline_event import TimelineEvents

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# Two quick attempts fit into the time that one call to the ledger is given.
_LEDGER_CONFIG = Config(connect_timeout=0.5, read_timeout=0.5, retries={"total_max_attempts": 2, "mode": "standard"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """Keeps what a failover will need fresh while all is well: secret, keys, credentials, name servers, code."""

    probe: Probe
    zone: Zone
    rounds: Rounds
    ledger: Ledger

    def warm_up(self, deadline: Deadline) -> None:
        """Make ready for the first round."""
        self.probe.warm_up(deadline)

    def refresh(self, deadline: Deadline) -> None:
        """Renew what is due, no longer than the deadline."""
        preparation = start(prepare, name="prepare-to-ask")
        renewal = start(self.zone.refresh, name="zone-refresh")
        reading = start(self.ledger.preflight, name="read-the-preflight")
        self.probe.refresh_canary(deadline)
        self.probe.refresh_keys(deadline)
        with suppress(LedgerUnavailableError):  # what is known of it stands
            self.rounds.learn(result_by(deadline, reading, late=None))
        result_by(deadline, preparation, late=None)
        result_by(deadline, renewal, late=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What controller and operator are both made of."""

    settings: Settings
    table: DynamoDBLedger
    ledger: PunctualLedger
    probe: Probe
    hands: Hands
    rounds: Rounds
    signals: Signals
    timekeeper: Timekeeper
    bystander: Bystander
    gauge: Gauge

    @classmethod
    def from_env(cls, env: Mapping[str, str], *, service: str) -> "Parts":
        """Build the parts that the environment describes, for one of the functions; nothing is called yet.

        Raises
        ------
        SettingsError
            If the environment can't be used.

        """
        settings = Settings.from_env(env)
        timekeeper = Timekeeper()
        # One for all: each session reads the SDK's catalogue of services anew.
        session = botocore.session.get_session()
        dynamodb = session.create_client("dynamodb", region_name=settings.standby_region, config=_LEDGER_CONFIG)
        table = DynamoDBLedger(cast("DynamoDBClient", dynamodb), settings.table_name)
        ledger = PunctualLedger(table, timekeeper)
        timeouts = Timeouts(
            connect_seconds=settings.connect_timeout_seconds, read_seconds=settings.read_timeout_seconds
        )
        secret = SecretsManagerReader(
            client_for(settings.canary_secret_arn, timeouts, session), settings.canary_secret_arn
        )
        probe = Probe.from_settings(settings, observer=settings.standby_region, key_store=table, secret=secret)
        gauge = Gauge(
            markers=CognitoMarkers(regions=settings.regions, https=Https(timeouts)),
            passes=lambda: probe.passes,
            clock=time.time,
            sleep=time.sleep,
        )
        hands = Hands.from_settings(settings, session)
        bystander = Bystander(settings, looker=_looker(settings, probe), timeline=table, crier=TimelineEvents(settings))
        rounds = Rounds(
            settings=settings,
            ledger=ledger,
            probe=probe,
            levers=hands.on_time(timekeeper),
            clock=time.time,
            gauge=gauge,
            sign_ins=bystander.sign_ins,
        )
        return cls(
            settings=settings,
            table=table,
            ledger=ledger,
            probe=probe,
            hands=hands,
            rounds=rounds,
            signals=Signals.from_settings(settings, service=speaker(env, service)),
            timekeeper=timekeeper,
            gauge=gauge,
            bystander=bystander,
        )


def _looker(settings: Settings, probe: Probe) -> OutsideLooker:
    # Name servers by an asker of its own: what it remembers of them is not shared between threads.
    return OutsideLooker(
        settings,
        authority=DnsAuthority(),
        resolvers=PublicResolvers(settings.resolvers),
        door=Door(settings, login=probe.login, canary=probe.canary, clock=time.time),
        clock=time.time,
    )


def controller(env: Mapping[str, str]) -> Invocation:
    """Build what a scheduled invocation runs. Raises SettingsError."""
    parts = Parts.from_env(env, service="controller")
    return Invocation(
        settings=parts.settings,
        rounds=parts.rounds,
        ledger=parts.ledger,
        signals=parts.signals,
        refresher=Freshness(probe=parts.probe, zone=parts.hands.zone, rounds=parts.rounds, ledger=parts.table),
        timekeeper=parts.timekeeper,
        clock=time.time,
        monotonic=time.monotonic,
        sleep=time.sleep,
        beside=(parts.bystander, parts.gauge),
    )


def seconds_left(get_remaining_time_in_millis: Callable[[], int]) -> Callable[[], float]:
    """Turn the Lambda context's milliseconds into seconds."""
    return lambda: get_remaining_time_in_millis() / 1000
