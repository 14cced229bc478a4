"""The canary's credentials: cached in memory, and read again periodically or when Cognito rejects them."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from cognito_failover.common.errors import FailoverError
from cognito_failover.common.region import Instant


class CanarySecretError(FailoverError):
    """The canary's secret can't be read or is not valid. The message never contains its content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretValue:
    """A secret as Secrets Manager stores it."""

    version: str
    text: str = field(repr=False)


class SecretReader(Protocol):
    """Reads the canary's secret."""

    def read(self) -> SecretValue:
        """Return the current version.

        Raises
        ------
        CanarySecretError
            If it can't be read.

        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """The canary's user name and password.

    Attributes
    ----------
    version
        The version of the secret that they come from.
    subject
        The ``sub`` that its tokens must have. Empty if any ``sub`` is accepted.

    """

    version: str
    username: str = field(repr=False)
    password: str = field(repr=False)
    subject: str = ""


REREAD_INTERVAL_SECONDS = 300.0
"""Maximum age of cached credentials. After a rotation, every probe switches to the new user long before the next."""

DOUBT_REREAD_INTERVAL_SECONDS = 30.0
"""Maximum age of cached credentials that a Region contradicts. A person may have corrected the secret."""


class Canary:
    """Caches the credentials between rounds.

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
        self._is_in_doubt = False

    @property
    def cached(self) -> Credentials | None:
        """The credentials in memory, or None before the first successful read."""
        return self._cached

    def read(self) -> Credentials:
        """Read the secret, cache its credentials, and return them.

        Raises
        ------
        CanarySecretError
            If the secret can't be read or is not valid. The cached credentials stay.

        """
        secret = self._reader.read()
        credentials = parse_secret(secret)
        self._cached = credentials
        self._read_at = self._clock()
        return credentials

    @property
    def is_reread_due(self) -> bool:
        """Whether the secret should be read again."""
        interval = DOUBT_REREAD_INTERVAL_SECONDS if self._is_in_doubt else REREAD_INTERVAL_SECONDS
        return self._read_at is None or self._clock() - self._read_at >= interval

    def set_doubt(self, *, is_in_doubt: bool) -> None:
        """Record whether any Region contradicted the credentials in the last round."""
        self._is_in_doubt = is_in_doubt

    def reread_if_changed(self, rejected: Credentials) -> Credentials | None:
        """Read the secret again, and return its credentials, or None if its version is that of the rejected ones.

        Raises
        ------
        CanarySecretError
            If the secret can't be read or is not valid. The cached credentials stay.

        """
        credentials = self.read()
        return None if credentials.version == rejected.version else credentials


def parse_secret(secret: SecretValue) -> Credentials:
    """Parse a secret: a JSON object with ``username``, ``password`` and optionally ``sub``.

    Raises
    ------
    CanarySecretError
        If the secret is not valid. The message names the field.

    """
    try:
        fields = json.loads(secret.text)
    except ValueError:
        fields = None  # the decoder's error quotes the text, so it must not become the error's cause
    if not isinstance(fields, dict):
        raise CanarySecretError('The canary\'s secret is not a JSON object. Store {"username": "…", "password": "…"}.')
    return Credentials(
        version=secret.version,
        username=_require_text(fields, "username"),
        password=_require_text(fields, "password"),
        subject=_require_text(fields, "sub") if "sub" in fields else "",
    )


def _require_text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise CanarySecretError(f"The canary's secret has no usable {name!r}. It must be a non-empty string.")
    return value
