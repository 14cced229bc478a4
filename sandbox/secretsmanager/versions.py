"""A secret's versions and their labels, as the engine holds them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

type SecretRecord = dict[str, Any]
"""A secret as the engine holds it."""

CURRENT_LABEL, PENDING_LABEL = "AWSCURRENT", "AWSPENDING"


class EngineSecrets:
    """The engine's secrets, by account, Region, and name or ARN."""

    def __init__(self) -> None:
        # Late: the engine reads its surroundings when it is imported.
        from ministack.core import responses  # noqa: PLC0415
        from ministack.services import secretsmanager  # noqa: PLC0415

        self._engine: Any = secretsmanager
        self._responses: Any = responses

    def find_rotatable(self, account: str, region: str, secret_id: str) -> SecretRecord | None:
        """Return a secret that can be rotated in a Region: neither deleted nor a replica; None if there is none."""
        with self._use_scope(account, region):
            _, secret = self._engine._resolve(secret_id)  # noqa: SLF001 - the engine has no other way to its state
        if secret is None or secret.get("DeletedDate") or self._engine._is_replica(secret):  # noqa: SLF001 - as above
            return None
        held: SecretRecord = secret
        return held

    def find_any(self, account: str, region: str, secret_id: str) -> SecretRecord | None:
        """Return a secret, whatever may be done with it."""
        with self._use_scope(account, region):
            held: SecretRecord | None = self._engine._resolve(secret_id)[1]  # noqa: SLF001 - as above
        return held

    def sync_replicas(self, account: str, region: str, secret: SecretRecord) -> None:
        """Bring a secret's replicas up to date."""
        with self._use_scope(account, region):
            self._engine._sync_replicas(secret)  # noqa: SLF001 - as above

    @contextmanager
    def _use_scope(self, account: str, region: str) -> Iterator[None]:
        with self._responses.request_scope(account, region):
            yield


def find_labelled(secret: SecretRecord, label: str) -> str | None:
    """Return the version that has a label; None if none has."""
    return next((version for version, held in secret["Versions"].items() if label in held["Stages"]), None)


def remove_label(secret: SecretRecord, label: str) -> None:
    """Take a label from whichever version has it; a version without labels is forgotten."""
    version = find_labelled(secret, label)
    if version is None:
        return
    secret["Versions"][version]["Stages"].remove(label)
    if not secret["Versions"][version]["Stages"]:
        del secret["Versions"][version]


def has_value(version: SecretRecord) -> bool:
    """Whether a version has been given its value."""
    return version.get("SecretString") is not None or version.get("SecretBinary") is not None
