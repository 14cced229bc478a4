"""What only the ledger in DynamoDB can run into."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ConnectTimeoutError

from failover.decision.announcement import Announcement, Kind
from failover.decision.state import State
from failover.errors import LedgerConflictError, LedgerUnavailableError
from failover.ledger.dynamodb import DynamoDBLedger
from failover.region import Side, all_to
from tests.integration.ledger.conftest import TABLE
from tests.integration.ledger.test_ledger_contract import seen_from
from tests.integration.lever.sandboxed import Content

NOW = 1_800_000_000.0
STATE = State(born_at=NOW, active=Side.PRIMARY, active_since=NOW, weights=all_to(Side.PRIMARY))
CALLS = {
    "load": lambda ledger: ledger.load(),
    "save": lambda ledger: ledger.save(STATE, expected=None),
    "save-with-history": lambda ledger: ledger.save(STATE, expected=None, announcements=[_told(NOW)]),
    "take_lease": lambda ledger: ledger.take_lease("me", now=NOW, seconds=20),
    "give_up_lease": lambda ledger: ledger.give_up_lease("me"),
    "observations": lambda ledger: ledger.observations(("eu-west-1",)),
    "history": lambda ledger: ledger.history(limit=1),
    "load_keys": lambda ledger: ledger.load_keys(),
}


def _told(at: float) -> Announcement:
    return Announcement(kind=Kind.PAUSED, at=at, sentence="paused")


@contextmanager
def _silent(client: Any) -> Iterator[None]:
    def give_up(**_: Any) -> None:
        raise ConnectTimeoutError(endpoint_url="dynamodb")

    client.meta.events.register_first("before-send.dynamodb", give_up)
    yield
    client.meta.events.unregister("before-send.dynamodb", give_up)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_missing_table_is_out_of_reach_and_named(client: Any, call: Any) -> None:
    with pytest.raises(LedgerUnavailableError, match=r"The table elsewhere failed to .*ResourceNotFound"):
        call(DynamoDBLedger(client, "elsewhere"))


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_silence_is_out_of_reach(client: Any, table: DynamoDBLedger, call: Any) -> None:
    with _silent(client), pytest.raises(LedgerUnavailableError, match=f"The table {TABLE} failed to .*timeout"):
        call(table)


@pytest.mark.parametrize("body", ["", "{}", "not JSON", '{"born_at": "yesterday"}', '{"active": "third"}'])
def test_a_state_that_cannot_be_read_is_not_lost_state(client: Any, table: DynamoDBLedger, body: str) -> None:
    item = {"pk": {"S": "state"}, "sk": {"S": "state"}, "version": {"N": "3"}, "body": {"S": body or " "}}
    client.put_item(TableName=TABLE, Item=item)
    with pytest.raises(LedgerUnavailableError, match=r"State that this version can't read .* or delete the item"):
        table.load()


def test_a_state_of_a_later_version_with_more_in_it_is_read(client: Any, table: DynamoDBLedger) -> None:
    table.save(STATE, expected=None)
    item = client.get_item(TableName=TABLE, Key={"pk": {"S": "state"}, "sk": {"S": "state"}})["Item"]
    item["body"]["S"] = item["body"]["S"][:-1] + ', "invented_later": 1}'
    client.put_item(TableName=TABLE, Item=item)
    loaded = table.load()
    assert loaded
    assert loaded.state == STATE


def test_history_expires_after_four_hundred_days(client: Any, table: DynamoDBLedger) -> None:
    table.save(STATE, expected=None, announcements=[_told(NOW)])
    items = client.query(
        TableName=TABLE, KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": {"S": "history"}}
    )["Items"]
    assert [item["expires_at"] for item in items] == [{"N": str(int(NOW) + 400 * 86_400)}]


def test_a_transaction_lost_to_another_writer_is_a_conflict(client: Any, table: DynamoDBLedger) -> None:
    saved = table.save(STATE, expected=None)
    other = DynamoDBLedger(client, TABLE)
    other.save(STATE, expected=saved.version, announcements=[_told(NOW)])
    with pytest.raises(LedgerConflictError, match=f"no longer at version {saved.version}"):
        table.save(STATE, expected=saved.version, announcements=[_told(NOW + 1)])
    assert len(table.history(limit=10)) == 1


def test_more_announcements_than_a_transaction_takes_do_not_keep_the_state_from_being_saved(
    table: DynamoDBLedger,
) -> None:
    saved = table.save(STATE, expected=None, announcements=[_told(NOW + number) for number in range(120)])
    assert table.load() == saved
    assert len(table.history(limit=200)) == 99


LIAR, HONEST = "eu-west-1", "us-west-2"


def _observation_item(observer: str, body: str) -> dict[str, Any]:
    return {"pk": {"S": f"observation#{observer}"}, "sk": {"S": "observation"}, "body": {"S": body}}


@pytest.mark.parametrize(
    "body",
    [
        "not JSON",
        "{}",
        msgspec.json.encode(seen_from(HONEST, NOW)).decode(),
        msgspec.json.encode(seen_from(LIAR, NOW)).decode() + 10_000 * " ",
    ],
    ids=["nonsense", "incomplete", "in-anothers-name", "too-long"],
)
def test_an_observer_that_writes_what_it_must_not_is_silent_and_silences_nobody(
    client: Any, table: DynamoDBLedger, body: str
) -> None:
    table.put_observation(seen_from(HONEST, NOW))
    client.put_item(TableName=TABLE, Item=_observation_item(LIAR, body))
    assert table.observations((LIAR, HONEST)) == (seen_from(HONEST, NOW),)


def test_an_observation_without_a_body_is_silence(client: Any, table: DynamoDBLedger) -> None:
    item = _observation_item(LIAR, "")
    del item["body"]
    client.put_item(TableName=TABLE, Item=item)
    assert table.observations((LIAR,)) == ()


def test_observations_left_unread_by_a_busy_table_are_out_of_reach(client: Any, table: DynamoDBLedger) -> None:
    def leave_unread(parsed: dict[str, Any], **_: Any) -> None:
        parsed["UnprocessedKeys"] = {TABLE: {"Keys": []}}

    client.meta.events.register("after-call.dynamodb.BatchGetItem", leave_unread)
    with pytest.raises(LedgerUnavailableError, match="too busy to read all observations"):
        table.observations((HONEST,))


@contextmanager
def _answering(client: Any, body: bytes, *, status: int = 200) -> Iterator[None]:
    def answer(request: Any, **_: Any) -> AWSResponse:
        return AWSResponse(request.url, status, HTTPHeaders(), Content(body))

    client.meta.events.register_first("before-send.dynamodb", answer)
    yield
    client.meta.events.unregister("before-send.dynamodb", answer)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "answered 200 in place of the table is not DynamoDB"),
        (b"<html>oops", "answered 200 in place of the table is not DynamoDB"),
        (b"[]", "in the table ledger failed in a way that nobody foresaw"),
        (b'"Item"', "in the table ledger failed in a way that nobody foresaw"),
    ],
)
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_what_is_no_answer_of_dynamodbs_is_neither_lost_state_nor_a_save(
    client: Any, table: DynamoDBLedger, call: Any, body: bytes, said: str
) -> None:
    with _answering(client, body), pytest.raises(LedgerUnavailableError, match=said):
        call(table)


@pytest.mark.parametrize(
    ("call", "body"),
    [
        ("load", b'{"Item": {}}'),
        ("load", b'{"Item": {"body": {"S": "{}"}}}'),
        ("load", b'{"Item": {"body": {"N": "1"}, "version": {"N": "1"}}}'),
        ("observations", b"{}"),
        ("observations", b'{"Responses": {}}'),
        ("observations", b'{"Responses": {"ledger": [{}]}}'),
        ("history", b"{}"),
        ("history", b'{"Items": [{}]}'),
        ("load_keys", b'{"Item": {"pk": {"S": "keys"}}}'),
    ],
)
def test_an_answer_that_lacks_what_it_must_hold_is_no_answer(
    client: Any, table: DynamoDBLedger, call: str, body: bytes
) -> None:
    with _answering(client, body), pytest.raises(LedgerUnavailableError):
        CALLS[call](table)


def test_an_answer_that_names_no_item_says_that_there_is_none(client: Any, table: DynamoDBLedger) -> None:
    with _answering(client, b"{}"):
        assert table.load() is None


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_an_error_in_words_that_are_not_dynamodbs_is_told_by_its_status(
    client: Any, table: DynamoDBLedger, call: Any
) -> None:
    with (
        _answering(client, b"<html>oops", status=403),
        pytest.raises(LedgerUnavailableError, match=r"The table ledger failed to .*\(403\)"),
    ):
        call(table)
