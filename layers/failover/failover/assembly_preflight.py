"""Puts the preflight function together for AWS; no lever that could move anything is among its parts."""

import json
import logging
import sys
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

import botocore.session
from botocore.config import Config

from failover.ledger.dynamodb import DynamoDBLedger
from failover.levers.authority import DnsAuthority
from failover.levers.zone_route53 import Route53Zone
from failover.preflight.clients import Clients
from failover.preflight.facts import Site
from failover.preflight.function import PreflightFunction
from failover.preflight.parents import DnsParents
from failover.probe.https import Https, Timeouts
from failover.probe.secrets_manager import SecretsManagerReader, client_for
from failover.settings import Settings
from failover.signals.speaker import speaker

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_LEDGER_CONFIG = Config(connect_timeout=2, read_timeout=3, retries={"total_max_attempts": 2, "mode": "standard"})
_TIMEOUTS = Timeouts(connect_seconds=3.0, read_seconds=5.0)

_READING_A_ZONE = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Action": ["route53:GetHostedZone", "route53:ListResourceRecordSets"],
            "Resource": "*",
        },
    }
)
"""What a role in another account is narrowed to, whatever else it allows."""


def preflight(env: Mapping[str, str]) -> PreflightFunction:
    """Build what an invocation runs; nothing is called yet.

    Raises
    ------
    SettingsError
        If the environment can't be used.

    """
    settings = Settings.from_env(env)
    session = botocore.session.get_session()
    dynamodb = session.create_client("dynamodb", region_name=settings.standby_region, config=_LEDGER_CONFIG)
    ledger = DynamoDBLedger(cast("DynamoDBClient", dynamodb), settings.table_name)
    secrets = client_for(settings.canary_secret_arn, _TIMEOUTS, session)
    clients = Clients()
    package = logging.getLogger("failover")
    package.setLevel(logging.WARNING)

    def site() -> Site:
        return Site(
            settings=settings,
            client=clients.client,
            unsigned_cognito=clients.unsigned_cognito,
            # Anew, since it remembers what it has read.
            zone=Route53Zone(
                settings.hosted_zone_id,
                region=settings.standby_region,
                role_arn=settings.hosted_zone_role_arn,
                role_policy=_READING_A_ZONE,
                session=session,
            ),
            authority=DnsAuthority(),
            parents=DnsParents(),
            secret=SecretsManagerReader(secrets, settings.canary_secret_arn),
            https=Https(_TIMEOUTS),
            ledger=ledger,
            now=time.time(),
        )

    return PreflightFunction(site=site, ledger=ledger, service=speaker(env, "preflight"), stream=sys.stdout)
