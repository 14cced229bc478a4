"""Builds the preflight function for AWS. It has no lever, so it can't move users."""

import json
import logging
import sys
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

import botocore.session
from botocore.config import Config

from cognito_failover.preflight.aws_clients import AwsClientCache
from cognito_failover.preflight.delegation import DnsDelegationReader
from cognito_failover.preflight.facts import CheckContext
from cognito_failover.preflight.function import PreflightFunction
from cognito_failover.probe.https_client import HttpsClient, Timeouts
from cognito_failover.probe.secret_reader import SecretsManagerReader, create_secrets_client
from cognito_failover.routing.dns.authoritative_dns import AuthoritativeDnsClient
from cognito_failover.routing.records.route53_zone import Route53Zone
from cognito_failover.settings.controller import Settings
from cognito_failover.storage.dynamodb import DynamoDBLedger
from cognito_failover.telemetry.metrics import get_service_name

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_LEDGER_CONFIG = Config(connect_timeout=2, read_timeout=3, retries={"total_max_attempts": 2, "mode": "standard"})
_TIMEOUTS = Timeouts(connect_seconds=3.0, read_seconds=5.0)

_ZONE_READ_POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Action": ["route53:GetHostedZone", "route53:ListResourceRecordSets"],
            "Resource": "*",
        },
    }
)
"""Session policy that limits a role in another account to reading the zone."""


def build_preflight(env: Mapping[str, str]) -> PreflightFunction:
    """Return what an invocation runs. Calls nothing yet.

    Raises
    ------
    SettingsError
        If a setting is missing or invalid.

    """
    settings = Settings.from_env(env)
    session = botocore.session.get_session()
    dynamodb = session.create_client("dynamodb", region_name=settings.standby_region, config=_LEDGER_CONFIG)
    ledger = DynamoDBLedger(cast("DynamoDBClient", dynamodb), settings.table_name)
    secrets = create_secrets_client(settings.canary_secret_arn, _TIMEOUTS, session)
    clients = AwsClientCache()
    package = logging.getLogger("cognito_failover")
    package.setLevel(logging.WARNING)

    def make_context() -> CheckContext:
        return CheckContext(
            settings=settings,
            get_client=clients.get_client,
            get_unsigned_cognito=clients.get_unsigned_cognito,
            # A new zone for each run, because a zone caches what it has read.
            zone=Route53Zone(
                settings.hosted_zone_id,
                region=settings.standby_region,
                role_arn=settings.hosted_zone_role_arn,
                role_policy=_ZONE_READ_POLICY,
                session=session,
            ),
            authority=AuthoritativeDnsClient(),
            delegation_reader=DnsDelegationReader(),
            secret=SecretsManagerReader(secrets, settings.canary_secret_arn),
            https=HttpsClient(_TIMEOUTS),
            ledger=ledger,
            now=time.time(),
        )

    return PreflightFunction(
        make_context=make_context, ledger=ledger, service=get_service_name(env, "preflight"), stream=sys.stdout
    )
