"""A secret's versions and their labels in the engine."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

type SecretRecord = dict[str, Any]
"""The engine's record of a secret."""

CURRENT_LABEL, PENDING_LABEL = "AWSCURRENT", "AWSPENDING"


class EngineSecrets:
    """The engine's secrets, by account, Region, and name or ARN."""

    def __init__(self) -> None:
        # Late import: the engine reads its environment at import.
        from ministack.core import responses  # noqa: PLC0415
        from ministack.services import secretsmanager  # noqa: PLC0415

        self._engine: Any = secretsmanager
        self._responses: Any = responses

    def find_rotatable(self, account: str, region: str, secret_id: str) -> SecretRecord | None:
        """Return a secret that can be rotated in a Region, or None if it is missing, deleted or a replica."""
        with self._use_scope(account, region):
            _, secret = self._engine._resolve(secret_id)  # noqa: SLF001 - the engine has no public accessor
        if secret is None or secret.get("DeletedDate") or self._engine._is_replica(secret):  # noqa: SLF001 - as above
            return None
        record: SecretRecord = secret
        return record

    def find_any(self, account: str, region: str, secret_id: str) -> SecretRecord | None:
        """Return a secret, including deleted secrets and replicas, or None."""
        with self._use_scope(account, region):
            secret: SecretRecord | None = self._engine._resolve(secret_id)[1]  # noqa: SLF001 - as above
        return secret

    def sync_replicas(self, account: str, region: str, secret: SecretRecord) -> None:
        """Bring a secret's replicas up to date."""
        with self._use_scope(account, region):
            self._engine._sync_replicas(secret)  # noqa: SLF001 - as above

    @contextmanager
    def _use_scope(self, account: str, region: str) -> Iterator[None]:
        with self._responses.request_scope(account, region):
            yield


def find_labelled(secret: SecretRecord, label: str) -> str | None:
    """Return the id of the version with a label, or None."""
    return next((version for version, record in secret["Versions"].items() if label in record["Stages"]), None)


def remove_label(secret: SecretRecord, label: str) -> None:
    """Remove a label from its version, and delete a version without labels."""
    version = find_labelled(secret, label)
    if version is None:
        return
    secret["Versions"][version]["Stages"].remove(label)
    if not secret["Versions"][version]["Stages"]:
        del secret["Versions"][version]


def has_value(version: SecretRecord) -> bool:
    """Return whether a version has a value."""
    return version.get("SecretString") is not None or version.get("SecretBinary") is not None
