"""What checks ask: each fact is a function that reads it, and is read once in a look, whoever asks."""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Concatenate, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from failover.errors import FailoverError
from failover.ledger.ledger import Ledger
from failover.levers.authority import Authority
from failover.levers.zone import Zone
from failover.preflight.parents import Parents
from failover.probe.canary import SecretReader
from failover.probe.https import Https
from failover.region import Instant
from failover.settings import Settings

type Document = Mapping[str, Any]
"""What a service answers."""

_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"})


class UnreadError(FailoverError):
    """A fact that could not be read; the message says why. A check that needs it is unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
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
    client: Callable[[str, str], Any]
    unsigned_cognito: Callable[[str], Any]
    zone: Zone
    authority: Authority
    parents: Parents
    secret: SecretReader
    https: Https
    ledger: Ledger
    now: Instant


class Facts(Protocol):
    """Answers checks and readings alike."""

    @property
    def site(self) -> Site:
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
        self, reading: Callable[Concatenate["Facts", P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Return what a reading reads.

        Raises
        ------
        UnreadError
            If it can't be read.

        """
        ...


class LiveFacts:
    """Reads facts when they are first asked for; `Facts`. Several threads may ask at once.

    Parameters
    ----------
    site
        Where.

    """

    def __init__(self, site: Site) -> None:
        self.site = site
        self._read: dict[tuple[Any, ...], Future[Any]] = {}
        self._lock = threading.Lock()

    @property
    def settings(self) -> Settings:
        """The deployment's settings."""
        return self.site.settings

    @property
    def now(self) -> Instant:
        """When the look began."""
        return self.site.now

    def __call__[T, **P](self, reading: Callable[Concatenate[Facts, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what a reading reads, or read before."""
        key = (reading, args, tuple(sorted(kwargs.items())))
        with self._lock:
            known = self._read.get(key)
            fact: Future[T] = known or Future()
            self._read[key] = fact
        if known is None:
            try:
                fact.set_result(reading(self, *args, **kwargs))
            except (BotoCoreError, ClientError, FailoverError) as error:
                fact.set_exception(error if isinstance(error, UnreadError) else UnreadError(why(error)))
            except Exception as error:  # noqa: BLE001 - what a service answers is not ours to promise
                fact.set_exception(UnreadError(f"The answer was not understood ({type(error).__name__}: {error})."))
        return fact.result()


def why(error: Exception) -> str:
    """Return, as a sentence, why something could not be read."""
    if isinstance(error, ClientError):
        code, said = error.response["Error"].get("Code", ""), error.response["Error"].get("Message", "")
        answered = f"{error.operation_name} answered {code}: {said}".rstrip(": .")
        hint = " Preflight's role may not ask, or something denies it." if code in _DENIED else ""
        return f"{answered}.{hint}"
    if isinstance(error, BotoCoreError):
        return f"No answer: {str(error).rstrip('.')}."
    return str(error)
