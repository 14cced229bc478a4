"""Store for the versions of the canary's secret."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from cognito_failover.rotation.errors import RotationError, ServiceUnavailableError
from cognito_failover.rotation.secret_state import CURRENT, PENDING, SecretDescription, SecretReplica

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

    from cognito_failover.common.region import Instant

_NOT_FOUND = "ResourceNotFoundException"
_CONFIGURATION_ERRORS = frozenset(
    {"AccessDeniedException", "InvalidParameterException", "InvalidRequestException", _NOT_FOUND}
)


class SecretStore(Protocol):
    """Holds the versions of one secret.

    Every call may raise RotationError, or ServiceUnavailableError if the service gives no answer.
    """

    def describe(self) -> SecretDescription:
        """Return the secret's description."""
        ...

    def read_current(self) -> str:
        """Return the text of the version that the probes use."""
        ...

    def read_pending(self, token: str) -> str | None:
        """Return the text of a pending version, or None if it has no value yet."""
        ...

    def put_pending(self, token: str, text: str) -> None:
        """Write the text of a pending version."""
        ...

    def promote(self, token: str, *, previous_version_id: str) -> None:
        """Make a version the current one, if the previous version still is."""
        ...


class SecretsManagerStore:
    """A secret in Secrets Manager, in the Region of its primary copy.

    Parameters
    ----------
    client
        A client of that Region, with short timeouts.
    secret_arn
        The secret's ARN.

    """

    def __init__(self, client: "SecretsManagerClient", secret_arn: str) -> None:
        self._client = client
        self._secret_arn = secret_arn

    def describe(self) -> SecretDescription:
        """Return the secret's description."""
        try:
            response = self._client.describe_secret(SecretId=self._secret_arn)
        except (BotoCoreError, ClientError) as error:
            self._raise_error("described", error)
        return SecretDescription(
            is_rotation_enabled=response.get("RotationEnabled", False),
            stages={version: frozenset(labels) for version, labels in response.get("VersionIdsToStages", {}).items()},
            last_rotated_at=_to_instant(response.get("LastRotatedDate")),
            next_rotation_at=_to_instant(response.get("NextRotationDate")),
            replicas={
                replica["Region"]: SecretReplica(status=replica["Status"], message=replica.get("StatusMessage", ""))
                for replica in response.get("ReplicationStatus", [])
            },
        )

    def read_current(self) -> str:
        """Read the version labelled AWSCURRENT."""
        try:
            return self._client.get_secret_value(SecretId=self._secret_arn, VersionStage=CURRENT)["SecretString"]
        except (BotoCoreError, ClientError) as error:
            self._raise_error("read", error)

    def read_pending(self, token: str) -> str | None:
        """Read the version labelled AWSPENDING."""
        try:
            response = self._client.get_secret_value(SecretId=self._secret_arn, VersionId=token, VersionStage=PENDING)
        except self._client.exceptions.ResourceNotFoundException:
            return None
        except (BotoCoreError, ClientError) as error:
            self._raise_error("read", error)
        return response["SecretString"]

    def put_pending(self, token: str, text: str) -> None:
        """Write the version and label it AWSPENDING."""
        try:
            self._client.put_secret_value(
                SecretId=self._secret_arn, ClientRequestToken=token, SecretString=text, VersionStages=[PENDING]
            )
        except (BotoCoreError, ClientError) as error:
            self._raise_error("written", error)

    def promote(self, token: str, *, previous_version_id: str) -> None:
        """Move the label AWSCURRENT to the version."""
        try:
            self._client.update_secret_version_stage(
                SecretId=self._secret_arn,
                VersionStage=CURRENT,
                MoveToVersionId=token,
                RemoveFromVersionId=previous_version_id,
            )
        except (BotoCoreError, ClientError) as error:
            self._raise_error("promoted", error)

    def _raise_error(self, description: str, error: Exception) -> NoReturn:
        code = error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
        kind = RotationError if code in _CONFIGURATION_ERRORS else ServiceUnavailableError
        raise kind(f"The secret {self._secret_arn} could not be {description}: {error}") from error


def _to_instant(moment: Any) -> "Instant | None":
    return moment.timestamp() if isinstance(moment, datetime) else None
