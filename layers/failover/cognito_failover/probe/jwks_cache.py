"""Cache of the pool's public keys. The host that serves them may fail with the primary Region."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from cognito_failover.common.deadlines import Deadline, run_in_thread, wait_for_result
from cognito_failover.common.region import Instant
from cognito_failover.probe.https_client import HttpsClient, HttpsEndpoint, NoResponseError
from cognito_failover.probe.token_verification import Jwk
from cognito_failover.settings.probe import ProbeSettings

REFRESH_INTERVAL_SECONDS = 3600.0
"""A cached key set older than this is fetched again."""

RETRY_INTERVAL_SECONDS = 60.0
"""Minimum time between two attempts to fetch the key set."""

KEY_RETENTION_SECONDS = 7 * 86_400.0
"""How long a key is kept after it was last listed."""

_OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedKey:
    """A public key, and when a JWKS last listed it."""

    jwk: Jwk
    listed_at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedJwks:
    """Public keys by ``kid``, and when they were last fetched."""

    fetched_at: Instant
    keys: Mapping[str, CachedKey]


EMPTY_JWKS = CachedJwks(fetched_at=0.0, keys={})


class JwksStore(Protocol):
    """Interface of a store that keeps the keys across processes."""

    def load_keys(self) -> CachedJwks:
        """Return the stored keys, or `EMPTY_JWKS` if there are none.

        Raises
        ------
        LedgerUnavailableError
            If the store can't be read.

        """
        ...

    def save_keys(self, jwks: CachedJwks) -> None:
        """Replace the stored keys.

        Raises
        ------
        LedgerUnavailableError
            If the store can't be written.

        """
        ...


class MemoryJwksStore:
    """Keeps the keys in memory, until the process ends."""

    def __init__(self, jwks: CachedJwks = EMPTY_JWKS) -> None:
        self.jwks = jwks

    def load_keys(self) -> CachedJwks:
        """Return the stored keys."""
        return self.jwks

    def save_keys(self, jwks: CachedJwks) -> None:
        """Replace the stored keys."""
        self.jwks = jwks


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySource:
    """An endpoint and path that may serve the JWKS."""

    endpoint: HttpsEndpoint
    path: str


def list_key_sources(settings: ProbeSettings) -> tuple[KeySource, ...]:
    """Return every source that may serve the pool's JWKS: the issuer's host, then each Region's endpoint."""
    path = f"/{settings.user_pool_id}/.well-known/jwks.json"
    hosts = (
        f"issuer-cognito-idp.{settings.primary_region}.amazonaws.com",
        f"cognito-idp.{settings.primary_region}.amazonaws.com",
        f"cognito-idp.{settings.standby_region}.amazonaws.com",
    )
    return tuple(KeySource(endpoint=HttpsEndpoint(host=host, server_name=host), path=path) for host in hosts)


def parse_jwks(body: bytes) -> dict[str, Jwk]:
    """Return the usable RSA signing keys of a JWKS by ``kid``. A malformed JWKS has none."""
    try:
        listed = json.loads(body)["keys"]
    except (ValueError, RecursionError, KeyError, TypeError):
        return {}
    if not isinstance(listed, list):
        return {}
    return {jwk["kid"]: jwk for jwk in listed if _is_signing_key(jwk)}


def merge_keys(cached: CachedJwks, listed: Mapping[str, Jwk], *, now: Instant) -> CachedJwks:
    """Return the key set after a fetch: the listed keys, and cached keys that were listed within the last week.

    An empty list changes nothing: a source that lists no key is broken, even if its status code is 200.
    """
    if not listed:
        return cached
    retained = {kid: key for kid, key in cached.keys.items() if now - key.listed_at <= KEY_RETENTION_SECONDS}
    return CachedJwks(
        fetched_at=now,
        keys=retained | {kid: CachedKey(jwk=jwk, listed_at=now) for kid, jwk in listed.items()},
    )


class JwksCache:
    """Caches the keys in memory and in a store, and refreshes them outside the path to a verdict.

    Parameters
    ----------
    store
        Keeps the keys after the process ends.
    sources
        Every source that may serve the keys. A refresh requests all of them at once.
    https
        Sends the requests.
    clock
        Seconds since the epoch.

    """

    def __init__(
        self, *, store: JwksStore, sources: Iterable[KeySource], https: HttpsClient, clock: Callable[[], Instant]
    ) -> None:
        self._store = store
        self._sources = tuple(sources)
        self._https = https
        self._clock = clock
        self._jwks: CachedJwks | None = None
        self._attempted_at: Instant | None = None
        self._has_unknown_kid = False

    @property
    def cached(self) -> Mapping[str, Jwk]:
        """The keys in memory by ``kid``. Never waits."""
        jwks = self._jwks or EMPTY_JWKS
        return {kid: key.jwk for kid, key in jwks.keys.items()}

    def load(self) -> None:
        """Read the stored keys into memory, once.

        Raises
        ------
        LedgerUnavailableError
            If the store can't be read.

        """
        if self._jwks is None:
            self._jwks = self._store.load_keys()

    def record_unknown_kid(self) -> None:
        """Record that a token was signed with a key that is not cached."""
        self._has_unknown_kid = True

    @property
    def is_refresh_due(self) -> bool:
        """Whether a fetch should be tried now."""
        now = self._clock()
        if self._attempted_at is not None and now - self._attempted_at < RETRY_INTERVAL_SECONDS:
            return False
        jwks = self._jwks or EMPTY_JWKS
        return self._has_unknown_kid or not jwks.keys or now - jwks.fetched_at >= REFRESH_INTERVAL_SECONDS

    def refresh(self, deadline: Deadline) -> bool:
        """Fetch the keys from every source, store them, and return whether any source listed a key in time.

        Raises
        ------
        LedgerUnavailableError
            If the store can't be read, or can't be written. If it can't be written, the keys are still in memory.

        """
        self.load()  # the save below must include the stored keys
        self._attempted_at = self._clock()
        fetches = [
            run_in_thread(partial(self._fetch, source), name=f"jwks-{source.endpoint.host}") for source in self._sources
        ]
        listed: dict[str, Jwk] = {}
        for fetch in fetches:
            keys = wait_for_result(deadline, fetch, default={})
            listed |= keys
        if not listed:
            return False
        self._jwks = merge_keys(self._jwks or EMPTY_JWKS, listed, now=self._clock())
        self._has_unknown_kid = False
        self._store.save_keys(self._jwks)
        return True

    def _fetch(self, source: KeySource) -> dict[str, Jwk]:
        try:
            response = self._https.get(source.endpoint, source.path)
        except NoResponseError:
            return {}
        return parse_jwks(response.body) if response.status == _OK else {}


def _is_signing_key(jwk: Any) -> bool:
    return (
        isinstance(jwk, dict)
        and jwk.get("kty") == "RSA"
        and jwk.get("use", "sig") == "sig"
        and all(isinstance(jwk.get(name), str) and jwk[name] for name in ("kid", "n", "e"))
    )
