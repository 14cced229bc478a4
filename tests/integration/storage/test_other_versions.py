"""A deploy and its rollback over the same table: nothing is lost, and no users are moved."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from cognito_failover.common.errors import UnreadableStateError
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.model.drill import DrillOutcome
from cognito_failover.core.model.event import EventKind
from cognito_failover.core.preflight_result import PreflightResult
from cognito_failover.core.verdict import Verdict
from cognito_failover.probe.jwks_cache import EMPTY_JWKS
from cognito_failover.storage import state_schema
from cognito_failover.storage.dynamodb import DynamoDBLedger
from tests.integration.storage.conftest import TABLE
from tests.support.controller_harness import ControllerHarness, LossyLedger
from tests.support.fault_injector import Intercepted
from tests.unit.timeline.examples import make_sample

NOW = 1_800_000_000.0
NEWER_VERSION = state_schema.STATE_SCHEMA_VERSION + 1
SAVED_STATES = Path(__file__).parents[2] / "unit" / "storage" / "saved_states"


def make_world(table: DynamoDBLedger) -> ControllerHarness:
    """Return a controller whose ledger is the table."""
    world = ControllerHarness(latches=tuple(SteeredName), recovery_rounds=6)
    world.memory = cast("LossyLedger", table)
    world.ledger = cast("LossyLedger", Intercepted(table, "ledger", world.fault_injector))
    world.restart()
    return world.settle()


@contextmanager
def deploy_newer_version(world: ControllerHarness, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Run the newer version inside the block, and this one before and after it."""
    with monkeypatch.context() as newer:
        newer.setattr(state_schema, "STATE_SCHEMA_VERSION", NEWER_VERSION)
        migrations = {**state_schema.MIGRATIONS, NEWER_VERSION - 1: lambda fields: fields}
        newer.setattr(state_schema, "MIGRATIONS", migrations)
        world.restart()
        yield
    world.restart()


def read_item(client: Any, pk: str = "state") -> Any:
    return client.get_item(TableName=TABLE, Key={"pk": {"S": pk}, "sk": {"S": pk}})["Item"]


def start_drill(world: ControllerHarness) -> None:
    world.request("drill", kind="switchover", reason="monthly", token="d1", hold_seconds=60, mode="all-at-once")
    world.run(1)


def start_failback(world: ControllerHarness) -> None:
    world.set_primary(Verdict.SICK).run(8)
    world.set_primary(Verdict.HEALTHY).run(8)
    world.request("failback", reason="well again", token="f1")
    world.run(2)


REQUESTS: dict[str, dict[str, Any]] = {
    **{action: {"reason": "urgent", "token": action} for action in ("failover", "failback", "abort")},
    "pause": {"reason": "urgent", "minutes": 5},
    "acknowledge": {"reason": "urgent"},
    "status": {},
}


@pytest.mark.parametrize("start", [start_drill, start_failback])
def test_rollback_of_a_deploy_loses_no_move(
    client: Any, table: DynamoDBLedger, monkeypatch: pytest.MonkeyPatch, start: Any
) -> None:
    world = make_world(table)
    with deploy_newer_version(world, monkeypatch):
        start(world)
        assert world.state.move
        move_id = world.state.move.id
    saved, weights, latch_calls = read_item(client), world.weights, [*world.latches[SteeredName.RECORDS].set_calls]
    world.set_primary(Verdict.SICK)
    assert world.run(8) == "The ledger can't be read: no users are moved."
    for action, fields in REQUESTS.items():
        answer = world.request(action, **fields)
        assert answer["done"] is False
        assert answer["message"].startswith("Nothing was done. The table ledger holds a state that this version")
        for way_out in (f"schema_version is {NEWER_VERSION}", "Deploy the version that saved it", "break_glass.py"):
            assert way_out in answer["message"]
    assert read_item(client) == saved
    assert (world.weights, world.latches[SteeredName.RECORDS].set_calls) == (weights, latch_calls)
    world.set_primary(Verdict.HEALTHY)
    with deploy_newer_version(world, monkeypatch):
        world.run(60)
        assert world.request("status")["status"]["move"] is None
        assert world.weights == (255, 0)
        confirmed = [
            event.move.id
            for event in table.load_history(limit=100).events
            if event.kind is EventKind.MOVE_CONFIRMED and event.move
        ]
        assert move_id in confirmed
        if start is start_drill:
            assert world.state.last_drill
            assert world.state.last_drill.outcome is DrillOutcome.SUCCEEDED


def test_deploy_continues_the_drill_of_the_older_version(client: Any, table: DynamoDBLedger) -> None:
    world = make_world(table)
    body = SAVED_STATES.joinpath("schema_1", "drill-on-standby.json").read_text()
    client.put_item(TableName=TABLE, Item={**read_item(client), "body": {"S": body}})
    world.edit_weights(0, 255)
    for latch in world.latches.values():
        latch.set(thrown=True, revision="", version=1)
        latch.propagate()
    world.restart()
    world.run(1)
    assert world.state.drill
    assert json.loads(read_item(client)["body"]["S"])["schema_version"] == state_schema.STATE_SCHEMA_VERSION
    assert world.weights == (0, 255)
    world.run(120)
    assert world.state.last_drill
    assert world.state.last_drill.outcome is DrillOutcome.SUCCEEDED
    assert world.weights == (255, 0)


def test_state_with_unknown_field_is_kept(client: Any, table: DynamoDBLedger) -> None:
    world = make_world(table)
    item = read_item(client)
    item["body"]["S"] = item["body"]["S"][:-1] + ', "invented_later": 1}'
    client.put_item(TableName=TABLE, Item=item)
    world.restart()
    world.run(3)
    assert read_item(client) == item
    with pytest.raises(UnreadableStateError, match="does not know invented_later"):
        table.load()


def put_body(client: Any, pk: str, sk: str, body: object) -> None:
    client.put_item(TableName=TABLE, Item={"pk": {"S": pk}, "sk": {"S": sk}, "body": {"S": json.dumps(body)}})


UNREADABLE_EVENTS = [
    {"kind": "invented-later", "at": NOW, "message": "of an unknown kind"},
    {"kind": "paused", "at": "2027-01-15T08:00:00Z", "message": "with another type"},
    {"kind": "paused", "message": "without a time"},
]
NEWER_EVENT = {"kind": "paused", "at": NOW, "message": "with a new field", "invented_later": {"deep": 1}}


def test_status_counts_history_of_another_version(client: Any, table: DynamoDBLedger) -> None:
    world = make_world(table)
    for ordinal, event in enumerate([*UNREADABLE_EVENTS, NEWER_EVENT]):
        put_body(client, "history", f"2099-01-01T00:00:0{ordinal}Z", event)
    status = world.request("status")["status"]
    assert status["unreadable_history_entries"] == len(UNREADABLE_EVENTS)
    assert [entry["message"] for entry in status["history"]][:1] == ["with a new field"]
    answer = world.request("history", limit=2)
    assert (answer["done"], answer["unreadable_history_entries"], len(answer["history"])) == (True, 1, 1)
    between = table.load_history_between(since=4_070_908_800.0, until=4_070_908_900.0)
    assert [event.message for event in between] == ["with a new field"]


def test_reads_ignore_what_another_version_saved(client: Any, table: DynamoDBLedger) -> None:
    table.save_sample(make_sample(NOW))
    put_body(client, "timeline", f"{NOW + 1:015.3f}", {"at": NOW + 1, "invented_later": True})
    put_body(client, "preflight", "preflight", {"at": NOW, "findings": [{"check": "x", "severity": "invented"}]})
    put_body(client, "keys", "keys", {"invented_later": True})
    assert table.load_samples(since=NOW, until=NOW + 10) == (make_sample(NOW),)
    assert table.load_preflight() is None
    assert table.load_keys() == EMPTY_JWKS


def test_preflight_of_newer_version_is_read_without_its_new_fields(client: Any, table: DynamoDBLedger) -> None:
    put_body(client, "preflight", "preflight", {"at": NOW, "findings": [], "invented_later": 1})
    assert table.load_preflight() == PreflightResult(at=NOW, findings=())


def test_observation_of_another_version_has_no_vote(client: Any, table: DynamoDBLedger) -> None:
    world = make_world(table)
    world.ledger.save_observation(replace(world.prober.observe(world.state.backoffs)[0], observer="eu-west-1"))
    body = json.loads(read_observation(client)["body"]["S"])
    put_body(client, "observation#eu-west-1", "observation", {**body, "invented_later": 1})
    assert len(table.load_observations(("eu-west-1",))) == 1
    body["readings"]["primary"]["verdict"] = "invented-later"
    put_body(client, "observation#eu-west-1", "observation", body)
    assert table.load_observations(("eu-west-1",)) == ()


def read_observation(client: Any) -> Any:
    key = {"pk": {"S": "observation#eu-west-1"}, "sk": {"S": "observation"}}
    return client.get_item(TableName=TABLE, Key=key)["Item"]
