"""The event about a complete timeline, put on the bus."""

import json
from typing import Any, cast

import pytest

from failover.signals import timeline_event
from failover.signals.event import SOURCE
from failover.signals.timeline_event import DETAIL_TYPE, TimelineEvents
from tests.support.event_schema import hold_to_schema
from tests.support.settings import settings

NOW = 1_800_000_000.0


def test_one_event_is_put_on_the_controllers_bus(monkeypatch: pytest.MonkeyPatch) -> None:
    put: list[dict[str, Any]] = []

    class Bus:
        def put_events(self, *, Entries: list[dict[str, Any]]) -> None:  # noqa: N803 - the service's names
            put.extend(Entries)

    monkeypatch.setattr(timeline_event, "quick_client", lambda *_: cast("Any", Bus()))
    TimelineEvents(settings()).tell("to-us-east-1-1", NOW)
    [entry] = put
    assert json.loads(entry["Detail"])["report"] == {"id": "to-us-east-1-1"}
    assert (entry["Source"], entry["DetailType"], entry["EventBusName"]) == (SOURCE, DETAIL_TYPE, "default")


def test_told_again_it_has_the_same_id_and_keeps_to_the_schema() -> None:
    events = TimelineEvents(settings())
    first, again = (events.detail("to-us-east-1-1", at) for at in (NOW, NOW + 70))
    hold_to_schema(first)
    assert first["id"] == again["id"] != events.detail("to-us-east-1-2", NOW)["id"]
