"""Errors and limits that only the ledger in DynamoDB has."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ConnectTimeoutError

from cognito_failover.common.errors import LedgerConflictError, LedgerUnavailableError
from cognito_failover.common.region import RegionRole, route_all_to
from cognito_failover.core.model.event import Event, EventKind
from cognito_failover.core.model.state import ControllerState
from cognito_failover.storage.dynamodb import DynamoDBLedger
from tests.integration.routing.route53_session import BotocoreBody
from tests.integration.storage.conftest import TABLE
from tests.integration.storage.test_ledger_contract import make_observation

NOW = 1_800_000_000.0
STATE = ControllerState(
    created_at=NOW, active_role=RegionRole.PRIMARY, active_since=NOW, weights=route_all_to(RegionRole.PRIMARY)
)
CALLS = {
    "load": lambda ledger: ledger.load(),
    "save": lambda ledger: ledger.save(STATE, expected=None),
    "save-with-history": lambda ledger: ledger.save(STATE, expected=None, events=[_make_event(NOW)]),
    "acquire_lease": lambda ledger: ledger.acquire_lease("me", now=NOW, seconds=20),
    "release_lease": lambda ledger: ledger.release_lease("me"),
    "load_observations": lambda ledger: ledger.load_observations(("eu-west-1",)),
    "load_history": lambda ledger: ledger.load_history(limit=1).events,
    "load_keys": lambda ledger: ledger.load_keys(),
}


def _make_event(at: float) -> Event:
    return Event(kind=EventKind.PAUSED, at=at, message="paused")


@contextmanager
def _make_client_time_out(client: Any) -> Iterator[None]:
    def time_out(**_: Any) -> None:
        raise ConnectTimeoutError(endpoint_url="dynamodb")

    client.meta.events.register_first("before-send.dynamodb", time_out)
    yield
    client.meta.events.unregister("before-send.dynamodb", time_out)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_missing_table_is_unavailable_and_named(client: Any, call: Any) -> None:
    with pytest.raises(LedgerUnavailableError, match=r"The table elsewhere failed to .*ResourceNotFound"):
        call(DynamoDBLedger(client, "elsewhere"))


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_timeout_is_unavailable(client: Any, table: DynamoDBLedger, call: Any) -> None:
    with (
        _make_client_time_out(client),
        pytest.raises(LedgerUnavailableError, match=f"The table {TABLE} failed to .*timeout"),
    ):
        call(table)


@pytest.mark.parametrize(
    "body", ["", "{}", "not JSON", '{"schema_version": 1}', '{"schema_version": 1, "active_role": "third"}']
)
def test_malformed_state_is_not_lost_state(client: Any, table: DynamoDBLedger, body: str) -> None:
    item = {"pk": {"S": "state"}, "sk": {"S": "state"}, "version": {"N": "3"}, "body": {"S": body or " "}}
    client.put_item(TableName=TABLE, Item=item)
    with pytest.raises(LedgerUnavailableError, match=r"a state that this version can't read .* delete the item"):
        table.load()


def test_history_expires_after_400_days(client: Any, table: DynamoDBLedger) -> None:
    table.save(STATE, expected=None, events=[_make_event(NOW)])
    items = client.query(
        TableName=TABLE, KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": {"S": "history"}}
    )["Items"]
    assert [item["expires_at"] for item in items] == [{"N": str(int(NOW) + 400 * 86_400)}]


def test_transaction_lost_to_another_writer_is_a_conflict(client: Any, table: DynamoDBLedger) -> None:
    saved = table.save(STATE, expected=None)
    other = DynamoDBLedger(client, TABLE)
    other.save(STATE, expected=saved.version, events=[_make_event(NOW)])
    with pytest.raises(LedgerConflictError, match=f"no longer at version {saved.version}"):
        table.save(STATE, expected=saved.version, events=[_make_event(NOW + 1)])
    assert len(table.load_history(limit=10).events) == 1


def test_events_beyond_transaction_limit_do_not_block_save(
    table: DynamoDBLedger,
) -> None:
    saved = table.save(STATE, expected=None, events=[_make_event(NOW + number) for number in range(120)])
    assert table.load() == saved
    assert len(table.load_history(limit=200).events) == 99


INVALID_OBSERVER, VALID_OBSERVER = "eu-west-1", "us-west-2"


def _observation_item(observer: str, body: str) -> dict[str, Any]:
    return {"pk": {"S": f"observation#{observer}"}, "sk": {"S": "observation"}, "body": {"S": body}}


@pytest.mark.parametrize(
    "body",
    [
        "not JSON",
        "{}",
        msgspec.json.encode(make_observation(VALID_OBSERVER, NOW)).decode(),
        msgspec.json.encode(make_observation(INVALID_OBSERVER, NOW)).decode() + 10_000 * " ",
    ],
    ids=["nonsense", "incomplete", "in-anothers-name", "too-long"],
)
def test_invalid_observation_is_ignored_without_affecting_others(client: Any, table: DynamoDBLedger, body: str) -> None:
    table.save_observation(make_observation(VALID_OBSERVER, NOW))
    client.put_item(TableName=TABLE, Item=_observation_item(INVALID_OBSERVER, body))
    assert table.load_observations((INVALID_OBSERVER, VALID_OBSERVER)) == (make_observation(VALID_OBSERVER, NOW),)


def test_observation_without_body_is_ignored(client: Any, table: DynamoDBLedger) -> None:
    item = _observation_item(INVALID_OBSERVER, "")
    del item["body"]
    client.put_item(TableName=TABLE, Item=item)
    assert table.load_observations((INVALID_OBSERVER,)) == ()


def test_unprocessed_observation_keys_are_unavailable(client: Any, table: DynamoDBLedger) -> None:
    def leave_unread(parsed: dict[str, Any], **_: Any) -> None:
        parsed["UnprocessedKeys"] = {TABLE: {"Keys": []}}

    client.meta.events.register("after-call.dynamodb.BatchGetItem", leave_unread)
    with pytest.raises(LedgerUnavailableError, match="is throttled: not all observations could be read"):
        table.load_observations((VALID_OBSERVER,))


@contextmanager
def _respond_with(client: Any, body: bytes, *, status: int = 200) -> Iterator[None]:
    def answer(request: Any, **_: Any) -> AWSResponse:
        return AWSResponse(request.url, status, HTTPHeaders(), BotocoreBody(body))

    client.meta.events.register_first("before-send.dynamodb", answer)
    yield
    client.meta.events.unregister("before-send.dynamodb", answer)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "answered 200, but not as DynamoDB does"),
        (b"<html>oops", "answered 200, but not as DynamoDB does"),
        (b"[]", "in the table ledger failed with an unexpected error"),
        (b'"Item"', "in the table ledger failed with an unexpected error"),
    ],
)
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_malformed_dynamodb_response_is_neither_lost_state_nor_save(
    client: Any, table: DynamoDBLedger, call: Any, body: bytes, said: str
) -> None:
    with _respond_with(client, body), pytest.raises(LedgerUnavailableError, match=said):
        call(table)


@pytest.mark.parametrize(
    ("call", "body"),
    [
        ("load", b'{"Item": {}}'),
        ("load", b'{"Item": {"body": {"S": "{}"}}}'),
        ("load", b'{"Item": {"body": {"N": "1"}, "version": {"N": "1"}}}'),
        ("load_observations", b"{}"),
        ("load_observations", b'{"Responses": {}}'),
        ("load_observations", b'{"Responses": {"ledger": [{}]}}'),
        ("load_history", b"{}"),
        ("load_history", b'{"Items": [{}]}'),
        ("load_keys", b'{"Item": {"pk": {"S": "keys"}}}'),
    ],
)
def test_response_without_required_field_is_unavailable(
    client: Any, table: DynamoDBLedger, call: str, body: bytes
) -> None:
    with _respond_with(client, body), pytest.raises(LedgerUnavailableError):
        CALLS[call](table)


def test_response_without_item_means_no_state(client: Any, table: DynamoDBLedger) -> None:
    with _respond_with(client, b"{}"):
        assert table.load() is None


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_unknown_error_body_is_reported_by_status(client: Any, table: DynamoDBLedger, call: Any) -> None:
    with (
        _respond_with(client, b"<html>oops", status=403),
        pytest.raises(LedgerUnavailableError, match=r"The table ledger failed to .*\(403\)"),
    ):
        call(table)
