"""The kept keys: what is learnt, what is never forgotten, when to ask again."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from failover.bounded import Deadline
from failover.errors import LedgerUnavailableError
from failover.probe.answer import Silence
from failover.probe.https import Endpoint, Https, Reply, SilenceError, Timeouts
from failover.probe.keys import (
    KEEP_SECONDS,
    NO_KEYS,
    KeptKey,
    KeptKeys,
    Keys,
    KeySource,
    MemoryKeyStore,
    key_sources,
    merge,
    parse_jwks,
)
from failover.settings import Settings

NOW = 1_800_000_000.0
OLD = KeptKeys(fetched_at=NOW - 10_000, keys={"old": KeptKey(jwk={"kid": "old"}, listed_at=NOW - 10_000)})


def jwk(kid: str) -> dict[str, Any]:
    return {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid, "n": "n", "e": "AQAB"}


def jwks(*kids: str) -> bytes:
    return json.dumps({"keys": [jwk(kid) for kid in kids]}).encode()


class Hosts(Https):
    """Answers for each host without a network."""

    def __init__(self, replies: dict[str, Callable[[], Reply]]) -> None:
        super().__init__(Timeouts(connect_seconds=1, read_seconds=1))
        self.replies = replies
        self.asked: list[str] = []

    def get(self, endpoint: Endpoint, path: str = "/") -> Reply:
        self.asked.append(f"{endpoint.host}{path}")
        return self.replies[endpoint.host]()


def listing(*kids: str) -> Callable[[], Reply]:
    return lambda: Reply(status=200, headers={}, body=jwks(*kids))


def silent() -> Reply:
    raise SilenceError(Silence.CONNECT_TIMEOUT, "dead")


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


def make_keys(store: MemoryKeyStore, clock: Clock | None = None, **replies: Callable[[], Reply]) -> Keys:
    sources = [KeySource(endpoint=Endpoint(host=host, server_name=host), path="/jwks") for host in replies]
    return Keys(store=store, sources=sources, https=Hosts(replies), clock=clock or Clock())


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
def test_what_is_no_key_set_lists_no_keys(body: bytes) -> None:
    assert parse_jwks(body) == {}


def test_a_key_set_lists_its_keys_by_kid() -> None:
    assert parse_jwks(jwks("a", "b")) == {"a": jwk("a"), "b": jwk("b")}


def test_an_empty_list_changes_nothing() -> None:
    assert merge(OLD, {}, now=NOW) is OLD


def test_a_key_no_longer_listed_is_kept_for_a_week() -> None:
    merged = merge(OLD, {"new": jwk("new")}, now=NOW)
    assert set(merged.keys) == {"old", "new"}
    assert merged.fetched_at == NOW

    later = merge(merged, {"new": jwk("new")}, now=NOW - 10_000 + KEEP_SECONDS + 1)
    assert set(later.keys) == {"new"}


def test_one_live_source_is_enough() -> None:
    store = MemoryKeyStore()
    keys = make_keys(store, dead=silent, live=listing("a"))

    assert keys.refresh(Deadline(1))
    assert set(keys.held) == {"a"}
    assert set(store.kept.keys) == {"a"}


@pytest.mark.parametrize(
    "reply",
    [
        silent,
        lambda: Reply(status=500, headers={}, body=jwks("a")),
        lambda: Reply(status=200, headers={}, body=b'{"keys": []}'),
    ],
)
def test_a_failed_fetch_leaves_what_was_kept(reply: Callable[[], Reply]) -> None:
    store = MemoryKeyStore(OLD)
    keys = make_keys(store, only=reply)

    assert not keys.refresh(Deadline(1))
    assert set(keys.held) == {"old"}
    assert store.kept is OLD


def test_a_fetch_by_a_new_process_does_not_forget_what_others_kept() -> None:
    store = MemoryKeyStore(OLD)

    make_keys(store, live=listing("new")).refresh(Deadline(1))

    assert set(store.kept.keys) == {"old", "new"}


def test_a_store_that_cant_be_read_is_not_overwritten() -> None:
    class Down(MemoryKeyStore):
        def load_keys(self) -> KeptKeys:
            raise LedgerUnavailableError("The table can't be read.")

    store = Down(OLD)
    with pytest.raises(LedgerUnavailableError):
        make_keys(store, live=listing("new")).refresh(Deadline(1))

    assert store.kept is OLD


def test_keys_are_due_when_there_are_none_and_then_once_an_hour() -> None:
    clock = Clock()
    keys = make_keys(MemoryKeyStore(), clock, live=listing("a"))
    assert keys.due

    keys.refresh(Deadline(1))
    due_at = {}
    for seconds in (0, 3599, 3600):
        clock.now = NOW + seconds
        due_at[seconds] = keys.due

    assert due_at == {0: False, 3599: False, 3600: True}


def test_a_failed_fetch_is_tried_again_after_a_minute() -> None:
    clock = Clock()
    keys = make_keys(MemoryKeyStore(NO_KEYS), clock, dead=silent)

    keys.refresh(Deadline(1))
    clock.now += 59
    assert not keys.due
    clock.now += 1
    assert keys.due


def test_an_unknown_kid_makes_a_fetch_due() -> None:
    clock = Clock()
    keys = make_keys(MemoryKeyStore(), clock, live=listing("a"))
    keys.refresh(Deadline(1))
    keys.missed()
    assert not keys.due

    clock.now += 60
    assert keys.due


def test_every_place_that_may_serve_the_keys_is_asked() -> None:
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

    assert [f"{source.endpoint.host}{source.path}" for source in key_sources(settings)] == [
        "issuer-cognito-idp.ap-northeast-1.amazonaws.com/ap-northeast-1_abc/.well-known/jwks.json",
        "cognito-idp.ap-northeast-1.amazonaws.com/ap-northeast-1_abc/.well-known/jwks.json",
        "cognito-idp.us-east-1.amazonaws.com/ap-northeast-1_abc/.well-known/jwks.json",
    ]
