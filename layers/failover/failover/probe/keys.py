"""The pool's public keys, kept from before: the host that serves them may die with the primary Region."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from failover.bounded import Deadline, result_by, start
from failover.probe.https import Endpoint, Https, SilenceError
from failover.probe.tokens import Jwk
from failover.region import Instant
from failover.settings_probe import ProbeSettings

REFRESH_SECONDS = 3600.0
"""A kept set older than this is fetched anew."""

RETRY_SECONDS = 60.0
"""Between two attempts to fetch it."""

KEEP_SECONDS = 7 * 86_400.0
"""How long a key is kept after it was last listed."""

_OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptKey:
    """A public key, and when a JWKS last listed it."""

    jwk: Jwk
    listed_at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptKeys:
    """Public keys by ``kid``, and when they were last fetched."""

    fetched_at: Instant
    keys: Mapping[str, KeptKey]


NO_KEYS = KeptKeys(fetched_at=0.0, keys={})


class KeyStore(Protocol):
    """Keeps the keys across processes."""

    def load_keys(self) -> KeptKeys:
        """Return what was kept, `NO_KEYS` if nothing was.

        Raises
        ------
        LedgerUnavailableError
            If the store can't be read.

        """
        ...

    def save_keys(self, kept: KeptKeys) -> None:
        """Keep these instead.

        Raises
        ------
        LedgerUnavailableError
            If the store can't be written.

        """
        ...


class MemoryKeyStore:
    """Keeps the keys as long as the process lives."""

    def __init__(self, kept: KeptKeys = NO_KEYS) -> None:
        self.kept = kept

    def load_keys(self) -> KeptKeys:
        """Return what was kept."""
        return self.kept

    def save_keys(self, kept: KeptKeys) -> None:
        """Keep these instead."""
        self.kept = kept


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySource:
    """A place that may serve the JWKS."""

    endpoint: Endpoint
    path: str


def key_sources(settings: ProbeSettings) -> tuple[KeySource, ...]:
    """List every place that may serve the pool's JWKS: the issuer's host, then each Region's own."""
    path = f"/{settings.user_pool_id}/.well-known/jwks.json"
    hosts = (
        f"issuer-cognito-idp.{settings.primary_region}.amazonaws.com",
        f"cognito-idp.{settings.primary_region}.amazonaws.com",
        f"cognito-idp.{settings.standby_region}.amazonaws.com",
    )
    return tuple(KeySource(endpoint=Endpoint(host=host, server_name=host), path=path) for host in hosts)


def parse_jwks(body: bytes) -> dict[str, Jwk]:
    """Read the usable RSA signing keys of a JWKS, by ``kid``; none if it is malformed."""
    try:
        listed = json.loads(body)["keys"]
    except (ValueError, RecursionError, KeyError, TypeError):
        return {}
    if not isinstance(listed, list):
        return {}
    return {jwk["kid"]: jwk for jwk in listed if _is_signing_key(jwk)}


def merge(kept: KeptKeys, listed: Mapping[str, Jwk], *, now: Instant) -> KeptKeys:
    """Return the kept set after a fetch: the listed keys, and those unlisted for no longer than a week.

    An empty list changes nothing: a source that lists no key is broken, whatever its status code.
    """
    if not listed:
        return kept
    still_kept = {kid: key for kid, key in kept.keys.items() if now - key.listed_at <= KEEP_SECONDS}
    return KeptKeys(
        fetched_at=now,
        keys=still_kept | {kid: KeptKey(jwk=jwk, listed_at=now) for kid, jwk in listed.items()},
    )


class Keys:
    """The keys in memory, kept in a store, renewed away from the verdict's path.

    Parameters
    ----------
    store
        Where they survive the process.
    sources
        Every place that may serve them; all are asked at once.
    https
        Makes the requests.
    clock
        Seconds since the epoch.

    """

    def __init__(
        self, *, store: KeyStore, sources: Iterable[KeySource], https: Https, clock: Callable[[], Instant]
    ) -> None:
        self._store = store
        self._sources = tuple(sources)
        self._https = https
        self._clock = clock
        self._kept: KeptKeys | None = None
        self._tried_at: Instant | None = None
        self._missed = False

    @property
    def held(self) -> Mapping[str, Jwk]:
        """The keys in memory by ``kid``, without waiting for anything."""
        kept = self._kept or NO_KEYS
        return {kid: key.jwk for kid, key in kept.keys.items()}

    def load(self) -> None:
        """Read the kept keys into memory, once.

        Raises
        ------
        LedgerUnavailableError
            If the store can't be read.

        """
        if self._kept is None:
            self._kept = self._store.load_keys()

    def missed(self) -> None:
        """Note that a token was signed with a key that is not kept."""
        self._missed = True

    @property
    def due(self) -> bool:
        """Whether a fetch is worth trying now."""
        now = self._clock()
        if self._tried_at is not None and now - self._tried_at < RETRY_SECONDS:
            return False
        kept = self._kept or NO_KEYS
        return self._missed or not kept.keys or now - kept.fetched_at >= REFRESH_SECONDS

    def refresh(self, deadline: Deadline) -> bool:
        """Fetch the keys from every source and keep them; whether any source listed a key in time.

        Raises
        ------
        LedgerUnavailableError
            If the store can't be read, or can't be written; then the keys are held in memory all the same.

        """
        self.load()  # so that what is saved below includes what was kept
        self._tried_at = self._clock()
        fetches = [start(partial(self._fetch, source), name=f"jwks-{source.endpoint.host}") for source in self._sources]
        listed: dict[str, Jwk] = {}
        for fetch in fetches:
            keys = result_by(deadline, fetch, late={})
            listed |= keys
        if not listed:
            return False
        self._kept = merge(self._kept or NO_KEYS, listed, now=self._clock())
        self._missed = False
        self._store.save_keys(self._kept)
        return True

    def _fetch(self, source: KeySource) -> dict[str, Jwk]:
        try:
            reply = self._https.get(source.endpoint, source.path)
        except SilenceError:
            return {}
        return parse_jwks(reply.body) if reply.status == _OK else {}


def _is_signing_key(jwk: Any) -> bool:
    return (
        isinstance(jwk, dict)
        and jwk.get("kty") == "RSA"
        and jwk.get("use", "sig") == "sig"
        and all(isinstance(jwk.get(name), str) and jwk[name] for name in ("kid", "n", "e"))
    )
