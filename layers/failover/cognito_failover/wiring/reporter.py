"""Builds the reporter for AWS. It can't observe, decide or move users."""

import logging
import sys
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

import botocore.session
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter
from botocore.config import Config

from cognito_failover.reports.reporter import Reporter, S3ReportStore, collect_versions
from cognito_failover.settings.controller import Settings
from cognito_failover.storage.dynamodb import DynamoDBLedger

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

# Reports are not urgent: long timeouts and several attempts.
_BACKGROUND_CONFIG = Config(connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 4, "mode": "standard"})


def build_reporter(env: Mapping[str, str]) -> Reporter:
    """Return what the reporter function runs. Calls nothing yet.

    Raises
    ------
    SettingsError
        If a setting is missing or invalid.

    """
    settings = Settings.from_env(env)
    session = botocore.session.get_session()
    dynamodb = session.create_client("dynamodb", region_name=settings.standby_region, config=_BACKGROUND_CONFIG)
    s3 = session.create_client("s3", region_name=settings.standby_region, config=_BACKGROUND_CONFIG)
    _configure_json_logging()
    return Reporter(
        settings,
        timeline=DynamoDBLedger(cast("DynamoDBClient", dynamodb), settings.table_name),
        store=S3ReportStore(cast("S3Client", s3), settings.report_bucket),
        versions=collect_versions(env),
        clock=time.time,
    )


def _configure_json_logging() -> None:
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(LambdaPowertoolsFormatter())
    package = logging.getLogger("cognito_failover")
    package.handlers = [handler]
    package.setLevel(logging.INFO)
    package.propagate = False  # otherwise Lambda's root handler writes each line again
