"""The canary's credentials: held in memory, and read again now and then, or when Cognito refuses them."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from cognito_failover.common.errors import FailoverError
from cognito_failover.common.region import Instant


class CanarySecretError(FailoverError):
    """The canary's secret can't be read or is not what it should be; its content is never part of the message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretValue:
    """A secret as Secrets Manager keeps it."""

    version: str
    text: str = field(repr=False)


class SecretReader(Protocol):
    """Reads the canary's secret."""

    def read(self) -> SecretValue:
        """Return the current version.

        Raises
        ------
        CanarySecretError
            If it can't be had.

        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Who the canary is.

    Attributes
    ----------
    version
        The secret's version they come from.
    subject
        The ``sub`` its tokens must have; empty if any will do.

    """

    version: str
    username: str = field(repr=False)
    password: str = field(repr=False)
    subject: str = ""


REREAD_INTERVAL_SECONDS = 300.0
"""How old what is held may get. After a rotation every probe so lets go of the other user, long before the next one."""


class Canary:
    """Holds the credentials between rounds.

    Parameters
    ----------
    reader
        Reads the secret.
    clock
        Seconds since the epoch.

    """

    def __init__(self, reader: SecretReader, *, clock: Callable[[], Instant] = time.time) -> None:
        self._reader = reader
        self._clock = clock
        self._cached: Credentials | None = None
        self._read_at: Instant | None = None

    @property
    def cached(self) -> Credentials | None:
        """What is in memory; None before the first successful read."""
        return self._cached

    def read(self) -> Credentials:
        """Read the secret and hold it.

        Raises
        ------
        CanarySecretError
            If it can't be read or understood; what is held stays held.

        """
        secret = self._reader.read()
        credentials = parse_secret(secret)
        self._cached = credentials
        self._read_at = self._clock()
        return credentials

    @property
    def is_reread_due(self) -> bool:
        """Whether what is held should be read again."""
        return self._read_at is None or self._clock() - self._read_at >= REREAD_INTERVAL_SECONDS

    def reread_if_changed(self, rejected: Credentials) -> Credentials | None:
        """Return other credentials than those Cognito refused, or None if the secret is still the same version.

        Raises
        ------
        CanarySecretError
            If it can't be read or understood; what is held stays held.

        """
        credentials = self.read()
        return None if credentials.version == rejected.version else credentials


def parse_secret(secret: SecretValue) -> Credentials:
    """Understand a secret: a JSON object with ``username``, ``password`` and optionally ``sub``.

    Raises
    ------
    CanarySecretError
        If it is anything else; the message names the field.

    """
    try:
        fields = json.loads(secret.text)
    except ValueError:
        fields = None  # the decoder's error quotes the text, so it must not become a cause
    if not isinstance(fields, dict):
        raise CanarySecretError('The canary\'s secret is no JSON object; store {"username": "…", "password": "…"}.')
    return Credentials(
        version=secret.version,
        username=_require_text(fields, "username"),
        password=_require_text(fields, "password"),
        subject=_require_text(fields, "sub") if "sub" in fields else "",
    )


def _require_text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise CanarySecretError(f"The canary's secret has no usable {name!r}; it must be a text that is not empty.")
    return value
