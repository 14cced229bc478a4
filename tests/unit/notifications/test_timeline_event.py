"""The event that a timeline is complete."""

import json
from typing import Any, cast

import pytest

from cognito_failover.notifications import channels
from cognito_failover.notifications.channels import TimelineEventPublisher
from cognito_failover.notifications.eventbridge_event import SOURCE, TIMELINE_DETAIL_TYPE, build_timeline_detail
from tests.support.event_schema import validate_event
from tests.support.settings import make_settings

NOW = 1_800_000_000.0


def test_one_event_is_put_on_the_configured_bus(monkeypatch: pytest.MonkeyPatch) -> None:
    entries: list[dict[str, Any]] = []

    class StubEventBus:
        def put_events(self, *, Entries: list[dict[str, Any]]) -> None:  # noqa: N803 - the service's names
            entries.extend(Entries)

    monkeypatch.setattr(channels, "create_short_timeout_client", lambda *_: cast("Any", StubEventBus()))
    TimelineEventPublisher(make_settings()).publish("to-us-east-1-1", NOW)
    [entry] = entries
    assert json.loads(entry["Detail"])["report"] == {"id": "to-us-east-1-1"}
    assert (entry["Source"], entry["DetailType"], entry["EventBusName"]) == (SOURCE, TIMELINE_DETAIL_TYPE, "default")


def test_repeated_event_has_the_same_id_and_matches_the_schema() -> None:
    first, repeat = (build_timeline_detail("to-us-east-1-1", make_settings(), at) for at in (NOW, NOW + 70))
    other = build_timeline_detail("to-us-east-1-2", make_settings(), NOW)
    validate_event(first)
    assert first["id"] == repeat["id"] != other["id"]
