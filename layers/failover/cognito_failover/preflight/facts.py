"""What checks ask: each fact is a function that reads it, and is read once in a look, whoever asks."""

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
"""What a service answers."""

_ACCESS_DENIED_CODES = frozenset(
    {"AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"}
)


class FactUnavailableError(FailoverError):
    """A fact that could not be read; the message says why. A check that needs it is unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckContext:
    """Where facts are read.

    Attributes
    ----------
    settings
        The deployment's.
    client
        Returns the client of a service in a Region.
    unsigned_cognito
        Returns a client of Cognito that signs nothing: a user's.
    zone, authority, parents
        The domains' hosted zone, its name servers, and those above them.
    secret
        The canary's, in the standby Region.
    https
        For what isn't AWS's API: key sets, and the canary's sign-in.
    ledger
        For what the controller keeps.
    now
        When the look began.

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
    """Answers checks and readings alike."""

    @property
    def context(self) -> CheckContext:
        """Where facts are read."""
        ...

    @property
    def settings(self) -> Settings:
        """The deployment's settings."""
        ...

    @property
    def now(self) -> Instant:
        """When the look began."""
        ...

    def __call__[T, **P](
        self, reader: Callable[Concatenate["Snapshot", P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Return what a reading reads.

        Raises
        ------
        UnreadError
            If it can't be read.

        """
        ...


class CachedSnapshot:
    """Reads facts when they are first asked for; `Snapshot`. Several threads may ask at once.

    Parameters
    ----------
    site
        Where.

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
        """When the look began."""
        return self.context.now

    def __call__[T, **P](
        self, reader: Callable[Concatenate[Snapshot, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Return what a reading reads, or read before."""
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
            except Exception as error:  # noqa: BLE001 - what a service answers is not ours to promise
                fact.set_exception(
                    FactUnavailableError(f"The answer was not understood ({type(error).__name__}: {error}).")
                )
        return fact.result()


def describe_error(error: Exception) -> str:
    """Return, as a sentence, why something could not be read."""
    if isinstance(error, ClientError):
        code, message = error.response["Error"].get("Code", ""), error.response["Error"].get("Message", "")
        response_text = f"{error.operation_name} answered {code}: {message}".rstrip(": .")
        hint = " Preflight's role may not ask, or something denies it." if code in _ACCESS_DENIED_CODES else ""
        return f"{response_text}.{hint}"
    if isinstance(error, BotoCoreError):
        return f"No answer: {str(error).rstrip('.')}."
    return str(error)
