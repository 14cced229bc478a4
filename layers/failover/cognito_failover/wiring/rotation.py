"""Builds the rotation of the canary's password for AWS."""

import logging
import sys
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

import botocore.session
from aws_lambda_powertools import Logger
from botocore.config import Config

from cognito_failover.common.region import PerRole
from cognito_failover.probe.https_client import HttpsClient, Timeouts
from cognito_failover.probe.login import LoginClient
from cognito_failover.rotation.canary_users import CognitoUserDirectory
from cognito_failover.rotation.handler import RotationHandler
from cognito_failover.rotation.password import generate_password
from cognito_failover.rotation.rotation import Rotation
from cognito_failover.rotation.secret_store import SecretsManagerStore
from cognito_failover.settings.rotation import RotationSettings
from cognito_failover.telemetry.metrics import get_service_name

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_secretsmanager import SecretsManagerClient

_TIMEOUTS = Timeouts(connect_seconds=3.0, read_seconds=5.0)
_CONFIG = Config(connect_timeout=3.0, read_timeout=5.0, retries={"total_max_attempts": 2, "mode": "standard"})


def build_rotation(env: Mapping[str, str]) -> RotationHandler:
    """Return what the rotation function runs. Calls nothing yet.

    Raises
    ------
    SettingsError
        If a setting is missing or invalid.

    """
    settings = RotationSettings.from_env(env)
    session = botocore.session.get_session()

    def create_cognito_client(region: str) -> "CognitoIdentityProviderClient":
        client = session.create_client("cognito-idp", region_name=region, config=_CONFIG)
        return cast("CognitoIdentityProviderClient", client)

    store = session.create_client("secretsmanager", region_name=settings.primary_region, config=_CONFIG)
    secret_store = SecretsManagerStore(cast("SecretsManagerClient", store), settings.canary_secret_arn)
    https = HttpsClient(_TIMEOUTS)
    users = CognitoUserDirectory(
        PerRole(
            primary=create_cognito_client(settings.primary_region),
            standby=create_cognito_client(settings.standby_region),
        ),
        pool_id=settings.user_pool_id,
        regions=settings.regions,
        create_login=lambda client_id: LoginClient(client_id=client_id, https=https, monotonic=time.monotonic),
    )
    service = get_service_name(env, "rotation")
    package = logging.getLogger("cognito_failover")
    package.handlers = [Logger(service=service, utc=True).registered_handler]
    package.setLevel(logging.INFO)
    package.propagate = False  # otherwise Lambda's root handler writes each line again
    return RotationHandler(
        rotation=Rotation(
            secret_store=secret_store,
            users=users,
            regions=settings.regions,
            pool_id=settings.user_pool_id,
            generate_password=generate_password,
            clock=time.time,
            sleep=time.sleep,
        ),
        secret_store=secret_store,
        secret_arn=settings.canary_secret_arn,
        service=service,
        stream=sys.stdout,
        clock=time.time,
    )
