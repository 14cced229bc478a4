"""The event about a complete timeline, put on the bus."""

import json
from typing import Any, cast

import pytest

from cognito_failover.notifications import timeline_event
from cognito_failover.notifications.eventbridge_event import SOURCE
from cognito_failover.notifications.timeline_event import DETAIL_TYPE, TimelineEventPublisher
from tests.support.event_schema import validate_event
from tests.support.settings import make_settings

NOW = 1_800_000_000.0


def test_one_event_is_put_on_controller_bus(monkeypatch: pytest.MonkeyPatch) -> None:
    put: list[dict[str, Any]] = []

    class StubEventBus:
        def put_events(self, *, Entries: list[dict[str, Any]]) -> None:  # noqa: N803 - the service's names
            put.extend(Entries)

    monkeypatch.setattr(timeline_event, "create_short_timeout_client", lambda *_: cast("Any", StubEventBus()))
    TimelineEventPublisher(make_settings()).publish("to-us-east-1-1", NOW)
    [entry] = put
    assert json.loads(entry["Detail"])["report"] == {"id": "to-us-east-1-1"}
    assert (entry["Source"], entry["DetailType"], entry["EventBusName"]) == (SOURCE, DETAIL_TYPE, "default")


def test_repeated_event_has_same_id_and_matches_schema() -> None:
    events = TimelineEventPublisher(make_settings())
    first, again = (events.build_detail("to-us-east-1-1", at) for at in (NOW, NOW + 70))
    validate_event(first)
    assert first["id"] == again["id"] != events.build_detail("to-us-east-1-2", NOW)["id"]
