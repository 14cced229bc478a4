"""The resource type ``AWS::SecretsManager::RotationSchedule``."""

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.cognito.wire import AwsServiceError
from sandbox.secretsmanager.rotations import Rotations

ROTATION_SCHEDULE = "AWS::SecretsManager::RotationSchedule"

type RotationProperties = Mapping[str, Any]


class RotationScheduleError(Exception):
    """Secrets Manager rejected a stack's resource. The message appears in the stack event."""


class RotationScheduleResources:
    """Enables and disables rotation for stacks. It does not rotate at once: ``RotateImmediatelyOnUpdate`` is ignored.

    Parameters
    ----------
    rotations
        The rotations of all secrets.
    get_scope
        Returns the account and the Region of the current stack.

    """

    def __init__(self, rotations: Rotations, get_scope: Callable[[], tuple[str, str]]) -> None:
        self._rotations = rotations
        self._get_scope = get_scope

    def create(self, _logical_id: str, properties: RotationProperties, _stack_name: str) -> tuple[str, dict[str, Any]]:
        """Enable rotation.

        Raises
        ------
        RotationScheduleError
            If Secrets Manager rejects the call.

        """
        rules = {name: _parse_number(value) for name, value in properties.get("RotationRules", {}).items()}
        document = {
            "SecretId": properties["SecretId"],
            "RotationLambdaARN": properties.get("RotationLambdaARN"),
            "RotationRules": rules,
        }
        try:
            secret = self._rotations.enable(*self._get_scope(), document)
        except AwsServiceError as refusal:
            raise RotationScheduleError(
                f"{refusal.message} (Service: SecretsManager, Error: {refusal.code})"
            ) from refusal
        return secret["ARN"], {}

    def update(
        self, _id: str, _old: RotationProperties, new: RotationProperties, stack_name: str
    ) -> tuple[str, dict[str, Any]]:
        """Enable rotation with the new settings."""
        return self.create("", new, stack_name)

    def delete(self, _id: str, properties: RotationProperties) -> None:
        """Disable rotation. A missing secret is no error."""
        self._rotations.disable(*self._get_scope(), properties["SecretId"])


def _parse_number(value: object) -> object:
    return int(value) if isinstance(value, str) and value.isdecimal() else value
