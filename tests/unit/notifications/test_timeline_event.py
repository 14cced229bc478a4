"""The event that a timeline is complete."""

import json
from typing import Any, cast

import pytest

from cognito_failover.notifications import channels
from cognito_failover.notifications.channels import TimelineEventPublisher
from cognito_failover.notifications.eventbridge_event import SOURCE, TIMELINE_DETAIL_TYPE, build_timeline_detail
from tests.support.event_schema import validate_event
from tests.support.settings import make_settings
from tests.unit.docs.pages import ROOT

NOW = 1_800_000_000.0


def test_one_event_is_put_on_the_configured_bus(monkeypatch: pytest.MonkeyPatch) -> None:
    entries: list[dict[str, Any]] = []

    class StubEventBus:
        def put_events(self, *, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - the service's names
            entries.extend(Entries)
            return {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}

    monkeypatch.setattr(channels, "create_short_timeout_client", lambda *_: cast("Any", StubEventBus()))
    TimelineEventPublisher(make_settings()).publish("to-us-east-1-1", NOW)
    [entry] = entries
    assert json.loads(entry["Detail"])["report"] == {"id": "to-us-east-1-1"}
    assert (entry["Source"], entry["DetailType"], entry["EventBusName"]) == (SOURCE, TIMELINE_DETAIL_TYPE, "default")


def test_refused_entry_in_a_successful_answer_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class RefusingEventBus:
        def put_events(self, *, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - as above
            return {"FailedEntryCount": len(Entries), "Entries": [{"ErrorCode": "InternalFailure"}]}

    monkeypatch.setattr(channels, "create_short_timeout_client", lambda *_: cast("Any", RefusingEventBus()))
    with pytest.raises(channels.DeliveryError, match="InternalFailure"):
        TimelineEventPublisher(make_settings()).publish("to-us-east-1-1", NOW)


PARTIAL_FAILURES = {
    "put_events": "FailedEntryCount",
    "batch_get_item": "UnprocessedKeys",
    "batch_write_item": "UnprocessedItems",
    "publish_batch": "Failed",
    "send_message_batch": "Failed",
    "delete_message_batch": "Failed",
    "delete_objects": "Errors",
    "put_records": "FailedRecordCount",
    "put_record_batch": "FailedPutCount",
}
"""AWS calls that answer with status 200 when a part of them failed, with the field that says so."""


def test_every_batch_call_is_checked_for_a_partial_failure() -> None:
    folders = ("layers/failover/cognito_failover", "failoverctl", "functions", "scripts")
    sources = [path.read_text(encoding="utf-8") for folder in folders for path in (ROOT / folder).rglob("*.py")]
    calls = [
        (call, text.count(f".{call}("), text.count(f'"{field}"'))
        for call, field in PARTIAL_FAILURES.items()
        for text in sources
    ]
    assert {call for call, count, _ in calls if count} == {"put_events", "batch_get_item"}
    assert [call for call, count, checks in calls if count > checks] == []


def test_repeated_event_has_the_same_id_and_matches_the_schema() -> None:
    first, repeat = (build_timeline_detail("to-us-east-1-1", make_settings(), at) for at in (NOW, NOW + 70))
    other = build_timeline_detail("to-us-east-1-2", make_settings(), NOW)
    validate_event(first)
    assert first["id"] == repeat["id"] != other["id"]
