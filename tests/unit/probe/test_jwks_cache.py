"""The key cache: which keys it adds, which it keeps, and when it fetches again."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from cognito_failover.common.deadlines import Deadline
from cognito_failover.common.errors import LedgerUnavailableError
from cognito_failover.core.probe_result import FailureKind
from cognito_failover.probe.https_client import HttpResponse, HttpsClient, HttpsEndpoint, NoResponseError, Timeouts
from cognito_failover.probe.jwks_cache import (
    EMPTY_JWKS,
    KEY_RETENTION_SECONDS,
    CachedJwks,
    CachedKey,
    JwksCache,
    KeySource,
    MemoryJwksStore,
    list_key_sources,
    merge_keys,
    parse_jwks,
)
from cognito_failover.settings.controller import Settings

NOW = 1_800_000_000.0
OLD = CachedJwks(fetched_at=NOW - 10_000, keys={"old": CachedKey(jwk={"kid": "old"}, listed_at=NOW - 10_000)})


def make_jwk(kid: str) -> dict[str, Any]:
    return {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid, "n": "n", "e": "AQAB"}


def make_jwks(*kids: str) -> bytes:
    return json.dumps({"keys": [make_jwk(kid) for kid in kids]}).encode()


class ScriptedJwksHosts(HttpsClient):
    """Returns a scripted response per host, without a network."""

    def __init__(self, responses: dict[str, Callable[[], HttpResponse]]) -> None:
        super().__init__(Timeouts(connect_seconds=1, read_seconds=1))
        self.responses = responses

    def get(self, endpoint: HttpsEndpoint, path: str = "/") -> HttpResponse:
        assert path == "/jwks"
        return self.responses[endpoint.host]()


def make_key_listing(*kids: str) -> Callable[[], HttpResponse]:
    return lambda: HttpResponse(status=200, headers={}, body=make_jwks(*kids))


def fail_without_response() -> HttpResponse:
    raise NoResponseError(FailureKind.CONNECT_TIMEOUT, "dead")


class JwksClock:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


def make_cache(
    store: MemoryJwksStore, clock: JwksClock | None = None, **responses: Callable[[], HttpResponse]
) -> JwksCache:
    sources = [KeySource(endpoint=HttpsEndpoint(host=host, server_name=host), path="/jwks") for host in responses]
    return JwksCache(store=store, sources=sources, https=ScriptedJwksHosts(responses), clock=clock or JwksClock())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"null",
        b'{"keys": 7}',
        b'{"keys": []}',
        b'{"keys": [{"kid": "k", "kty": "oct", "k": "secret"}]}',
        b'{"keys": [{"kid": 7, "kty": "RSA", "n": "n", "e": "e"}]}',
        b'{"keys": ["k"]}',
        b'{"keys": [{"kid": "k", "kty": "RSA", "use": "enc", "n": "n", "e": "e"}]}',
    ],
)
def test_malformed_key_set_lists_no_keys(body: bytes) -> None:
    assert parse_jwks(body) == {}


def test_key_set_lists_keys_by_kid() -> None:
    assert parse_jwks(make_jwks("a", "b")) == {"a": make_jwk("a"), "b": make_jwk("b")}


def test_empty_key_list_changes_nothing() -> None:
    assert merge_keys(OLD, {}, now=NOW) is OLD


def test_unlisted_key_is_kept_for_a_week() -> None:
    merged = merge_keys(OLD, {"new": make_jwk("new")}, now=NOW)
    assert set(merged.keys) == {"old", "new"}
    assert merged.fetched_at == NOW

    later = merge_keys(merged, {"new": make_jwk("new")}, now=NOW - 10_000 + KEY_RETENTION_SECONDS + 1)
    assert set(later.keys) == {"new"}


def test_one_available_source_is_enough() -> None:
    store = MemoryJwksStore()
    keys = make_cache(store, dead=fail_without_response, live=make_key_listing("a"))

    assert keys.refresh(Deadline(1))
    assert set(keys.cached) == {"a"}
    assert set(store.jwks.keys) == {"a"}


@pytest.mark.parametrize(
    "respond",
    [
        fail_without_response,
        lambda: HttpResponse(status=500, headers={}, body=make_jwks("a")),
        lambda: HttpResponse(status=200, headers={}, body=b'{"keys": []}'),
    ],
)
def test_failed_fetch_keeps_cached_keys(respond: Callable[[], HttpResponse]) -> None:
    store = MemoryJwksStore(OLD)
    keys = make_cache(store, only=respond)

    assert not keys.refresh(Deadline(1))
    assert set(keys.cached) == {"old"}
    assert store.jwks is OLD


def test_fetch_by_new_process_keeps_stored_keys() -> None:
    store = MemoryJwksStore(OLD)

    make_cache(store, live=make_key_listing("new")).refresh(Deadline(1))

    assert set(store.jwks.keys) == {"old", "new"}


def test_unreadable_store_is_not_overwritten() -> None:
    class UnavailableJwksStore(MemoryJwksStore):
        def load_keys(self) -> CachedJwks:
            raise LedgerUnavailableError("The table can't be read.")

    store = UnavailableJwksStore(OLD)
    with pytest.raises(LedgerUnavailableError):
        make_cache(store, live=make_key_listing("new")).refresh(Deadline(1))

    assert store.jwks is OLD


def test_keys_are_fetched_when_missing_and_then_hourly() -> None:
    clock = JwksClock()
    keys = make_cache(MemoryJwksStore(), clock, live=make_key_listing("a"))
    assert keys.is_refresh_due

    keys.refresh(Deadline(1))
    due_at = {}
    for seconds in (0, 3599, 3600):
        clock.now = NOW + seconds
        due_at[seconds] = keys.is_refresh_due

    assert due_at == {0: False, 3599: False, 3600: True}


def test_failed_fetch_is_retried_after_a_minute() -> None:
    clock = JwksClock()
    keys = make_cache(MemoryJwksStore(EMPTY_JWKS), clock, dead=fail_without_response)

    keys.refresh(Deadline(1))
    clock.now += 59
    assert not keys.is_refresh_due
    clock.now += 1
    assert keys.is_refresh_due


def test_unknown_kid_makes_fetch_due_a_minute_after_the_last() -> None:
    clock = JwksClock()
    keys = make_cache(MemoryJwksStore(), clock, live=make_key_listing("a"))
    keys.refresh(Deadline(1))
    keys.record_unknown_kid()
    assert not keys.is_refresh_due

    clock.now += 60
    assert keys.is_refresh_due


def test_key_sources_are_issuer_and_both_regions() -> None:
    settings = Settings(
        primary_region="ap-northeast-1",
        standby_region="us-east-1",
        user_pool_id="ap-northeast-1_abc",
        client_id="client",
        canary_secret_arn="arn:aws:secretsmanager:us-east-1:000000000000:secret:canary",
        hosted_zone_id="Z1",
        domain_name="auth.example.com",
        primary_target="tokyo.example.net",
        standby_target="virginia.example.net",
        table_name="table",
        topic_arn="arn:aws:sns:us-east-1:000000000000:topic",
    )

    assert [f"{source.endpoint.host}{source.path}" for source in list_key_sources(settings)] == [
        "issuer-cognito-idp.ap-northeast-1.amazonaws.com/ap-northeast-1_abc/.well-known/jwks.json",
        "cognito-idp.ap-northeast-1.amazonaws.com/ap-northeast-1_abc/.well-known/jwks.json",
        "cognito-idp.us-east-1.amazonaws.com/ap-northeast-1_abc/.well-known/jwks.json",
    ]
