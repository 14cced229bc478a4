"""Snapshot of facts for the checks. A fact is the result of a reader function, which runs once per preflight run."""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Concatenate, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from cognito_failover.common.errors import FailoverError
from cognito_failover.common.region import Instant
from cognito_failover.preflight.delegation import DelegationReader
from cognito_failover.probe.canary_credentials import SecretReader
from cognito_failover.probe.https_client import HttpsClient
from cognito_failover.probe.jwks_cache import JwksStore
from cognito_failover.routing.dns.authoritative_dns import AuthoritativeDns
from cognito_failover.routing.records.hosted_zone import DnsZone
from cognito_failover.settings.controller import Settings

type ServiceResponse = Mapping[str, Any]
"""A part of a service's response."""

_ACCESS_DENIED_CODES = frozenset(
    {"AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"}
)


class FactUnavailableError(FailoverError):
    """A fact could not be read. The message says why. A check that needs the fact is unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckContext:
    """The sources of facts.

    Attributes
    ----------
    settings
        The deployment's settings.
    get_client
        Returns the client of a service in a Region.
    get_unsigned_cognito
        Returns a Cognito client that does not sign requests, as users' apps do.
    zone, authority, delegation_reader
        The domains' hosted zone, its name servers, and its delegation.
    secret
        The canary's secret in the standby Region.
    https
        Sends requests for key sets and for the canary's sign-in.
    ledger
        The store of the controller's cached keys.
    now
        When the run began.

    """

    settings: Settings
    get_client: Callable[[str, str], Any]
    get_unsigned_cognito: Callable[[str], Any]
    zone: DnsZone
    authority: AuthoritativeDns
    delegation_reader: DelegationReader
    secret: SecretReader
    https: HttpsClient
    ledger: JwksStore
    now: Instant


class Snapshot(Protocol):
    """Provides facts to checks and readers."""

    @property
    def context(self) -> CheckContext:
        """The sources of facts."""
        ...

    @property
    def settings(self) -> Settings:
        """The deployment's settings."""
        ...

    @property
    def now(self) -> Instant:
        """When the run began."""
        ...

    def read[T, **P](self, reader: Callable[Concatenate["Snapshot", P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Return the result of ``reader(self, *args, **kwargs)``. It runs only once with the same arguments.

        Raises
        ------
        FactUnavailableError
            If the fact can't be read.

        """
        ...


class CachedSnapshot:
    """Reads each fact on its first use and caches it. Thread-safe. See `Snapshot`.

    Parameters
    ----------
    context
        The sources of facts.

    """

    def __init__(self, context: CheckContext) -> None:
        self.context = context
        self._futures: dict[tuple[Any, ...], Future[Any]] = {}
        self._lock = threading.Lock()

    @property
    def settings(self) -> Settings:
        """The deployment's settings."""
        return self.context.settings

    @property
    def now(self) -> Instant:
        """When the run began."""
        return self.context.now

    def read[T, **P](self, reader: Callable[Concatenate[Snapshot, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Return the fact that a reader reads, from the cache after the first call."""
        key = (reader, args, tuple(sorted(kwargs.items())))
        with self._lock:
            existing = self._futures.get(key)
            fact: Future[T] = existing or Future()
            self._futures[key] = fact
        if existing is None:
            try:
                fact.set_result(reader(self, *args, **kwargs))
            except (BotoCoreError, ClientError, FailoverError) as error:
                fact.set_exception(
                    error if isinstance(error, FactUnavailableError) else FactUnavailableError(describe_error(error))
                )
            except Exception as error:  # noqa: BLE001 - a response may have any form
                fact.set_exception(FactUnavailableError(f"Unexpected response ({type(error).__name__}: {error})."))
        return fact.result()


def describe_error(error: Exception) -> str:
    """Return why a fact could not be read, as a sentence."""
    if isinstance(error, ClientError):
        code, message = error.response["Error"].get("Code", ""), error.response["Error"].get("Message", "")
        response_text = f"{error.operation_name} returned {code}: {message}".rstrip(": .")
        hint = " Preflight's role lacks a permission, or a policy denies it." if code in _ACCESS_DENIED_CODES else ""
        return f"{response_text}.{hint}"
    if isinstance(error, BotoCoreError):
        return f"No response: {str(error).rstrip('.')}."
    return str(error)
