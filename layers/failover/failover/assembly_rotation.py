"""Puts the parts of the rotation together for AWS."""

import logging
import sys
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

import botocore.session
from aws_lambda_powertools import Logger
from botocore.config import Config

from failover.probe.https import Https, Timeouts
from failover.probe.login import Login
from failover.region import PerSide
from failover.rotation.password import new_password
from failover.rotation.rotation import Rotation
from failover.rotation.serving import Serving
from failover.rotation.users import CognitoUsers
from failover.rotation.vault import SecretsManagerVault
from failover.settings_rotation import RotationSettings
from failover.signals.speaker import speaker

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_secretsmanager import SecretsManagerClient

_TIMEOUTS = Timeouts(connect_seconds=3.0, read_seconds=5.0)
_CONFIG = Config(connect_timeout=3.0, read_timeout=5.0, retries={"total_max_attempts": 2, "mode": "standard"})


def rotation(env: Mapping[str, str]) -> Serving:
    """Build what the rotation's function runs; nothing is called yet.

    Raises
    ------
    SettingsError
        If the environment can't be used.

    """
    settings = RotationSettings.from_env(env)
    session = botocore.session.get_session()

    def cognito(region: str) -> "CognitoIdentityProviderClient":
        client = session.create_client("cognito-idp", region_name=region, config=_CONFIG)
        return cast("CognitoIdentityProviderClient", client)

    store = session.create_client("secretsmanager", region_name=settings.primary_region, config=_CONFIG)
    vault = SecretsManagerVault(cast("SecretsManagerClient", store), settings.canary_secret_arn)
    https = Https(_TIMEOUTS)
    users = CognitoUsers(
        PerSide(primary=cognito(settings.primary_region), standby=cognito(settings.standby_region)),
        pool_id=settings.user_pool_id,
        regions=settings.regions,
        login=lambda client_id: Login(client_id=client_id, https=https, monotonic=time.monotonic),
    )
    service = speaker(env, "rotation")
    package = logging.getLogger("failover")
    package.handlers = [Logger(service=service, utc=True).registered_handler]
    package.setLevel(logging.INFO)
    package.propagate = False  # or Lambda's root handler would write each line a second time
    return Serving(
        rotation=Rotation(
            vault=vault,
            users=users,
            regions=settings.regions,
            pool_id=settings.user_pool_id,
            new_password=new_password,
            clock=time.time,
            sleep=time.sleep,
        ),
        vault=vault,
        secret_arn=settings.canary_secret_arn,
        service=service,
        stream=sys.stdout,
        clock=time.time,
    )
