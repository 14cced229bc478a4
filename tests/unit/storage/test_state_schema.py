"""The JSON of the saved state: older versions are migrated, and newer ones are refused."""

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings

from cognito_failover.core.model.event import Event
from cognito_failover.core.model.state import ControllerState
from cognito_failover.storage.state_schema import (
    MIGRATIONS,
    STATE_SCHEMA_VERSION,
    UnreadableFormatError,
    decode_state,
    encode_state,
)
from tests.support.state_strategies import states

SAVED_STATES = Path(__file__).parent / "saved_states"
SAMPLES = sorted(SAVED_STATES.glob("schema_*/*.json"))
"""States that older versions of the controller saved."""


def read_sample(name: str) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads((SAVED_STATES / "schema_1" / f"{name}.json").read_text())
    return fields


def list_differences(saved: object, loaded: object, path: str = "") -> Iterator[str]:
    """Yield the path of each saved value that is missing or different in the loaded ones."""
    if isinstance(saved, dict) and isinstance(loaded, dict):
        for name in saved:
            yield from list_differences(saved[name], loaded.get(name), f"{path}.{name}")
    elif isinstance(saved, list) and isinstance(loaded, list) and len(saved) == len(loaded):
        for ordinal, item in enumerate(saved):
            yield from list_differences(item, loaded[ordinal], f"{path}.{ordinal}")
    elif saved != loaded:
        yield path


@given(state=states)
@settings(max_examples=60)
def test_encoded_state_is_decoded_unchanged(state: ControllerState) -> None:
    assert decode_state(encode_state(state)) == state


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_state_of_older_version_keeps_each_value(path: Path) -> None:
    saved = json.loads(path.read_text())
    assert saved.pop("schema_version") < STATE_SCHEMA_VERSION
    loaded = json.loads(encode_state(decode_state(path.read_text())))
    assert loaded["schema_version"] == STATE_SCHEMA_VERSION
    assert list(list_differences(saved, loaded)) == []


def test_each_older_version_has_a_migration_and_a_sample() -> None:
    older_versions = list(range(1, STATE_SCHEMA_VERSION))
    assert list(MIGRATIONS) == older_versions
    assert sorted({json.loads(path.read_text())["schema_version"] for path in SAMPLES}) == older_versions


def test_event_of_older_version_is_read() -> None:
    saved = json.loads((SAVED_STATES / "history_of_schema_1.json").read_text())
    loaded = msgspec.to_builtins(msgspec.convert(saved, tuple[Event, ...]))
    assert list(list_differences(saved, json.loads(json.dumps(loaded)))) == []


@pytest.mark.parametrize("version", [STATE_SCHEMA_VERSION + 1, 99])
def test_newer_schema_version_is_refused_with_both_versions(version: int) -> None:
    body = json.dumps({**read_sample("paused"), "schema_version": version})
    message = f"its schema_version is {version}, and this version reads up to {STATE_SCHEMA_VERSION}"
    with pytest.raises(UnreadableFormatError, match=message):
        decode_state(body)


@pytest.mark.parametrize("version", [0, -1])
def test_schema_version_that_never_was_is_refused(version: int) -> None:
    body = json.dumps({**read_sample("paused"), "schema_version": version})
    with pytest.raises(UnreadableFormatError, match=f"its schema_version is {version}, which has no migration"):
        decode_state(body)


@pytest.mark.parametrize(
    "body", ["", "[]", "{}", "not JSON", '{"schema_version": 1}', '{"schema_version": "2"}', '{"schema_version": null}']
)
def test_malformed_state_is_refused(body: str) -> None:
    with pytest.raises(UnreadableFormatError, match=f"this version reads schema_version {STATE_SCHEMA_VERSION}"):
        decode_state(body)


def test_state_without_schema_version_is_refused() -> None:
    fields = read_sample("paused")
    del fields["schema_version"]
    with pytest.raises(UnreadableFormatError):
        decode_state(json.dumps(fields))


UNKNOWN_FIELDS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "invented": lambda state: state,
    "move.invented": lambda state: state["move"],
    "move.progress.intent.invented": lambda state: state["move"]["progress"]["intent"],
    "latches.records.invented": lambda state: state["latches"]["records"],
    "streaks.primary.invented": lambda state: state["streaks"]["primary"],
    "undelivered_events.invented": lambda state: state["undelivered_events"][-1],
    "completed_requests.invented": lambda state: state["completed_requests"][0],
}


@pytest.mark.parametrize("path", UNKNOWN_FIELDS)
def test_field_that_this_version_would_erase_is_refused(path: str) -> None:
    fields = json.loads(encode_state(decode_state(json.dumps(read_sample("failback-in-steps")))))
    UNKNOWN_FIELDS[path](fields)["invented"] = None
    with pytest.raises(UnreadableFormatError, match=f"this version does not know {path}$"):
        decode_state(json.dumps(fields))


def test_field_inside_a_free_form_value_is_no_unknown_field() -> None:
    fields = json.loads(encode_state(decode_state(json.dumps(read_sample("failback-in-steps")))))
    changed = copy.deepcopy(fields)
    changed["completed_requests"][0]["answer"]["invented"] = {"deep": [1]}
    changed["move"]["progress"]["intent"]["before"][0]["Invented"] = 1
    loaded = json.loads(encode_state(decode_state(json.dumps(changed))))
    assert loaded == changed
