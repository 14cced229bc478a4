"""The canary's secret in Secrets Manager, in the controller's own Region."""

from typing import TYPE_CHECKING, cast

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from cognito_failover.common.error_boundary import translate_unexpected_errors
from cognito_failover.probe.canary_credentials import CanarySecretError, SecretValue
from cognito_failover.probe.https_client import Timeouts

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


class SecretsManagerReader:
    """Reads one secret.

    Parameters
    ----------
    client
        A Secrets Manager client in the secret's Region, with short timeouts: see `create_secrets_client`.
    secret_arn
        The secret's ARN.

    """

    def __init__(self, client: "SecretsManagerClient", secret_arn: str) -> None:
        self._client = client
        self._secret_arn = secret_arn

    def read(self) -> SecretValue:
        """Return the current version.

        Raises
        ------
        CanarySecretError
            If it can't be read. The message contains the service's message.

        """
        # An unexpected error is reported without the response, which may hold the password.
        with translate_unexpected_errors(
            CanarySecretError, error_type=CanarySecretError, description=f"Reading the secret {self._secret_arn}"
        ):
            try:
                answer = self._client.get_secret_value(SecretId=self._secret_arn)
            except (BotoCoreError, ClientError) as error:
                raise CanarySecretError(f"The canary's secret {self._secret_arn} can't be read: {error}") from error
            return SecretValue(version=answer["VersionId"], text=answer.get("SecretString", ""))


def create_secrets_client(
    secret_arn: str, timeouts: Timeouts, session: botocore.session.Session | None = None
) -> "SecretsManagerClient":
    """Build a client for the ARN's Region, with short timeouts and no retries.

    Pass a shared session: to create one takes as long as to create the client.
    """
    client = (session or botocore.session.get_session()).create_client(
        "secretsmanager",
        region_name=secret_arn.split(":")[3],
        config=Config(
            connect_timeout=timeouts.connect_seconds,
            read_timeout=timeouts.read_seconds,
            retries={"total_max_attempts": 1},
        ),
    )
    return cast("SecretsManagerClient", client)
